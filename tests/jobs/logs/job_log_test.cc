// What every backend of the log must do, and what the journal does beyond it.
#include <gtest/gtest.h>
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "jobs/broker_records.h"
#include "jobs/logs/journal_log.h"
#include "jobs/schedule.h"
#include "tests/support/seed.h"
#include "tests/support/temp_dir.h"

namespace yard::jobs {
namespace {

JobId job_of(std::uint8_t number) {
  Uuid uuid;
  uuid.octets[0] = number;
  return JobId(uuid);
}

// A log that can be closed and opened again.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual void open() = 0;
  [[nodiscard]] virtual JobLog& log() = 0;
};

class MemoryBackend final : public Backend {
 public:
  void open() override {}
  [[nodiscard]] JobLog& log() override { return log_; }

 private:
  MemoryLog log_{/*keep_records=*/true};
};

class JournalBackend final : public Backend {
 public:
  explicit JournalBackend(JournalLogOptions options = {.segment_bytes = 64 << 10}) : options_(options) {}
  void open() override {
    log_.reset();
    auto opened = JournalLog::open(dir_.path(), options_);
    ASSERT_TRUE(opened) << to_string(opened.error());
    log_ = *std::move(opened);
  }
  [[nodiscard]] JobLog& log() override { return *log_; }
  [[nodiscard]] JournalLog& journal_log() { return *log_; }
  [[nodiscard]] const std::filesystem::path& path() const { return dir_.path(); }
  void close() { log_.reset(); }

 private:
  yard::testing::TempDir dir_;
  JournalLogOptions options_;
  std::unique_ptr<JournalLog> log_;
};

// A writer of records that waits for what it wrote.
class Session {
 public:
  explicit Session(Backend& backend, bool fresh = false) : backend_(backend) {
    if (!fresh) backend.open();
    const auto last = backend.log().replay([&](const Record& record) -> Status {
      replayed.push_back({record.head.job, record.head.lsn, Bytes(record.body)});
      return {};
    });
    EXPECT_TRUE(last) << to_string(last.error());
    position = last ? *last : 0;
    epoch = backend.log().last_epoch() + 1;
  }

  void append(RecordKind kind, JobId job, Grade grade = Grade::kBuffered, BytesView body = "\x90") {
    batch_.append({.kind = kind, .grade = grade, .job = job, .lsn = ++position, .time = WallTime(Nanos(1))}, body);
  }
  void send() { backend_.log().append(epoch, batch_, position); }

  // Until everything sent is decided.
  void settle() {
    std::vector<Commit> commits;
    while (committed < position && outcome == CommitOutcome::kCommitted) {
      backend_.log().completions(commits);
      for (const Commit& commit : commits) {
        outcome = commit.outcome;
        EXPECT_GE(commit.position, committed) << "in order";
        committed = commit.position;
      }
      if (committed >= position || !backend_.log().prepare_to_wait()) continue;
      pollfd readable{backend_.log().wake_fd(), POLLIN, 0};
      ASSERT_EQ(poll(&readable, 1, 20'000), 1) << "nothing came";
      backend_.log().clear_wake();
    }
  }

  struct Seen {
    JobId job;
    LogPosition lsn;
    Bytes body;
    bool operator==(const Seen&) const = default;
  };
  std::vector<Seen> replayed;
  std::uint64_t epoch = 0;
  LogPosition position = 0;
  LogPosition committed = 0;
  CommitOutcome outcome = CommitOutcome::kCommitted;

 private:
  Backend& backend_;
  RecordBatch batch_;
};

using MakeBackend = std::unique_ptr<Backend> (*)();

class JobLogConcurrent : public ::testing::TestWithParam<MakeBackend> {
 protected:
  std::unique_ptr<Backend> backend_ = GetParam()();
};

TEST_P(JobLogConcurrent, ANewOneIsEmpty) {
  const Session session(*backend_);
  EXPECT_TRUE(session.replayed.empty());
  EXPECT_EQ(session.position, 0u);
  EXPECT_EQ(session.epoch, 1u);
}

TEST_P(JobLogConcurrent, CommitsWhatItTakesInOrderAtEveryGrade) {
  Session session(*backend_);
  for (const Grade grade : {Grade::kVolatile, Grade::kBuffered, Grade::kSynced, Grade::kBuffered}) {
    for (int i = 0; i < 50; ++i) session.append(RecordKind::kSubmitted, job_of(1), grade);
    session.send();
  }
  session.settle();
  EXPECT_EQ(session.outcome, CommitOutcome::kCommitted);
  EXPECT_EQ(session.committed, 200u);
}

TEST_P(JobLogConcurrent, GivesBackWhatWasCommittedInItsOrder) {
  std::vector<Session::Seen> expected;
  {
    Session session(*backend_);
    for (std::uint8_t i = 1; i <= 9; ++i) {
      const Bytes body = "\xA1" + Bytes(1, static_cast<char>('a' + i));
      session.append(RecordKind::kSubmitted, job_of(i), Grade::kSynced, body);
      expected.push_back({job_of(i), i, body});
      if (i % 3 == 0) session.send();
    }
    session.settle();
  }
  Session again(*backend_);
  EXPECT_EQ(again.replayed, expected);
  EXPECT_EQ(again.position, 9u);
  again.append(RecordKind::kChanged, job_of(1));
  again.send();
  again.settle();
  EXPECT_EQ(Session(*backend_).replayed.size(), 10u) << "and goes on behind it";
}

TEST_P(JobLogConcurrent, AnOlderEpochIsFencedAndLeavesNothing) {
  Session session(*backend_);
  session.epoch = 7;
  session.append(RecordKind::kSubmitted, job_of(1));
  session.send();
  session.settle();
  session.epoch = 6;
  session.append(RecordKind::kSubmitted, job_of(2));
  session.send();
  session.settle();
  EXPECT_EQ(session.outcome, CommitOutcome::kFenced);
  const Session again(*backend_);
  ASSERT_EQ(again.replayed.size(), 1u);
  EXPECT_EQ(again.replayed[0].job, job_of(1));
  EXPECT_EQ(again.epoch, 8u);
}

TEST_P(JobLogConcurrent, PositionsMayHaveHoles) {
  Session session(*backend_);
  session.append(RecordKind::kSubmitted, job_of(1));
  session.send();
  session.position += 10;  // volatile jobs count and leave no record
  session.append(RecordKind::kSubmitted, job_of(2), Grade::kSynced);
  session.send();
  session.settle();
  EXPECT_EQ(session.committed, 12u);
  EXPECT_EQ(Session(*backend_).position, 12u);
}

INSTANTIATE_TEST_SUITE_P(Memory, JobLogConcurrent, ::testing::Values(+[]() -> std::unique_ptr<Backend> {
                           return std::make_unique<MemoryBackend>();
                         }));
INSTANTIATE_TEST_SUITE_P(Journal, JobLogConcurrent, ::testing::Values(+[]() -> std::unique_ptr<Backend> {
                           return std::make_unique<JournalBackend>();
                         }));

// ---- the journal

TEST(JournalLogConcurrent, ASecondOneOnTheFolderIsRefused) {
  JournalBackend backend;
  const Session session(backend);
  const auto second = JournalLog::open(backend.path(), {});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
}

TEST(JournalLogConcurrent, VerifyTellsOfAClosedOne) {
  JournalBackend backend;
  {
    Session session(backend);
    session.append(RecordKind::kSubmitted, job_of(1), Grade::kSynced);
    session.send();
    session.settle();
  }
  backend.close();
  const auto report = verify_log(backend.path());
  ASSERT_TRUE(report);
  EXPECT_EQ(report->records, 1u);
  EXPECT_TRUE(report->sealed);
  EXPECT_FALSE(report->damage);
}

TEST(JournalLogConcurrent, CompactionKeepsWhatIsNotForgottenAndFreesTheRest) {
  JournalBackend backend({.segment_bytes = 32 << 10, .compact_bytes = 128 << 10});
  const Bytes body = "\xC4\x80" + Bytes(128, 'b');
  std::vector<Session::Seen> kept;
  {
    Session session(backend);
    for (int round = 0; round < 400; ++round) {
      // One of ten stays; the same ids are used again and again.
      const auto number = static_cast<std::uint8_t>(round % 200);
      const bool stays = round >= 200 && round % 10 == 0;
      session.append(RecordKind::kSubmitted, job_of(number), Grade::kBuffered, body);
      if (stays) kept.push_back({job_of(number), session.position, body});
      session.append(RecordKind::kEnded, job_of(number), Grade::kBuffered, body);
      if (stays) kept.push_back({job_of(number), session.position, body});
      if (!stays) session.append(RecordKind::kForgotten, job_of(number), Grade::kVolatile);
      session.send();
      session.settle();
    }
    // What is compacted lags behind: go on until it has been at work.
    while (backend.journal_log().compactions() == 0) {
      session.append(RecordKind::kSubmitted, job_of(250), Grade::kBuffered, body);
      session.append(RecordKind::kForgotten, job_of(250), Grade::kVolatile);
      session.send();
      session.settle();
    }
  }
  Session again(backend);
  std::map<JobId, std::vector<Session::Seen>> live;
  for (const Session::Seen& seen : again.replayed) {
    if (seen.body == "\x90") {
      live.erase(seen.job);
    } else {
      live[seen.job].push_back(seen);
    }
  }
  std::vector<Session::Seen> found;
  for (const auto& [job, seen] : live) found.insert(found.end(), seen.begin(), seen.end());
  std::ranges::sort(found, {}, &Session::Seen::lsn);
  EXPECT_EQ(found, kept);
  const auto of_rounds =
      std::ranges::count_if(again.replayed, [](const auto& seen) { return seen.job != job_of(250); });
  EXPECT_LT(of_rounds, 1'000) << "the forgotten ones are gone from the disk";
  again.append(RecordKind::kSubmitted, job_of(251), Grade::kSynced);
  again.send();
  again.settle();
  EXPECT_EQ(again.outcome, CommitOutcome::kCommitted);
}

TEST(JournalLogConcurrent, CompactionKeepsTheNewestTombstones) {
  JournalBackend backend({.segment_bytes = 8 << 10, .compact_bytes = 32 << 10, .tombstones_max = 3});
  std::uint8_t last = 0;
  {
    Session session(backend);
    while (backend.journal_log().compactions() == 0 || last < 100) {
      const JobId job = job_of(++last % 200);
      session.append(RecordKind::kSubmitted, job, Grade::kBuffered, "\xC4\x80" + Bytes(128, 'b'));
      session.append(RecordKind::kForgotten, job, Grade::kVolatile);
      session.send();
      session.settle();
    }
  }
  // Behind the snapshot there are whole segments; within it, three.
  Session again(backend);
  std::size_t in_snapshot = 0;
  for (const Session::Seen& seen : again.replayed) {
    if (seen.body != "\x90") break;
    ++in_snapshot;
  }
  EXPECT_EQ(in_snapshot, 3u);
}

TEST(JournalLogConcurrent, CompactionKeepsTheNewestOfTheBrokersOwn) {
  JournalBackend backend({.segment_bytes = 32 << 10, .compact_bytes = 128 << 10});
  const auto text = [](std::string_view kind, std::uint64_t number) {
    return "\xC4\x80" + Bytes(100, 'b') + Bytes(kind) + std::to_string(number);
  };
  std::uint64_t audited = 0;
  {
    Session session(backend);
    for (std::uint64_t round = 0; round < 2 * kAuditKept || backend.journal_log().compactions() == 0; ++round) {
      session.append(RecordKind::kPaused, {}, Grade::kSynced, text("pauses", round));
      session.append(RecordKind::kSpent, subject_of(round % 2 ? "ada" : "bob"), Grade::kBuffered, text("spent", round));
      session.append(RecordKind::kAudited, {}, Grade::kBuffered, text("audit", round));
      session.send();
      session.settle();
      audited = round + 1;
    }
  }
  Session again(backend);
  std::map<JobId, Bytes> last;
  std::size_t entries = 0;
  for (const Session::Seen& seen : again.replayed) {
    const bool is_entry = seen.body.find("audit") != Bytes::npos;
    entries += is_entry;
    if (!is_entry) last[seen.job] = seen.body;
  }
  EXPECT_EQ(last[JobId()], text("pauses", audited - 1));
  const bool odd = (audited - 1) % 2 == 1;
  EXPECT_EQ(last[subject_of(odd ? "ada" : "bob")], text("spent", audited - 1));
  EXPECT_EQ(last[subject_of(odd ? "bob" : "ada")], text("spent", audited - 2));
  EXPECT_GE(entries, kAuditKept);
  EXPECT_LT(again.replayed.size(), 3 * audited) << "older ones are gone from the disk";
}

TEST(JournalLogConcurrent, CompactionKeepsSchedulesAndTheirNewestProgress) {
  JournalBackend backend({.segment_bytes = 32 << 10, .compact_bytes = 128 << 10});
  const Bytes padding = "\xC4\x80" + Bytes(120, 'b');
  const JobId daily = subject_of("ada", "daily");
  const JobId removed = subject_of("ada", "removed");
  std::uint64_t rounds = 0;
  {
    Session session(backend);
    session.append(RecordKind::kScheduled, daily, Grade::kSynced, "daily");
    for (; rounds < 500 || backend.journal_log().compactions() == 0; ++rounds) {
      session.append(RecordKind::kFired, daily, Grade::kBuffered, padding + std::to_string(rounds));
      session.append(RecordKind::kScheduled, removed, Grade::kBuffered, padding);
      session.append(RecordKind::kFired, removed, Grade::kBuffered, padding);
      session.append(RecordKind::kUnscheduled, removed, Grade::kBuffered, padding);
      session.send();
      session.settle();
    }
  }
  Session again(backend);
  ASSERT_GE(again.replayed.size(), 2u);
  EXPECT_EQ(again.replayed[0].body, "daily");
  EXPECT_EQ(again.replayed[1].job, daily) << "the snapshot's newest progress; all else of it is gone";
  EXPECT_NE(again.replayed[1].body, padding + "0");
  EXPECT_LT(again.replayed.size(), 4 * rounds);
  Bytes newest;
  for (const Session::Seen& seen : again.replayed) {
    if (seen.job == daily) newest = seen.body;
  }
  EXPECT_EQ(newest, padding + std::to_string(rounds - 1));
}

}  // namespace
}  // namespace yard::jobs
