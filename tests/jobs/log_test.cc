#include "jobs/log.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/hex.h"

namespace yard::jobs {
namespace {

constexpr WallTime kTime{Nanos(0x0102030405060708)};
const JobId kJob(*parse_uuid("00112233445566778899aabbccddeeff"));

RecordBatch sample() {
  RecordBatch batch;
  batch.append({.kind = RecordKind::kSubmitted, .grade = Grade::kBuffered, .job = kJob, .lsn = 258, .time = kTime},
               "first");
  batch.append({.kind = RecordKind::kEnded}, "");
  return batch;
}

TEST(RecordBatch, HasTheBytesItSays) {
  EXPECT_EQ(hex(sample().bytes()),
            "01010000"
            "05000000"
            "00112233445566778899aabbccddeeff"
            "0201000000000000"
            "0807060504030201"
            "6669727374"
            "04000000"
            "00000000"
            "00000000000000000000000000000000"
            "0000000000000000"
            "0000000000000000");
}

TEST(RecordBatch, ComesBackInOrder) {
  const RecordBatch batch = sample();
  EXPECT_EQ(batch.count(), 2u);
  std::vector<RecordKind> kinds;
  ASSERT_TRUE(each_record(batch.bytes(), [&](const Record& record) -> Status {
    kinds.push_back(record.head.kind);
    if (record.head.kind != RecordKind::kSubmitted) return {};
    EXPECT_EQ(record.head.job, kJob);
    EXPECT_EQ(record.head.grade, Grade::kBuffered);
    EXPECT_EQ(record.head.lsn, 258u);
    EXPECT_EQ(record.head.time, kTime);
    EXPECT_EQ(record.body, "first");
    return {};
  }));
  EXPECT_EQ(kinds, (std::vector{RecordKind::kSubmitted, RecordKind::kEnded}));
}

TEST(RecordBatch, AsksForTheStrongestGradeInIt) {
  RecordBatch batch;
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.grade(), Grade::kVolatile);
  batch.append({.kind = RecordKind::kChanged, .grade = Grade::kSynced, .job = kJob}, "");
  batch.append({.kind = RecordKind::kChanged, .job = kJob}, "");
  EXPECT_EQ(batch.grade(), Grade::kSynced);
  batch.clear();
  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(batch.grade(), Grade::kVolatile);
  EXPECT_EQ(batch.bytes(), "");
}

TEST(RecordBatch, EveryTornPrefixIsRefused) {
  const RecordBatch batch = sample();
  constexpr std::size_t kFirst = 40 + 5;
  for (std::size_t length = 0; length <= batch.bytes().size(); ++length) {
    std::size_t visited = 0;
    const Status status = each_record(batch.bytes().substr(0, length), [&](const Record&) -> Status {
      ++visited;
      return {};
    });
    const bool whole = length == 0 || length == kFirst || length == batch.bytes().size();
    EXPECT_EQ(status.has_value(), whole) << length;
    if (!status) {
      EXPECT_EQ(status.error().code, ErrorCode::kBadFrame);
    }
    EXPECT_EQ(visited, length < kFirst ? 0u : length < batch.bytes().size() ? 1u : 2u);
  }
}

TEST(MemoryLog, CommitsAtOnceAndEmptiesTheBatch) {
  MemoryLog log;
  RecordBatch batch = sample();
  log.append(0, batch, 2);
  EXPECT_TRUE(batch.empty());
  std::vector<Commit> commits;
  log.completions(commits);
  ASSERT_EQ(commits.size(), 1u);
  EXPECT_EQ(commits[0].outcome, CommitOutcome::kCommitted);
  EXPECT_EQ(commits[0].position, 2u);
  log.completions(commits);
  EXPECT_TRUE(commits.empty()) << "each is told once";
}

TEST(MemoryLog, FencesAnOlderEpochAndKeepsNothingOfIt) {
  MemoryLog log(/*keep_records=*/true);
  RecordBatch batch = sample();
  log.append(2, batch, 2);
  batch.append({.kind = RecordKind::kChanged, .job = kJob}, "late");
  log.append(1, batch, 3);
  std::vector<Commit> commits;
  log.completions(commits);
  ASSERT_EQ(commits.size(), 2u);
  EXPECT_EQ(commits[1].outcome, CommitOutcome::kFenced);
  std::size_t kept = 0;
  ASSERT_TRUE(log.replay([&](const Record& record) -> Status {
    ++kept;
    EXPECT_NE(record.body, "late");
    return {};
  }));
  EXPECT_EQ(kept, 2u);
}

TEST(MemoryLog, KeepsNothingUnlessAsked) {
  MemoryLog log;
  RecordBatch batch = sample();
  log.append(0, batch, 2);
  ASSERT_TRUE(log.replay([](const Record&) { return fail(ErrorCode::kInternal, "kept"); }));
}

}  // namespace
}  // namespace yard::jobs
