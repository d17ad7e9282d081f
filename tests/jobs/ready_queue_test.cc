#include "jobs/ready_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <vector>

#include "tests/support/seed.h"

namespace yard::jobs {
namespace {

using std::chrono::seconds;

constexpr SteadyTime kStart{std::chrono::hours(1)};

class ReadyQueueTest : public testing::Test {
 protected:
  struct Given {
    int priority = 2;
    Millis after{};  // queued so long after the start
    std::string tool = "free";
    std::uint32_t concurrency_max = 0;
    ExecutorKind executor = ExecutorKind::kThreads;
    std::string tenant = "local";
    std::string key = "";
    Millis attempt_timeout = seconds(1);
  };

  Job& queue(Given given) {
    JobOrder order;
    order.id = JobId(make_uuid(random_));
    order.tool = given.tool;
    order.priority = static_cast<std::uint8_t>(given.priority);
    order.concurrency_max = given.concurrency_max;
    order.executor = given.executor;
    order.principal = given.tenant;
    order.concurrency_key = given.key;
    order.attempt_timeout = given.attempt_timeout;
    Job& job = jobs_.emplace_back(order, names_);
    job.queued = kStart + given.after;
    queue_.push(job);
    return job;
  }

  Job* pop_if(const ReadyQueue::Admits& admits) {
    for (const ExecutorKind executor : {ExecutorKind::kThreads, ExecutorKind::kProcesses}) {
      if (Job* job = queue_.pop(executor, now_, admits)) return job;
    }
    return nullptr;
  }
  Job* pop() {
    return pop_if([](const Job&) { return true; });
  }
  void release(Job& job, Nanos busy = {}) { queue_.release(job, busy, now_); }

  SeededRandom random_{1};
  Now now_{.steady = kStart, .wall = WallTime(std::chrono::hours(24'000))};
  NameTable names_;
  std::deque<Job> jobs_;
  ReadyQueue queue_{seconds(10)};
};

TEST_F(ReadyQueueTest, EmptyGivesNothing) { EXPECT_EQ(pop(), nullptr); }

TEST_F(ReadyQueueTest, EqualsAreServedInTheirOrder) {
  Job& first = queue({});
  Job& second = queue({});
  Job& third = queue({.after = seconds(1)});
  EXPECT_EQ(queue_.size(), 3u);
  EXPECT_EQ(pop(), &first);
  EXPECT_EQ(pop(), &second);
  EXPECT_EQ(pop(), &third);
  EXPECT_EQ(queue_.size(), 0u);
}

TEST_F(ReadyQueueTest, HigherBandsPassLowerOnes) {
  Job& last = queue({.priority = 3});
  Job& usual = queue({.priority = 2, .after = seconds(1)});
  Job& urgent = queue({.priority = 0, .after = seconds(2)});
  EXPECT_EQ(pop(), &urgent);
  EXPECT_EQ(pop(), &usual);
  EXPECT_EQ(pop(), &last);
}

TEST_F(ReadyQueueTest, WaitingTenSecondsIsWorthOneBand) {
  Job& patient = queue({.priority = 2});
  Job& just_in_time = queue({.priority = 1, .after = Millis(9'999)});
  EXPECT_EQ(pop(), &just_in_time);
  queue({.priority = 1, .after = Millis(10'001)});
  EXPECT_EQ(pop(), &patient);
}

TEST_F(ReadyQueueTest, BandZeroDoesNotStarveBandThree) {
  Job& patient = queue({.priority = 3});
  for (int second = 0; second < 40; ++second) queue({.priority = 0, .after = seconds(second)});
  int before = 0;
  while (pop() != &patient) ++before;
  EXPECT_EQ(before, 31) << "those queued up to 30 s after it";
}

TEST_F(ReadyQueueTest, AFullToolDoesNotHoldUpTheOthers) {
  Job& one = queue({.tool = "narrow", .concurrency_max = 1});
  Job& two = queue({.tool = "narrow", .concurrency_max = 1});
  Job& free = queue({.after = seconds(1)});
  EXPECT_EQ(pop(), &one);
  EXPECT_EQ(pop(), &free);
  EXPECT_EQ(pop(), nullptr);
  release(one);
  EXPECT_EQ(pop(), &two);
}

TEST_F(ReadyQueueTest, ToolsCountTheirOwn) {
  queue({.tool = "a", .concurrency_max = 2});
  queue({.tool = "a", .concurrency_max = 2});
  queue({.tool = "a", .concurrency_max = 2});
  queue({.tool = "b", .concurrency_max = 1});
  std::vector<std::string> popped;
  while (const Job* job = pop()) popped.emplace_back(job->tool);
  EXPECT_EQ(popped.size(), 3u);
  EXPECT_EQ(std::ranges::count(popped, "a"), 2);
}

TEST_F(ReadyQueueTest, WhatIsNotAdmittedStaysAndIsNotHeld) {
  Job& job = queue({.tool = "narrow", .concurrency_max = 1});
  EXPECT_EQ(pop_if([](const Job&) { return false; }), nullptr);
  EXPECT_EQ(queue_.size(), 1u);
  EXPECT_EQ(pop(), &job);
}

TEST_F(ReadyQueueTest, AFullExecutorDoesNotHoldUpTheOther) {
  Job& command = queue({.executor = ExecutorKind::kProcesses});
  Job& thread = queue({.after = seconds(1)});
  const auto only_threads = [](const Job& job) { return job.executor == ExecutorKind::kThreads; };
  EXPECT_EQ(pop_if(only_threads), &thread);
  EXPECT_EQ(pop_if(only_threads), nullptr);
  EXPECT_EQ(pop(), &command);
}

TEST_F(ReadyQueueTest, ErasedOnesAreNotServed) {
  Job& first = queue({});
  Job& second = queue({});
  queue_.erase(first);
  EXPECT_EQ(queue_.size(), 1u);
  EXPECT_EQ(pop(), &second);
  EXPECT_EQ(pop(), nullptr);
}

TEST_F(ReadyQueueTest, TellsHowManyAreAhead) {
  Job& last = queue({.priority = 3});
  Job& usual = queue({.priority = 2});
  Job& urgent = queue({.priority = 0});
  queue({.tool = "narrow", .concurrency_max = 1});
  EXPECT_EQ(queue_.ahead_of(urgent), 0u);
  queue({.tenant = "another"});
  EXPECT_EQ(queue_.ahead_of(usual), 2u) << "of all its tenant's tools";
  EXPECT_EQ(queue_.ahead_of(last), 3u);
}

TEST_F(ReadyQueueTest, ServesTheSmallestRankAmongToolsWithRoom) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  const std::vector<std::pair<std::string, std::uint32_t>> tools = {{"free", 0}, {"one", 1}, {"three", 3}};
  std::vector<Job*> waiting;
  std::vector<Job*> held;
  Millis now{};
  const auto rank = [](const Job& job) { return job.queued + seconds(10) * job.priority; };
  for (int step = 0; step < 3'000; ++step) {
    now += Millis(below(random, 3'000));
    switch (below(random, 4)) {
      case 0:
      case 1: {
        const auto& [tool, most] = tools[below(random, tools.size())];
        waiting.push_back(&queue(
            {.priority = static_cast<int>(below(random, 4)), .after = now, .tool = tool, .concurrency_max = most}));
        break;
      }
      case 2: {
        Job* expected = nullptr;
        for (Job* job : waiting) {
          const auto same = [&](const Job* other) { return other->tool == job->tool; };
          const auto room = job->concurrency_max;
          if (room != 0 && std::ranges::count_if(held, same) >= static_cast<std::ptrdiff_t>(room)) continue;
          if (expected == nullptr || rank(*job) < rank(*expected)) expected = job;
        }
        Job* popped = pop();
        ASSERT_EQ(popped == nullptr, expected == nullptr) << "step " << step;
        if (popped == nullptr) break;
        ASSERT_EQ(rank(*popped), rank(*expected)) << "step " << step;
        std::erase(waiting, popped);
        held.push_back(popped);
        break;
      }
      default:
        if (held.empty()) break;
        const std::size_t at = below(random, held.size());
        release(*held[at]);
        held.erase(held.begin() + static_cast<std::ptrdiff_t>(at));
    }
    ASSERT_EQ(queue_.size(), waiting.size());
  }
}

}  // namespace
}  // namespace yard::jobs
