#include "jobs/executors/thread_pool.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <latch>
#include <memory>
#include <stdexcept>
#include <utility>

#include "jobs/executors/guard.h"
#include "tests/support/fake_clock.h"

namespace yard::jobs {
namespace {

// The consumer's side: waits for reports without polling.
class Inbox {
 public:
  explicit Inbox(std::size_t capacity = 1'000) : queue(capacity, [this] { wake(); }) {}

  // Takes reports until one of `id` is its Finished; returns all that came up to then.
  std::vector<Report> until_finished(JobId id) {
    for (;;) {
      for (std::size_t i = 0; i < seen_.size(); ++i) {
        if (seen_[i].id == id && std::holds_alternative<Finished>(seen_[i].what)) return std::exchange(seen_, {});
      }
      wait_for_more();
    }
  }

  // Takes reports until `done(all so far)`.
  void until(const std::function<bool(const std::vector<Report>&)>& done) {
    while (!done(seen_)) wait_for_more();
  }

  std::vector<Report> take() { return std::exchange(seen_, {}); }

  ReportQueue queue;

 private:
  void wake() YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    woken_ = true;
    changed_.notify_one();
  }

  void wait_for_more() YARD_EXCLUDES(mutex_) {
    if (queue.prepare_to_wait()) {
      const MutexLock lock(mutex_);
      while (!woken_) changed_.wait(mutex_);
      woken_ = false;
    }
    std::vector<Report> fresh;
    queue.drain(fresh);
    for (Report& report : fresh) seen_.push_back(std::move(report));
  }

  Mutex mutex_;
  CondVar changed_;
  bool woken_ YARD_GUARDED_BY(mutex_) = false;
  std::vector<Report> seen_;
};

JobId job_id(std::uint8_t number) {
  Uuid id;
  id.octets[15] = number;
  return JobId(id);
}

std::vector<Work> work_of(std::initializer_list<std::uint8_t> numbers) {
  std::vector<Work> work;
  for (const std::uint8_t number : numbers) {
    Work one;
    one.id = job_id(number);
    one.fence = number;
    one.tool = "tool";
    work.push_back(std::move(one));
  }
  return work;
}

Status write_ok(PackWriter& result) {
  PackMap(result).boolean("ok", true);
  return {};
}

const Finished& finished(const std::vector<Report>& reports) { return std::get<Finished>(reports.back().what); }

class ThreadPoolConcurrent : public testing::TestWithParam<std::size_t> {
 protected:
  std::unique_ptr<ThreadPool> make_pool(Runner runner) {
    return std::make_unique<ThreadPool>(GetParam(), std::move(runner), inbox_.queue, clock_);
  }

  FakeClock clock_;
  Inbox inbox_;
};

INSTANTIATE_TEST_SUITE_P(Threads, ThreadPoolConcurrent, testing::Values(1, 2, 8), testing::PrintToStringParamName());

TEST_P(ThreadPoolConcurrent, ReportsStartedThenTheMiddleThenFinished) {
  const auto pool = make_pool([](const Work& work, JobContext& context, PackWriter& result) {
    EXPECT_EQ(context.id(), work.id);
    context.chunk("one");
    context.log("info", "half way");
    context.artifact_created("\x80");
    context.chunk("two");
    return write_ok(result);
  });
  auto work = work_of({1});
  pool->start(work);
  EXPECT_TRUE(work.empty());
  const auto reports = inbox_.until_finished(job_id(1));
  ASSERT_EQ(reports.size(), 6u);
  for (const Report& report : reports) EXPECT_EQ(report.fence, 1u);
  EXPECT_TRUE(std::holds_alternative<Started>(reports[0].what));
  EXPECT_EQ(std::get<Chunked>(reports[1].what).data, "one");
  EXPECT_EQ(std::get<Logged>(reports[2].what).message, "half way");
  EXPECT_EQ(std::get<ArtifactCreated>(reports[3].what).packed, "\x80");
  EXPECT_EQ(std::get<Chunked>(reports[4].what).data, "two");
  ASSERT_TRUE(finished(reports).outcome);
  EXPECT_EQ(PackView(*finished(reports).outcome).find("ok").boolean(), true);
}

TEST_P(ThreadPoolConcurrent, RunsEveryOneOfMany) {
  std::atomic<int> ran = 0;
  const auto pool = make_pool([&](const Work&, JobContext&, PackWriter& result) {
    ++ran;
    return write_ok(result);
  });
  EXPECT_EQ(pool->slots(), GetParam());
  constexpr int kJobs = 200;
  for (std::uint8_t number = 1; number <= kJobs; ++number) {
    auto work = work_of({number});
    pool->start(work);
  }
  inbox_.until([](const std::vector<Report>& reports) {
    return std::ranges::count_if(reports, [](const Report& r) { return std::holds_alternative<Finished>(r.what); }) ==
           kJobs;
  });
  EXPECT_EQ(ran, kJobs);
}

TEST_P(ThreadPoolConcurrent, RunsAsManyAtOnceAsItHasThreads) {
  std::latch all_there(static_cast<std::ptrdiff_t>(GetParam()));
  const auto pool = make_pool([&](const Work&, JobContext&, PackWriter& result) {
    all_there.arrive_and_wait();
    return write_ok(result);
  });
  std::vector<Work> work;
  for (std::size_t i = 0; i < GetParam(); ++i) work.push_back(work_of({static_cast<std::uint8_t>(i + 1)})[0]);
  const std::size_t count = work.size();
  pool->start(work);
  inbox_.until([&](const std::vector<Report>& reports) { return reports.size() == 2 * count; });
}

TEST_P(ThreadPoolConcurrent, AnErrorIsTheOutcome) {
  const auto pool = make_pool(
      [](const Work&, JobContext&, PackWriter&) { return Status(fail(ErrorCode::kToolFailed, "no such note")); });
  auto work = work_of({1});
  pool->start(work);
  const auto reports = inbox_.until_finished(job_id(1));
  ASSERT_FALSE(finished(reports).outcome);
  EXPECT_EQ(finished(reports).outcome.error().message, "no such note");
}

TEST_P(ThreadPoolConcurrent, WhatAHandlerThrowsIsInternalAndNamesTheTool) {
  const auto pool = make_pool([](const Work& work, JobContext&, PackWriter&) -> Status {
    if (work.id == job_id(1)) throw std::runtime_error("out of cheese");
    throw 42;
  });
  auto work = work_of({1, 2});
  pool->start(work);
  inbox_.until([](const std::vector<Report>& seen) { return seen.size() == 4; });
  for (const Report& report : inbox_.take()) {
    const auto* end = std::get_if<Finished>(&report.what);
    if (end == nullptr) continue;
    ASSERT_FALSE(end->outcome);
    EXPECT_EQ(end->outcome.error().code, ErrorCode::kInternal);
    EXPECT_EQ(end->outcome.error().message,
              report.id == job_id(1) ? "tool threw: out of cheese" : "tool threw: something that is no std::exception");
  }
}

TEST_P(ThreadPoolConcurrent, StopReachesARunningHandler) {
  std::latch running(1);
  const auto pool = make_pool([&](const Work&, JobContext& context, PackWriter&) -> Status {
    std::latch stopped(1);
    const std::stop_callback callback(context.stop(), [&] { stopped.count_down(); });
    running.count_down();
    stopped.wait();
    return fail(ErrorCode::kCancelled, "as asked");
  });
  auto work = work_of({1});
  pool->start(work);
  running.wait();
  pool->stop(job_id(1));
  pool->stop(job_id(9));  // unknown: nothing
  const auto reports = inbox_.until_finished(job_id(1));
  EXPECT_EQ(finished(reports).outcome.error().code, ErrorCode::kCancelled);
}

TEST_P(ThreadPoolConcurrent, WhatIsStoppedWhileItWaitsNeverRuns) {
  std::latch running(static_cast<std::ptrdiff_t>(GetParam()));
  std::latch go_on(1);
  std::atomic<bool> last_ran = false;
  const auto pool = make_pool([&](const Work& work, JobContext&, PackWriter& result) {
    if (work.id == job_id(99)) {
      last_ran = true;
      return write_ok(result);
    }
    running.count_down();
    go_on.wait();
    return write_ok(result);
  });
  std::vector<Work> work;
  for (std::size_t i = 0; i < GetParam(); ++i) work.push_back(work_of({static_cast<std::uint8_t>(i + 1)})[0]);
  pool->start(work);
  running.wait();
  work = work_of({99});
  pool->start(work);
  pool->stop(job_id(99));
  go_on.count_down();
  const auto reports = inbox_.until_finished(job_id(99));
  EXPECT_FALSE(last_ran);
  for (const Report& report : reports) {
    if (report.id != job_id(99)) continue;
    const auto* end = std::get_if<Finished>(&report.what);
    ASSERT_NE(end, nullptr) << "it never started";
    EXPECT_EQ(end->outcome.error().code, ErrorCode::kCancelled);
    EXPECT_EQ(end->busy, Nanos::zero());
  }
}

TEST_P(ThreadPoolConcurrent, AStoppedHandlerMayStillSucceed) {
  std::latch running(1);
  std::latch go_on(1);
  const auto pool = make_pool([&](const Work&, JobContext&, PackWriter& result) {
    running.count_down();
    go_on.wait();
    return write_ok(result);
  });
  auto work = work_of({1});
  pool->start(work);
  running.wait();
  pool->stop(job_id(1));
  go_on.count_down();
  EXPECT_TRUE(finished(inbox_.until_finished(job_id(1))).outcome);
}

TEST_P(ThreadPoolConcurrent, DestructionStopsWhatRunsAndDropsWhatWaits) {
  std::latch running(1);
  std::atomic<int> began = 0;
  auto pool = make_pool([&](const Work& work, JobContext& context, PackWriter&) -> Status {
    ++began;
    std::latch stopped(1);
    const std::stop_callback callback(context.stop(), [&] { stopped.count_down(); });
    if (work.id == job_id(1)) running.count_down();
    stopped.wait();
    return fail(ErrorCode::kCancelled, "stopped");
  });
  auto work = work_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
  pool->start(work);
  running.wait();
  pool.reset();
  EXPECT_LE(began, static_cast<int>(GetParam()));
}

// One thread, so that the test alone moves the clock: from within the handler.
TEST(ProgressConcurrent, IsCappedByRateAndTheLastOneGetsThrough) {
  FakeClock clock;
  Inbox inbox;
  ThreadPool pool(
      1,
      [&](const Work&, JobContext& context, PackWriter& result) {
        for (int percent = 0; percent <= 40; ++percent) {
          context.progress(percent, "working");
          clock.advance(Millis(10));
        }
        context.progress(41, "last");
        return write_ok(result);
      },
      inbox.queue, clock);
  auto work = work_of({1});
  pool.start(work);
  const auto reports = inbox.until_finished(job_id(1));
  std::vector<double> percents;
  for (const Report& report : reports) {
    if (const auto* progress = std::get_if<Progressed>(&report.what)) percents.push_back(progress->percent);
  }
  EXPECT_EQ(percents, (std::vector<double>{0, 5, 10, 15, 20, 25, 30, 35, 40, 41}));
  EXPECT_TRUE(std::holds_alternative<Progressed>(reports[reports.size() - 2].what));
  EXPECT_EQ(finished(reports).busy, Millis(410));
}

TEST(ProgressConcurrent, IsClampedToPercent) {
  FakeClock clock;
  Inbox inbox;
  ThreadPool pool(
      1,
      [&](const Work&, JobContext& context, PackWriter& result) {
        context.progress(-5, "");
        clock.advance(Millis(50));
        context.progress(250, "");
        return write_ok(result);
      },
      inbox.queue, clock);
  auto work = work_of({1});
  pool.start(work);
  const auto reports = inbox.until_finished(job_id(1));
  ASSERT_EQ(reports.size(), 4u);
  EXPECT_EQ(std::get<Progressed>(reports[1].what).percent, 0);
  EXPECT_EQ(std::get<Progressed>(reports[2].what).percent, 100);
}

TEST(ProgressConcurrent, NeverWaitsForRoom) {
  FakeClock clock;
  Inbox inbox(1);
  std::latch told(1);
  ThreadPool pool(
      1,
      [&](const Work&, JobContext& context, PackWriter& result) {
        for (int percent = 0; percent < 5; ++percent) {
          context.progress(percent, "");
          clock.advance(Millis(60));
        }
        told.count_down();
        return write_ok(result);
      },
      inbox.queue, clock);
  auto work = work_of({1});
  pool.start(work);  // Started fills the queue, and nobody takes it
  told.wait();
  const auto reports = inbox.until_finished(job_id(1));
  ASSERT_EQ(reports.size(), 3u);
  EXPECT_EQ(std::get<Progressed>(reports[1].what).percent, 4) << "the last one always gets through";
}

TEST(ChunksConcurrent, WaitForRoomAndKeepTheirOrder) {
  FakeClock clock;
  Inbox inbox(2);
  constexpr int kChunks = 500;
  ThreadPool pool(
      1,
      [&](const Work&, JobContext& context, PackWriter& result) {
        for (int i = 0; i < kChunks; ++i) context.chunk(std::to_string(i));
        return write_ok(result);
      },
      inbox.queue, clock);
  auto work = work_of({1});
  pool.start(work);
  const auto reports = inbox.until_finished(job_id(1));
  ASSERT_EQ(reports.size(), kChunks + 2u);
  for (int i = 0; i < kChunks; ++i)
    ASSERT_EQ(std::get<Chunked>(reports[static_cast<std::size_t>(i) + 1].what).data, std::to_string(i));
}

TEST(RunGuarded, PassesStatusOn) {
  EXPECT_TRUE(run_guarded("tool", [] { return Status{}; }));
  const Status failed = run_guarded("tool", [] { return Status(fail(ErrorCode::kIo, "disk")); });
  EXPECT_EQ(failed.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace yard::jobs
