#include "jobs/history/history.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "engine/base/pack.h"
#include "jobs/records.h"
#include "tests/support/temp_dir.h"

namespace yard::jobs {
namespace {

const std::stop_token kGoOn;

JobId job_of(std::uint8_t number) { return JobId(Uuid{.octets = {number}}); }

// A folder with a log of jobs and its history.
class HistoryConcurrent : public ::testing::Test {
 protected:
  void SetUp() override { open({.segment_bytes = 32 << 10, .compact_bytes = 128 << 10}); }

  void open(const JournalLogOptions& options) {
    history_.reset();
    log_.reset();
    auto log = JournalLog::open(dir_.path(), options);
    ASSERT_TRUE(log) << to_string(log.error());
    log_ = *std::move(log);
    auto history = History::open(file(), *log_);
    ASSERT_TRUE(history) << to_string(history.error());
    history_ = *std::move(history);
    log_->before_compaction([this](const std::stop_token& stop) { EXPECT_TRUE(history_->catch_up(stop)); });
    const auto last = log_->replay([](const Record&) { return Status(); });
    ASSERT_TRUE(last);
    position_ = *last;
  }

  // The log's threads end before the history that they tell.
  void TearDown() override { log_.reset(); }

  [[nodiscard]] std::filesystem::path file() const { return dir_.path() / "history.sqlite"; }

  void append(RecordKind kind, JobId job, std::int64_t time_ms, auto&& write) {
    Bytes body;
    PackWriter writer(body);
    write(writer);
    const WallTime time{Millis(time_ms)};
    batch_.append({.kind = kind, .grade = Grade::kBuffered, .job = job, .lsn = ++position_, .time = time}, body);
  }

  void submit(std::uint8_t number, std::string_view tool, std::int64_t time_ms, std::string_view principal = "local") {
    Job job({.id = job_of(number), .tool = tool, .principal = principal}, names_);
    append(RecordKind::kSubmitted, job.id, time_ms, [&](PackWriter& writer) { write_submitted(writer, job); });
  }
  void run(std::uint8_t number, std::int64_t time_ms) {
    Job job({.id = job_of(number)}, names_);
    job.state = JobState::kRunning;
    job.attempt = 1;
    append(RecordKind::kChanged, job.id, time_ms, [&](PackWriter& writer) { write_changed(writer, job); });
  }
  void fail_with(std::uint8_t number, std::string_view message, std::int64_t time_ms) {
    Bytes body;
    PackWriter packed(body);
    {
      PackMap map(packed);
      map.string("state", "failed");
      map.map("error").string("name", "tool_failed").string("message", message);
    }
    append(RecordKind::kEnded, job_of(number), time_ms,
           [&](PackWriter& writer) { write_ended(writer, JobState::kFailed, body); });
  }
  void forget(std::uint8_t number) {
    append(RecordKind::kForgotten, job_of(number), 0, [](PackWriter& writer) { writer.array(0); });
  }

  // Until the log has all of it.
  void commit() {
    log_->append(log_->last_epoch() + 1, batch_, position_);
    std::vector<Commit> commits;
    for (LogPosition committed = 0; committed < position_;) {
      log_->completions(commits);
      if (!commits.empty()) committed = commits.back().position;
      if (committed >= position_ || !log_->prepare_to_wait()) continue;
      pollfd readable{log_->wake_fd(), POLLIN, 0};
      ASSERT_EQ(poll(&readable, 1, 20'000), 1) << "nothing came";
      log_->clear_wake();
    }
  }

  [[nodiscard]] std::vector<PastJob> find(const HistoryQuery& query) {
    EXPECT_TRUE(history_->catch_up(kGoOn));
    auto found = history_->find(query);
    EXPECT_TRUE(found);
    return found ? *std::move(found) : std::vector<PastJob>();
  }

  yard::testing::TempDir dir_;
  std::unique_ptr<History> history_;
  std::unique_ptr<JournalLog> log_;
  NameTable names_;
  RecordBatch batch_;
  LogPosition position_ = 0;
};

TEST_F(HistoryConcurrent, TellsWhatBecameOfAJob) {
  submit(1, "render", 1'000);
  run(1, 1'500);
  fail_with(1, "no soundfont", 2'000);
  commit();
  const auto found = find({.principal = "local"});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, to_hex(job_of(1).value()));
  EXPECT_EQ(found[0].tool, "render");
  EXPECT_EQ(found[0].state, "failed");
  EXPECT_EQ(found[0].error, "tool_failed");
  EXPECT_EQ(found[0].message, "no soundfont");
  EXPECT_EQ(found[0].attempts, 1);
  EXPECT_EQ(found[0].created_ms, 1'000);
  EXPECT_EQ(found[0].started_ms, 1'500);
  EXPECT_EQ(found[0].ended_ms, 2'000);
}

TEST_F(HistoryConcurrent, FindsByToolStateTextAndTime) {
  submit(1, "render", 1'000);
  submit(2, "parse", 2'000);
  submit(3, "render", 3'000);
  fail_with(3, "out of tune", 3'500);
  commit();
  const auto numbers = [&](const HistoryQuery& query) {
    std::string text;
    for (const PastJob& job : find(query)) text += job.id.substr(0, 2);
    return text;
  };
  EXPECT_EQ(numbers({.principal = "local"}), "030201") << "newest first";
  EXPECT_EQ(numbers({.principal = "local", .tool = "render"}), "0301");
  EXPECT_EQ(numbers({.principal = "local", .state = JobState::kFailed}), "03");
  EXPECT_EQ(numbers({.principal = "local", .text = "of tune"}), "03");
  EXPECT_EQ(numbers({.principal = "local", .since_ms = 1'500, .until_ms = 2'500}), "02");
  EXPECT_EQ(numbers({.principal = "local", .limit = 1}), "03");
  EXPECT_EQ(numbers({.principal = "local", .before = find({.principal = "local", .limit = 1})[0].lsn}), "0201");
}

TEST_F(HistoryConcurrent, EverybodySeesTheirOwnJobs) {
  submit(1, "render", 1'000, "anna");
  submit(2, "render", 1'000, "bert");
  commit();
  ASSERT_EQ(find({.principal = "anna"}).size(), 1u);
  EXPECT_EQ(find({.principal = "bert"})[0].id.substr(0, 2), "02");
  EXPECT_TRUE(find({.principal = "local"}).empty());
}

TEST_F(HistoryConcurrent, AnIdThatIsUsedAgainIsAnotherJob) {
  submit(1, "render", 1'000);
  fail_with(1, "first", 1'100);
  forget(1);
  submit(1, "render", 2'000);
  commit();
  const auto found = find({.principal = "local"});
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].state, "queued");
  EXPECT_EQ(found[1].message, "first");
}

TEST_F(HistoryConcurrent, RemembersWhatTheLogHasDropped) {
  submit(1, "first", 1);
  fail_with(1, "long ago", 2);
  forget(1);
  commit();
  while (log_->compactions() == 0) {
    for (int i = 0; i < 100; ++i) {
      submit(2, "filler", 3);
      fail_with(2, std::string(128, 'x'), 4);
      forget(2);
    }
    commit();
  }
  EXPECT_EQ(find({.principal = "local", .tool = "first"}).size(), 1u);
}

TEST_F(HistoryConcurrent, GoesOnWhereItWasAndIsMadeAgainWhenItIsGone) {
  submit(1, "render", 1'000);
  commit();
  EXPECT_EQ(find({.principal = "local"}).size(), 1u);
  open({.segment_bytes = 32 << 10});
  submit(2, "render", 2'000);
  commit();
  EXPECT_EQ(find({.principal = "local"}).size(), 2u);

  history_.reset();
  log_.reset();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(file().string() + suffix);
  open({.segment_bytes = 32 << 10});
  EXPECT_EQ(find({.principal = "local"}).size(), 2u);
}

TEST_F(HistoryConcurrent, WhatThePowerTookFromTheLogGoesHereToo) {
  submit(1, "kept", 1'000);
  commit();
  const std::filesystem::path aside = dir_.path() / "aside";
  std::filesystem::create_directory(aside);
  for (const auto& file : std::filesystem::directory_iterator(dir_.path())) {
    if (file.path().extension() != ".sqlite" && file.is_regular_file())
      std::filesystem::copy_file(file, aside / file.path().filename());
  }
  fail_with(1, "lost", 2'000);
  submit(2, "lost", 3'000);
  commit();
  EXPECT_EQ(find({.principal = "local"}).size(), 2u);

  history_.reset();
  log_.reset();
  for (const auto& file : std::filesystem::directory_iterator(aside)) {
    std::filesystem::copy_file(file, dir_.path() / file.path().filename(),
                               std::filesystem::copy_options::overwrite_existing);
  }
  open({.segment_bytes = 32 << 10});
  EXPECT_TRUE(history_->drop_what_was_lost());
  submit(3, "later", 4'000);
  commit();
  const auto jobs = find({.principal = "local"});
  ASSERT_EQ(jobs.size(), 2u);
  EXPECT_EQ(jobs[0].tool, "later");
  EXPECT_EQ(jobs[1].tool, "kept");
  EXPECT_EQ(jobs[1].state, "queued");
}

TEST_F(HistoryConcurrent, StopsReadingWhenItIsAskedTo) {
  submit(1, "render", 1'000);
  commit();
  std::stop_source stop;
  stop.request_stop();
  const Status stopped = history_->catch_up(stop.get_token());
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::kCancelled);
  EXPECT_EQ(find({.principal = "local"}).size(), 1u) << "and reads it the next time";
}

}  // namespace
}  // namespace yard::jobs
