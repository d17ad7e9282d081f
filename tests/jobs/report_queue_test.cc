#include "jobs/report_queue.h"

#include <gtest/gtest.h>

#include <latch>
#include <semaphore>
#include <thread>

namespace yard::jobs {
namespace {

Report numbered(std::uint64_t fence) { return {.id = {}, .fence = fence, .what = Started{}}; }

TEST(ReportQueue, WakesOnceWhoSaidItWillWait) {
  int woken = 0;
  ReportQueue queue(10, [&] { ++woken; });
  queue.push(numbered(1));
  EXPECT_EQ(woken, 0) << "nobody waits";
  EXPECT_FALSE(queue.prepare_to_wait()) << "there is one already";
  std::vector<Report> out = {numbered(99)};
  queue.drain(out);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_TRUE(queue.prepare_to_wait());
  queue.push(numbered(2));
  queue.push(numbered(3));
  EXPECT_EQ(woken, 1);
  queue.drain(out);
  ASSERT_EQ(out.size(), 2u);
  EXPECT_EQ(out[0].fence, 2u);
  EXPECT_EQ(out[1].fence, 3u);
  queue.drain(out);
  EXPECT_TRUE(out.empty());
}

TEST(ReportQueue, DoesNotWakeWhoWokeForSomethingElse) {
  int woken = 0;
  ReportQueue queue(10, [&] { ++woken; });
  EXPECT_TRUE(queue.prepare_to_wait());
  std::vector<Report> out;
  queue.drain(out);
  queue.push(numbered(1));
  EXPECT_EQ(woken, 0);
}

TEST(ReportQueue, DropsOnceClosed) {
  ReportQueue queue(1, [] {});
  queue.push(numbered(1));
  queue.close();
  queue.push(numbered(2));
  queue.push(numbered(3));
  std::vector<Report> out;
  queue.drain(out);
  EXPECT_TRUE(out.empty());
}

TEST(ReportQueue, TryPushRefusesWhenFullAndLeavesTheReportAlone) {
  ReportQueue queue(1, [] {});
  EXPECT_TRUE(queue.try_push({.id = {}, .fence = 1, .what = Logged{"info", "first"}}));
  Report second{.id = {}, .fence = 2, .what = Logged{"info", "second"}};
  EXPECT_FALSE(queue.try_push(std::move(second)));
  EXPECT_EQ(std::get<Logged>(second.what).message, "second");  // NOLINT(bugprone-use-after-move): promised
  std::vector<Report> out;
  queue.drain(out);
  EXPECT_TRUE(queue.try_push(std::move(second)));
  queue.close();
  EXPECT_TRUE(queue.try_push(numbered(3))) << "dropped, as push does: nobody has to try again";
}

TEST(ReportQueueConcurrent, AReporterWaitsForRoomAndNothingIsLost) {
  std::binary_semaphore woken(0);
  ReportQueue queue(2, [&] { woken.release(); });
  constexpr std::uint64_t kReports = 2'000;
  const std::jthread reporter([&] {
    for (std::uint64_t i = 1; i <= kReports; ++i) queue.push(numbered(i));
  });
  std::uint64_t next = 1;
  std::vector<Report> out;
  while (next <= kReports) {
    if (queue.prepare_to_wait()) woken.acquire();
    queue.drain(out);
    EXPECT_FALSE(out.empty());
    EXPECT_LE(out.size(), 2u);
    for (const Report& report : out) ASSERT_EQ(report.fence, next++);
  }
}

TEST(ReportQueueConcurrent, CloseLetsWaitingReportersGo) {
  ReportQueue queue(1, [] {});
  queue.push(numbered(0));
  std::vector<std::jthread> reporters;
  std::latch started(3);
  for (std::uint64_t i = 0; i < 3; ++i) {
    reporters.emplace_back([&, i] {
      started.count_down();
      queue.push(numbered(i));
    });
  }
  started.wait();
  queue.close();
}

}  // namespace
}  // namespace yard::jobs
