// What opening does with a log that is not as it was left.
#include <gmock/gmock.h>

#include "engine/journal/verify.h"
#include "tests/engine/journal/support.h"

namespace yard::journal {
namespace {

using Bodies = std::vector<std::string>;

// Entries of `bodies`, each synced before the next, then a crash or an orderly end.
enum class End : std::uint8_t { kCrash, kClosed };
Bytes log_of(const Bodies& texts, End end) {
  MemoryDisk disk;
  Journal journal = opened(disk);
  for (const std::string& text : texts) put(journal, text);
  if (end == End::kClosed) EXPECT_TRUE(journal.close().has_value());
  return disk.content(segment(1));
}

void expect_cut(const Bytes& damaged, const Bodies& expected) {
  MemoryDisk disk;
  disk.put(segment(1), damaged);
  {
    Journal journal = opened(disk);
    EXPECT_EQ(bodies(journal), expected);
    put(journal, "new");
  }
  Journal journal = opened(disk);
  Bodies with_new = expected;
  with_new.emplace_back("new");
  EXPECT_EQ(bodies(journal), with_new);
}

const Bodies kThree = {"the first", "the second one", "the third"};
const Bodies kTwo(kThree.begin(), kThree.end() - 1);

TEST(JournalRecovery, ATornTailIsCutAtEveryByte) {
  const Bytes whole = log_of(kThree, End::kCrash);
  const std::size_t last = log_of(kTwo, End::kCrash).size();
  for (std::size_t size = last; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    expect_cut(whole.substr(0, size), kTwo);
    // As a preallocated file is torn: zeros, or what was there before.
    expect_cut(whole.substr(0, size) + Bytes(100, '\0'), size + 7 < whole.size() ? kTwo : kThree);
    expect_cut(whole.substr(0, size) + Bytes(100, 'x'), kTwo);
  }
}

TEST(JournalRecovery, AHoleInTheTailCutsWhatCameAfterItToo) {
  MemoryDisk disk;
  {
    Journal journal = opened(disk);
    put(journal, "durable");
    for (const char* text : {"lost", "arrived"}) ASSERT_TRUE(journal.append(text, 1).has_value());
    ASSERT_TRUE(journal.write().has_value());
  }
  Bytes torn = disk.content(segment(1));
  std::fill_n(torn.begin() + 64 + 40, 40, '\0');
  expect_cut(torn, {"durable"});
}

TEST(JournalRecovery, WhatWasCutDoesNotComeBackWhenItsPlaceIsTakenByTheSameEntry) {
  MemoryDisk disk;
  {
    Journal journal = opened(disk);
    put(journal, "durable");
    for (const char* text : {"again", "ghost"}) ASSERT_TRUE(journal.append(text, 1).has_value());
    ASSERT_TRUE(journal.write().has_value());
  }
  Bytes torn = disk.content(segment(1));
  torn[64 + 40 + 33] = 'X';
  disk.put(segment(1), torn);
  {
    Journal journal = opened(disk);
    put(journal, "again");
  }
  Journal journal = opened(disk);
  EXPECT_EQ(bodies(journal), Bodies({"durable", "again"}));
}

TEST(JournalRecovery, EveryFlippedByteOfAMiddleEntryIsRefusedAndNamed) {
  const std::size_t begin = log_of({kThree[0]}, End::kCrash).size();
  const std::size_t end = log_of(kTwo, End::kCrash).size();
  const Bytes whole = log_of(kThree, End::kCrash);
  for (std::size_t at = begin; at < end; ++at) {
    MemoryDisk disk;
    Bytes damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    disk.put(segment(1), damaged);
    const Error error = refused(disk);
    EXPECT_EQ(error.code, ErrorCode::kBadFrame) << at;
    EXPECT_TRUE(error.message.starts_with(segment(1) + ": byte " + std::to_string(begin) + ": ")) << error.message;
    EXPECT_EQ(disk.content(segment(1)), damaged) << "left as it is";
  }
}

TEST(JournalRecovery, AfterAnOrderlyEndEveryFlippedByteIsRefused) {
  const Bytes whole = log_of(kThree, End::kClosed);
  const std::size_t seal = whole.size() - kEntryHeadBytes;
  for (std::size_t at = 0; at < seal; ++at) {
    MemoryDisk disk;
    Bytes damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x80);
    disk.put(segment(1), damaged);
    EXPECT_EQ(refused(disk).code, ErrorCode::kBadFrame) << at;
  }
}

TEST(JournalRecovery, AWipedSectorOfWhatWasDurableIsRefused) {
  Bytes damaged = log_of({std::string(500, 'a'), std::string(1'000, 'b'), "c"}, End::kCrash);
  std::fill_n(damaged.begin() + 512, 512, '\0');
  MemoryDisk disk;
  disk.put(segment(1), damaged);
  EXPECT_EQ(refused(disk).code, ErrorCode::kBadFrame);
}

TEST(JournalRecovery, ABodyThatLooksLikeAnEntryDoesNotCount) {
  // An attacker's body: an entry whose head says that everything was durable, of another owner.
  Bytes forged;
  append_entry(forged, {.count = 1, .durable = 1'000}, "gotcha", kOwner + 1);
  const Bytes whole = log_of({"first", forged}, End::kCrash);
  expect_cut(whole.substr(0, whole.size() - 1) + "x", {"first"});
}

class JournalRecoveryOfSegments : public ::testing::Test {
 protected:
  void SetUp() override {
    Journal journal = opened(disk_, options_);
    for (int i = 1; i <= 6; ++i) put(journal, "body");
    ASSERT_TRUE(journal.close().has_value());
    ASSERT_EQ(journal.closed_segments(), (std::vector<std::uint64_t>{1, 3, 5}));
  }
  MemoryDisk disk_;
  JournalOptions options_{.segment_bytes = 64 + 2 * 40, .owner = kOwner};
};

TEST_F(JournalRecoveryOfSegments, AMissingSegmentIsRefused) {
  for (const std::uint64_t first : {1u, 3u, 5u}) {
    const Bytes kept = disk_.content(segment(first));
    ASSERT_TRUE(disk_.remove(segment(first)).has_value());
    const Error error = refused(disk_, options_);
    EXPECT_EQ(error.code, ErrorCode::kTruncated);
    EXPECT_THAT(error.message, ::testing::HasSubstr(segment(first)));
    disk_.put(segment(first), kept);
  }
  Journal journal = opened(disk_, options_);
  EXPECT_EQ(bodies(journal).size(), 6u);
}

TEST_F(JournalRecoveryOfSegments, ATornSegmentThatIsNotTheLastIsRefused) {
  const Bytes whole = disk_.content(segment(3));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    disk_.put(segment(3), BytesView(whole).substr(0, size));
    const bool between_entries = size == 64 || size == 64 + 40;  // then it is records that are missing
    EXPECT_EQ(refused(disk_, options_).code, between_entries ? ErrorCode::kTruncated : ErrorCode::kBadFrame) << size;
  }
}

TEST_F(JournalRecoveryOfSegments, ASegmentOfAnotherChainIsRefused) {
  disk_.put(segment(3), encode_file_header({.position = 3, .chain = 1, .owner = kOwner}));
  EXPECT_THAT(refused(disk_, options_).message, ::testing::HasSubstr("does not fit the chain"));
  disk_.put(segment(3), encode_file_header({.position = 3, .chain = 1, .owner = kOwner + 1}));
  EXPECT_EQ(refused(disk_, options_).code, ErrorCode::kConflict);
  disk_.put(segment(3), disk_.content(segment(5)));
  EXPECT_THAT(refused(disk_, options_).message, ::testing::HasSubstr("name"));
}

TEST_F(JournalRecoveryOfSegments, LeftoversAreRemoved) {
  disk_.put(temporary_name(FileKind::kSegment, 7), "half");
  disk_.put(temporary_name(FileKind::kSnapshot, 2), "half");
  disk_.put("notes.txt", "not ours");
  opened(disk_, options_);
  EXPECT_EQ(disk_.list()->size(), 5u);
  EXPECT_EQ(disk_.content("notes.txt"), "not ours");
}

// ---- verify

TEST_F(JournalRecoveryOfSegments, VerifyCountsWhatIsThere) {
  const std::uint64_t before = disk_.operations();
  const VerifyReport report = verify(disk_);
  EXPECT_EQ(report.segments, 4u);
  EXPECT_EQ(report.entries, 7u);
  EXPECT_EQ(report.records, 6u);
  EXPECT_EQ(report.bytes, 4 * 64 + 6 * 40 + 32u);
  EXPECT_EQ(report.last_position, 6u);
  EXPECT_EQ(report.torn_tail_bytes, 0u);
  EXPECT_TRUE(report.sealed);
  EXPECT_FALSE(report.damage.has_value());
  EXPECT_EQ(disk_.operations(), before);
}

TEST_F(JournalRecoveryOfSegments, VerifyNamesTheFirstDamage) {
  Bytes damaged = disk_.content(segment(3));
  damaged[64 + 40 + 33] = 'X';
  disk_.put(segment(3), damaged);
  const VerifyReport report = verify(disk_);
  ASSERT_TRUE(report.damage.has_value());
  EXPECT_EQ(report.damage->file, segment(3));
  EXPECT_EQ(report.damage->offset, 64 + 40u);
  EXPECT_EQ(report.records, 3u);
  EXPECT_EQ(report.last_position, 3u);
  EXPECT_FALSE(report.sealed);
}

TEST_F(JournalRecoveryOfSegments, VerifyTellsATornTail) {
  disk_.put(segment(7), disk_.content(segment(7)) + "torn" + Bytes(50, '\0'));
  const VerifyReport report = verify(disk_);
  EXPECT_FALSE(report.damage.has_value());
  EXPECT_EQ(report.torn_tail_bytes, 4u);
  EXPECT_EQ(report.last_position, 6u);
}

TEST(JournalVerify, AnEmptyFolderIsWhole) {
  MemoryDisk disk;
  const VerifyReport report = verify(disk);
  EXPECT_EQ(report.segments, 0u);
  EXPECT_FALSE(report.damage.has_value());
}

}  // namespace
}  // namespace yard::journal
