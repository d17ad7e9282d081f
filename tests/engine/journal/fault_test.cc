// What the journal does when the disk does not do what it should.
#include "tests/engine/journal/support.h"
#include "tests/support/seed.h"

namespace yard::journal {
namespace {

using Bodies = std::vector<std::string>;

// Appends one body after the other, each written and synced, and tries again what was refused. Returns how the
// first refusal was called; `accepted` are those that must be there.
DiskError fail_at(MemoryDisk& disk, Journal& journal, std::uint64_t n, DiskError kind, Bodies& accepted) {
  disk.fail_operation(n, kind);
  for (int i = 0; i < 12; ++i) {
    const std::string body = "body " + std::to_string(i);
    const std::uint64_t position = journal.position();
    const std::uint64_t chain = journal.chain();
    DiskStatus status = journal.append(body, 1);
    if (status) status = journal.append(body, 1);
    if (status) status = journal.write();
    if (!status && status.error().kind == DiskError::kFull) {
      EXPECT_EQ(journal.position(), position);
      EXPECT_EQ(journal.chain(), chain);
      EXPECT_EQ(journal.durable_position(), position);
      EXPECT_TRUE(journal.append(body, 1).has_value());
      EXPECT_TRUE(journal.append(body, 1).has_value());
      status = journal.write();
    }
    if (!status) return status.error().kind;
    if (status = journal.sync(); !status) return status.error().kind;
    accepted.insert(accepted.end(), 2, body);
  }
  return DiskError::kNotFound;
}

TEST(JournalFault, AFullDiskAtAnyOperationRefusesAndGoesOn) {
  for (const bool preallocate : {false, true}) {
    const JournalOptions options{.segment_bytes = 400, .preallocate = preallocate, .owner = kOwner};
    std::uint64_t went_on = 0;
    for (std::uint64_t n = 1;; ++n) {
      SCOPED_TRACE(n);
      MemoryDisk disk;
      std::optional<Journal> journal = opened(disk, options);
      const std::uint64_t before = disk.operations();
      Bodies accepted;
      const DiskError end = fail_at(disk, *journal, n, DiskError::kFull, accepted);
      const bool fired = disk.operations() - before >= n;
      went_on += end == DiskError::kNotFound;
      SeededRandom random(n);
      journal.reset();
      disk.crash(random);
      Journal again = opened(disk, options);
      Bodies found = bodies(again);
      // A sync that failed for want of space ends the journal, and may have left two more.
      if (end == DiskError::kFailed) found.resize(std::min(found.size(), accepted.size()));
      EXPECT_EQ(found, accepted);
      if (::testing::Test::HasFailure()) return;
      if (!fired) break;
    }
    EXPECT_GT(went_on, 12u);
  }
}

TEST(JournalFault, AFailureAtAnyOperationEndsItAndLosesNothing) {
  const JournalOptions options{.segment_bytes = 400, .preallocate = true, .owner = kOwner};
  for (std::uint64_t n = 1;; ++n) {
    SCOPED_TRACE(n);
    MemoryDisk disk;
    std::optional<Journal> journal = opened(disk, options);
    const std::uint64_t before = disk.operations();
    Bodies accepted;
    const DiskError end = fail_at(disk, *journal, n, DiskError::kFailed, accepted);
    if (disk.operations() - before < n) break;
    EXPECT_EQ(end, DiskError::kFailed);
    EXPECT_FALSE(journal->append("x", 1).has_value());
    EXPECT_FALSE(journal->write().has_value());
    EXPECT_FALSE(journal->sync().has_value());
    EXPECT_FALSE(journal->close().has_value());
    journal.reset();
    SeededRandom random(n);
    disk.crash(random);
    Journal again = opened(disk, options);
    Bodies found = bodies(again);
    EXPECT_GE(found.size(), accepted.size());
    found.resize(accepted.size());
    EXPECT_EQ(found, accepted);
  }
}

TEST(JournalFault, AFailedSyncIsNeverTriedAgain) {
  MemoryDisk disk;
  Journal journal = opened(disk);
  ASSERT_TRUE(journal.append("a", 1).has_value());
  ASSERT_TRUE(journal.write().has_value());
  disk.fail_syncs(true);
  ASSERT_FALSE(journal.sync().has_value());
  disk.fail_syncs(false);
  const std::uint64_t operations = disk.operations();
  const DiskStatus again = journal.sync();
  ASSERT_FALSE(again.has_value());
  EXPECT_EQ(again.error().kind, DiskError::kFailed);
  EXPECT_EQ(disk.operations(), operations);
  EXPECT_EQ(journal.durable_position(), 0u);
}

TEST(JournalFault, ASegmentWhoseNameWasNotSyncedIsOnceItIsOpened) {
  const JournalOptions options{.segment_bytes = 64 + 40, .owner = kOwner};
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    MemoryDisk disk;
    {
      Journal journal = opened(disk, options);
      put(journal, "a");
      ASSERT_TRUE(journal.append("b", 1).has_value());
      disk.fail_operation(7, DiskError::kFailed);  // cut, sync; create, header, sync, rename, the folder's sync
      ASSERT_FALSE(journal.write().has_value());
      ASSERT_EQ(disk.content(segment(2)).size(), 64u);
    }
    {
      Journal journal = opened(disk, options);
      put(journal, "c");
    }
    SeededRandom random(seed);
    disk.crash(random);
    Journal journal = opened(disk, options);
    ASSERT_EQ(bodies(journal), Bodies({"a", "c"}));
  }
}

TEST(JournalFault, ADiskThatIsFullForLongTakesWhatFitsOnceThereIsRoom) {
  MemoryDisk disk;
  Journal journal = opened(disk, {.segment_bytes = 300, .owner = kOwner});
  disk.set_capacity(1'000);
  Bodies accepted;
  for (int i = 0; i < 60; ++i) {
    if (i == 50) disk.set_capacity(10'000);
    const std::string body = "body " + std::to_string(i);
    ASSERT_TRUE(journal.append(body, 1).has_value());
    const DiskStatus status = journal.write();
    if (status) accepted.push_back(body);
    if (!status) ASSERT_EQ(status.error().kind, DiskError::kFull);
  }
  EXPECT_EQ(accepted.back(), "body 59");
  EXPECT_LT(accepted.size(), 50u);
  EXPECT_EQ(bodies(journal), accepted);
  Journal again = opened(disk);
  EXPECT_EQ(bodies(again), accepted);
}

}  // namespace
}  // namespace yard::journal
