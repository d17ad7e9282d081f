#include "engine/journal/journal.h"

#include "tests/engine/journal/support.h"

namespace yard::journal {
namespace {

using Bodies = std::vector<std::string>;

TEST(Journal, BeginsEmpty) {
  MemoryDisk disk;
  Journal journal = opened(disk);
  EXPECT_EQ(journal.position(), 0u);
  EXPECT_EQ(journal.chain(), 0u);
  EXPECT_EQ(journal.snapshot_position(), 0u);
  EXPECT_EQ(bodies(journal), Bodies());
  EXPECT_TRUE(journal.closed_segments().empty());
}

TEST(Journal, WhatWasWrittenComesBackInOrder) {
  MemoryDisk disk;
  std::uint64_t chain = 0;
  {
    Journal journal = opened(disk);
    put(journal, "one");
    ASSERT_TRUE(journal.append("two and three", 2).has_value());
    ASSERT_TRUE(journal.append("", 1).has_value());
    EXPECT_EQ(bodies(journal), Bodies({"one"})) << "what is not written is not there";
    ASSERT_TRUE(journal.close().has_value());
    chain = journal.chain();
  }
  Journal journal = opened(disk);
  EXPECT_EQ(journal.position(), 4u);
  EXPECT_EQ(journal.durable_position(), 4u);
  EXPECT_EQ(journal.chain(), chain);
  EXPECT_EQ(bodies(journal), Bodies({"one", "two and three", ""}));
  put(journal, "five");
  EXPECT_EQ(bodies(journal, 4), Bodies({"", "five"}));
}

TEST(Journal, ReplayGivesPositionsAndWholeEntries) {
  MemoryDisk disk;
  Journal journal = opened(disk);
  ASSERT_TRUE(journal.append("123", 3).has_value());
  ASSERT_TRUE(journal.append("45", 2).has_value());
  ASSERT_TRUE(journal.write().has_value());
  std::vector<std::pair<std::uint64_t, std::uint32_t>> seen;
  ASSERT_TRUE(journal.replay(2, [&](const EntryView& entry) -> Status {
    seen.emplace_back(entry.first, entry.count);
    return {};
  }));
  EXPECT_EQ(seen, (std::vector<std::pair<std::uint64_t, std::uint32_t>>{{1, 3}, {4, 2}}));
  EXPECT_EQ(bodies(journal, 4), Bodies({"45"}));
  EXPECT_EQ(bodies(journal, 6), Bodies());
}

TEST(Journal, AVisitorStopsTheReplay) {
  MemoryDisk disk;
  Journal journal = opened(disk);
  put(journal, "a");
  put(journal, "b");
  int visited = 0;
  const Status status = journal.replay(1, [&](const EntryView&) -> Status {
    ++visited;
    return fail(ErrorCode::kBadRequest, "enough");
  });
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().message, "enough");
  EXPECT_EQ(visited, 1);
}

TEST(Journal, PositionsFollowTheRecordFromMemoryToDisk) {
  MemoryDisk disk;
  Journal journal = opened(disk);
  ASSERT_TRUE(journal.append("a", 1).has_value());
  EXPECT_EQ(journal.position(), 1u);
  EXPECT_EQ(journal.written_position(), 0u);
  ASSERT_TRUE(journal.write().has_value());
  EXPECT_EQ(journal.written_position(), 1u);
  EXPECT_EQ(journal.durable_position(), 0u);
  ASSERT_TRUE(journal.sync().has_value());
  EXPECT_EQ(journal.durable_position(), 1u);
  const std::uint64_t operations = disk.operations();
  ASSERT_TRUE(journal.sync().has_value());
  ASSERT_TRUE(journal.write().has_value());
  EXPECT_EQ(disk.operations(), operations) << "nothing to do";
}

TEST(Journal, WhatIsAppendedTogetherIsOneWrite) {
  MemoryDisk disk;
  Journal journal = opened(disk);
  const std::uint64_t before = disk.operations();
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(journal.append("x", 1).has_value());
  ASSERT_TRUE(journal.write().has_value());
  EXPECT_EQ(disk.operations(), before + 1);
}

TEST(Journal, SegmentsFollowEachOther) {
  for (const bool preallocate : {false, true}) {
    MemoryDisk disk;
    const JournalOptions options{.segment_bytes = 256, .preallocate = preallocate, .owner = kOwner};
    Bodies expected;
    {
      Journal journal = opened(disk, options);
      for (int i = 0; i < 20; ++i) {
        expected.push_back("body " + std::to_string(i));
        put(journal, expected.back());
      }
      EXPECT_EQ(disk.content(segment(1)).size(), 64 + 4 * 40u) << "a closed segment has no space left over";
      EXPECT_EQ(journal.closed_segments(), (std::vector<std::uint64_t>{1, 5, 9, 13}));
    }
    Journal journal = opened(disk, options);
    EXPECT_EQ(bodies(journal), expected);
    EXPECT_EQ(bodies(journal, 18), Bodies(expected.end() - 3, expected.end()));
    put(journal, "more");
    EXPECT_EQ(journal.position(), 21u);
  }
}

TEST(Journal, AWriteLargerThanASegmentHasOneToItself) {
  MemoryDisk disk;
  const JournalOptions options{.segment_bytes = 128, .owner = kOwner};
  const std::string large(1'000'000, 'x');  // and larger than the reader's buffer
  {
    Journal journal = opened(disk, options);
    put(journal, large);
    put(journal, "small");
    put(journal, large);
    ASSERT_TRUE(journal.close().has_value());
  }
  Journal journal = opened(disk, options);
  EXPECT_EQ(bodies(journal), Bodies({large, "small", large}));
}

TEST(Journal, ClosingAgainAndAgainAddsOneSealOnly) {
  MemoryDisk disk;
  const JournalOptions options{.segment_bytes = 100, .owner = kOwner};
  ASSERT_TRUE(opened(disk, options).close().has_value());
  EXPECT_EQ(disk.content(segment(1)).size(), 64u) << "nothing to seal";
  {
    Journal journal = opened(disk, options);
    put(journal, "a");
    ASSERT_TRUE(journal.close().has_value());
  }
  // The seal had to go into a segment of its own.
  const Bytes sealed = disk.content(segment(2));
  EXPECT_EQ(sealed.size(), 96u);
  ASSERT_TRUE(opened(disk, options).close().has_value());
  EXPECT_EQ(disk.content(segment(2)), sealed);
  Journal journal = opened(disk, options);
  put(journal, "b");  // does not fit beside the seal, but a segment of that name is there
  EXPECT_EQ(bodies(journal), Bodies({"a", "b"}));
  Journal again = opened(disk, options);
  EXPECT_EQ(bodies(again), Bodies({"a", "b"}));
}

TEST(Journal, RefusesChangesOnceClosed) {
  MemoryDisk disk;
  Journal journal = opened(disk);
  put(journal, "a");
  ASSERT_TRUE(journal.close().has_value());
  EXPECT_FALSE(journal.append("b", 1).has_value());
  EXPECT_FALSE(journal.write().has_value());
  EXPECT_FALSE(journal.sync().has_value());
  EXPECT_FALSE(journal.begin_snapshot(1).has_value());
  EXPECT_EQ(bodies(journal), Bodies({"a"}));
}

TEST(Journal, ReadOnlyChangesNothing) {
  MemoryDisk disk;
  {
    Journal journal = opened(disk);
    put(journal, "a");
  }
  disk.put(segment(1), disk.content(segment(1)) + "torn");
  disk.put(temporary_name(FileKind::kSegment, 9), "left over");
  const std::uint64_t before = disk.operations();
  Journal journal = opened(disk, {.read_only = true});
  EXPECT_EQ(bodies(journal), Bodies({"a"}));
  EXPECT_EQ(journal.owner(), kOwner);
  EXPECT_FALSE(journal.append("b", 1).has_value());
  EXPECT_TRUE(journal.close().has_value());
  EXPECT_EQ(disk.operations(), before);
  MemoryDisk empty;
  Journal nothing = opened(empty, {.read_only = true});
  EXPECT_EQ(bodies(nothing), Bodies());
  EXPECT_TRUE(empty.list()->empty());
}

TEST(Journal, RefusesAnotherOwners) {
  MemoryDisk disk;
  {
    Journal journal = opened(disk);
    put(journal, "a");
    EXPECT_EQ(refused(disk, {.owner = kOwner + 1}).code, ErrorCode::kConflict);
    ASSERT_TRUE(take_snapshot(journal, 1, "s").has_value());
  }
  EXPECT_EQ(refused(disk, {.owner = kOwner + 1}).code, ErrorCode::kConflict);
}

TEST(Journal, AClosedSegmentCanBeReadByItself) {
  MemoryDisk disk;
  Journal journal = opened(disk, {.segment_bytes = 128, .owner = kOwner});
  for (const char* body : {"a", "b", "c"}) put(journal, body);
  Bodies found;
  for (const std::uint64_t first : journal.closed_segments()) {
    ASSERT_TRUE(read_segment(disk, first, [&](const EntryView& entry) -> Status {
      found.emplace_back(entry.body);
      return {};
    }));
  }
  EXPECT_EQ(found, Bodies({"a", "b"}));
  const Status gone = read_segment(disk, 99, [](const EntryView&) -> Status { return {}; });
  ASSERT_FALSE(gone.has_value());
  EXPECT_EQ(gone.error().code, ErrorCode::kTruncated);
}

}  // namespace
}  // namespace yard::journal
