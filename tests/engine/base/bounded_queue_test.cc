#include "engine/base/bounded_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <latch>
#include <memory>
#include <numeric>
#include <thread>

namespace yard {
namespace {

TEST(BoundedQueue, RefusesWhenFullAndLeavesTheValueAlone) {
  BoundedQueue<std::unique_ptr<int>> queue(2);
  EXPECT_TRUE(queue.try_push(std::make_unique<int>(1)));
  EXPECT_TRUE(queue.try_push(std::make_unique<int>(2)));
  auto third = std::make_unique<int>(3);
  EXPECT_FALSE(queue.try_push(std::move(third)));
  ASSERT_NE(third, nullptr);  // NOLINT(bugprone-use-after-move): the refusal promises it
  EXPECT_EQ(queue.size(), 2u);
}

TEST(BoundedQueue, GivesValuesInOrderAndAtMostAsManyAsAsked) {
  BoundedQueue<int> queue(10);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(queue.try_push(int{i}));
  std::vector<int> out = {99};
  EXPECT_TRUE(queue.pop_batch(out, 3));
  EXPECT_EQ(out, (std::vector<int>{0, 1, 2}));
  queue.drain(out);
  EXPECT_EQ(out, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(queue.size(), 0u);
}

TEST(BoundedQueue, RoomComesBackWhenValuesLeave) {
  BoundedQueue<int> queue(1);
  std::vector<int> out;
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(queue.try_push(int{i}));
    EXPECT_FALSE(queue.try_push(int{i}));
    EXPECT_TRUE(queue.pop_batch(out, 1));
  }
}

TEST(BoundedQueue, DrainsTheRestOnceClosed) {
  BoundedQueue<int> queue(2);
  EXPECT_TRUE(queue.try_push(1));
  queue.close();
  EXPECT_FALSE(queue.try_push(2));
  std::vector<int> out;
  EXPECT_TRUE(queue.pop_batch(out, 8));
  EXPECT_EQ(out, std::vector<int>{1});
  EXPECT_FALSE(queue.pop_batch(out, 8));
  EXPECT_TRUE(out.empty());
}

TEST(BoundedQueueConcurrent, CloseWakesEveryWaiter) {
  BoundedQueue<int> queue(1);
  std::latch started(3);
  {
    std::vector<std::jthread> waiters;
    for (int i = 0; i < 3; ++i) {
      waiters.emplace_back([&] {
        started.count_down();
        std::vector<int> out;
        EXPECT_FALSE(queue.pop_batch(out, 1));
      });
    }
    started.wait();
    queue.close();
  }
}

TEST(BoundedQueueConcurrent, EveryValueArrivesOnceAndInItsProducersOrder) {
  constexpr int kProducers = 3;
  constexpr int kConsumers = 2;
  constexpr int kEach = 2000;
  BoundedQueue<int> queue(16);
  std::vector<std::vector<int>> taken(kConsumers);
  {
    std::vector<std::jthread> consumers;
    for (int c = 0; c < kConsumers; ++c) {
      consumers.emplace_back([&queue, &mine = taken[static_cast<std::size_t>(c)]] {
        std::vector<int> batch;
        while (queue.pop_batch(batch, 7)) mine.insert(mine.end(), batch.begin(), batch.end());
      });
    }
    {
      std::vector<std::jthread> producers;
      for (int p = 0; p < kProducers; ++p) {
        producers.emplace_back([&queue, p] {
          for (int i = 0; i < kEach; ++i) {
            while (!queue.try_push(p * kEach + i)) std::this_thread::yield();
          }
        });
      }
    }
    queue.close();
  }
  std::vector<int> all;
  for (const auto& mine : taken) {
    for (int p = 0; p < kProducers; ++p) {
      std::vector<int> of_producer;
      std::ranges::copy_if(mine, std::back_inserter(of_producer), [&](int value) { return value / kEach == p; });
      EXPECT_TRUE(std::ranges::is_sorted(of_producer));
    }
    all.insert(all.end(), mine.begin(), mine.end());
  }
  std::ranges::sort(all);
  std::vector<int> expected(kProducers * kEach);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(all, expected);
}

}  // namespace
}  // namespace yard
