#include "engine/journal/snapshot.h"

#include <gmock/gmock.h>

#include <thread>

#include "engine/journal/verify.h"
#include "tests/engine/journal/support.h"

namespace yard::journal {
namespace {

using Bodies = std::vector<std::string>;

class JournalSnapshot : public ::testing::Test {
 protected:
  MemoryDisk disk_;
  JournalOptions options_{.segment_bytes = 64 + 2 * 40, .owner = kOwner};  // two entries
};

TEST_F(JournalSnapshot, ComesBackAndTheLogGoesOnBehindIt) {
  {
    Journal journal = opened(disk_, options_);
    for (const char* body : {"a", "b", "c"}) put(journal, body);
    auto writer = journal.begin_snapshot(2);
    ASSERT_TRUE(writer.has_value());
    for (const char* chunk : {"state ", "of ", "two"}) ASSERT_TRUE(writer->append(chunk).has_value());
    ASSERT_TRUE(writer->seal().has_value());
    ASSERT_TRUE(journal.finish_snapshot(*std::move(writer)).has_value());
    EXPECT_EQ(journal.snapshot_position(), 2u);
    put(journal, "d");
  }
  Journal journal = opened(disk_, options_);
  EXPECT_EQ(journal.snapshot_position(), 2u);
  EXPECT_EQ(snapshot_text(journal), "state of two");
  EXPECT_EQ(bodies(journal, 3), Bodies({"c", "d"}));
}

TEST_F(JournalSnapshot, RemovesWhatItReplaces) {
  Journal journal = opened(disk_, options_);
  for (const char* body : {"a", "b", "c", "d", "e"}) put(journal, body);
  ASSERT_TRUE(take_snapshot(journal, 1, "one").has_value());
  EXPECT_EQ(disk_.list()->size(), 4u) << "three segments, the first still holds 2";
  ASSERT_TRUE(take_snapshot(journal, 2, "two").has_value());
  EXPECT_EQ(disk_.content(segment(1)), "");
  ASSERT_TRUE(take_snapshot(journal, 5, "five").has_value());
  EXPECT_THAT(*disk_.list(), ::testing::UnorderedElementsAre(segment(5), snapshot(2), snapshot(5)));
  EXPECT_EQ(journal.replay(4, [](const EntryView&) -> Status { return {}; }).error().code, ErrorCode::kTruncated);
  put(journal, "f");
  Journal again = opened(disk_, options_);
  EXPECT_EQ(bodies(again, 6), Bodies({"f"}));
}

TEST_F(JournalSnapshot, OfAPositionThatIsNoDurableEndOfAnEntryIsRefused) {
  Journal journal = opened(disk_, options_);
  ASSERT_TRUE(journal.append("ab", 2).has_value());
  ASSERT_TRUE(journal.append("c", 1).has_value());
  ASSERT_TRUE(journal.write().has_value());
  EXPECT_FALSE(journal.begin_snapshot(2).has_value()) << "not durable";
  ASSERT_TRUE(journal.sync().has_value());
  for (const std::uint64_t position : {0u, 1u, 4u}) {
    const auto writer = journal.begin_snapshot(position);
    ASSERT_FALSE(writer.has_value()) << position;
    EXPECT_EQ(writer.error().code, ErrorCode::kInvalidArguments);
  }
  ASSERT_TRUE(take_snapshot(journal, 3, "three").has_value());
  EXPECT_FALSE(journal.begin_snapshot(2).has_value()) << "before the newest";
  EXPECT_TRUE(take_snapshot(journal, 3, "three again").has_value());
  EXPECT_EQ(snapshot_text(journal), "three again");
}

TEST_F(JournalSnapshot, ASealBetweenItAndTheNextSegmentDoesNotMatter) {
  {
    Journal journal = opened(disk_, options_);
    put(journal, "a");
    put(journal, "b");
    ASSERT_TRUE(journal.close().has_value());
  }
  {
    Journal journal = opened(disk_, options_);
    put(journal, "c");  // in a new segment
    ASSERT_TRUE(take_snapshot(journal, 2, "two").has_value());
    EXPECT_EQ(disk_.content(segment(1)), "");
  }
  Journal journal = opened(disk_, options_);
  EXPECT_EQ(snapshot_text(journal), "two");
  EXPECT_EQ(bodies(journal, 3), Bodies({"c"}));
}

TEST_F(JournalSnapshot, DroppedItLeavesNothing) {
  Journal journal = opened(disk_, options_);
  put(journal, "a");
  {
    auto writer = journal.begin_snapshot(1);
    ASSERT_TRUE(writer.has_value());
    ASSERT_TRUE(writer->append("chunk").has_value());
  }
  EXPECT_THAT(*disk_.list(), ::testing::ElementsAre(segment(1)));
}

TEST_F(JournalSnapshot, AFullDiskCostsTheSnapshotOnly) {
  Journal journal = opened(disk_, options_);
  put(journal, "a");
  for (std::uint64_t n = 1;; ++n) {
    disk_.fail_operation(n, DiskError::kFull);
    const DiskStatus status = take_snapshot(journal, 1, "chunk");
    if (status) break;
    ASSERT_LT(n, 10u);
    disk_.fail_operation(0, DiskError::kFull);
    if (n == 7) break;  // the folder's sync: the journal's end
    put(journal, "b");
  }
  EXPECT_FALSE(journal.append("c", 1).has_value());
}

TEST_F(JournalSnapshot, ADamagedOneFallsBackWhileTheLogIsThere) {
  {
    Journal journal = opened(disk_, {.owner = kOwner});
    for (const char* body : {"a", "b", "c"}) put(journal, body);
    ASSERT_TRUE(take_snapshot(journal, 1, "one").has_value());
    ASSERT_TRUE(take_snapshot(journal, 2, "two").has_value());
  }
  const Bytes whole = disk_.content(snapshot(2));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    disk_.put(snapshot(2), damaged);
    Journal journal = opened(disk_);
    EXPECT_EQ(journal.snapshot_position(), 1u);
    EXPECT_EQ(snapshot_text(journal), "one");
    EXPECT_EQ(bodies(journal, 2), Bodies({"b", "c"}));
    const VerifyReport report = verify(disk_);
    ASSERT_TRUE(report.damage.has_value());
    EXPECT_EQ(report.damage->file, snapshot(2));
    EXPECT_EQ(report.snapshots, (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(report.last_position, 3u);
  }
  for (std::size_t size = 0; size < whole.size(); ++size) {
    disk_.put(snapshot(2), BytesView(whole).substr(0, size));
    EXPECT_EQ(opened(disk_).snapshot_position(), 1u) << size;
  }
  disk_.put(snapshot(1), "damaged too");
  Journal journal = opened(disk_);
  EXPECT_EQ(journal.snapshot_position(), 0u) << "the log holds everything";
  EXPECT_EQ(bodies(journal), Bodies({"a", "b", "c"}));
  ASSERT_TRUE(take_snapshot(journal, 3, "three").has_value());
  EXPECT_EQ(opened(disk_).snapshot_position(), 3u);
  EXPECT_THAT(*disk_.list(), ::testing::UnorderedElementsAre(segment(1), snapshot(3))) << "the damaged ones are gone";
}

TEST_F(JournalSnapshot, ADamagedOneIsRefusedOnceTheLogIsGone) {
  {
    Journal journal = opened(disk_, options_);
    for (const char* body : {"a", "b", "c"}) put(journal, body);
    ASSERT_TRUE(take_snapshot(journal, 1, "one").has_value());
    ASSERT_TRUE(take_snapshot(journal, 3, "three").has_value());
  }
  Bytes damaged = disk_.content(snapshot(3));
  damaged.back() = 'x';
  disk_.put(snapshot(3), damaged);
  const Error error = refused(disk_);
  EXPECT_EQ(error.code, ErrorCode::kBadFrame);
  EXPECT_THAT(error.message, ::testing::HasSubstr(snapshot(3)));
}

TEST_F(JournalSnapshot, OneThatTheLogDoesNotReachIsRefused) {
  {
    Journal journal = opened(disk_, {.owner = kOwner});
    for (const char* body : {"a", "b"}) put(journal, body);
    ASSERT_TRUE(take_snapshot(journal, 2, "two").has_value());
  }
  const Bytes log = disk_.content(segment(1));
  disk_.put(segment(1), BytesView(log).substr(0, log.size() - 1));
  EXPECT_THAT(refused(disk_).message, ::testing::HasSubstr("a snapshot says that it was durable"));
  disk_.put(segment(1), BytesView(log).substr(0, log.size() - 40));
  EXPECT_THAT(refused(disk_).message, ::testing::HasSubstr("does not hold"));
  ASSERT_TRUE(disk_.remove(segment(1)).has_value());
  EXPECT_EQ(refused(disk_).code, ErrorCode::kTruncated);
}

TEST(JournalSnapshotConcurrent, IsWrittenBesideTheLog) {
  MemoryDisk disk;
  const JournalOptions options{.segment_bytes = 1'000, .owner = kOwner};
  {
    Journal journal = opened(disk, options);
    for (int i = 0; i < 100; ++i) put(journal, "before");
    auto writer = journal.begin_snapshot(50);
    ASSERT_TRUE(writer.has_value());
    {
      const std::jthread snapshot([&] {
        for (int i = 0; i < 200; ++i) ASSERT_TRUE(writer->append("chunk").has_value());
        ASSERT_TRUE(writer->seal().has_value());
      });
      const std::jthread compactor([&disk, closed = journal.closed_segments()] {
        std::size_t read = 0;
        for (const std::uint64_t first : closed) {
          ASSERT_TRUE(read_segment(disk, first, [&](const EntryView&) -> Status {
            ++read;
            return {};
          }));
        }
        EXPECT_GT(read, 80u);
      });
      for (int i = 0; i < 100; ++i) put(journal, "meanwhile");
    }
    ASSERT_TRUE(journal.finish_snapshot(*std::move(writer)).has_value());
  }
  Journal journal = opened(disk, options);
  EXPECT_EQ(snapshot_text(journal).size(), 200 * 5u);
  EXPECT_EQ(bodies(journal, 51).size(), 150u);
}

}  // namespace
}  // namespace yard::journal
