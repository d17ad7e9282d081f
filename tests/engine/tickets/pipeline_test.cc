#include "engine/tickets/pipeline.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/allocations.h"
#include "tests/support/seed.h"

namespace yard::tickets {
namespace {

// Some work that a compiler can't do without.
std::uint64_t mixed(std::uint64_t value, int rounds) {
  for (int i = 0; i < rounds; ++i) value = value * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
  return value;
}

// Runs `count` units whose commits depend on all before them. Returns the last result.
std::uint64_t chained(WorkerPool& pool, std::uint32_t count, int rounds, const RunOptions& options = {}) {
  std::vector<std::uint64_t> results(count);
  std::uint64_t chain = 0;
  std::uint32_t next = 0;
  run_ordered(
      pool, count,
      [&](std::uint32_t unit, unsigned worker) {
        EXPECT_LT(worker, pool.workers());
        results[unit] += mixed(unit, rounds);
      },
      [&](std::uint32_t unit) {
        EXPECT_EQ(unit, next++);
        chain = mixed(chain ^ results[unit], 1);
      },
      options);
  EXPECT_EQ(next, count);
  return chain;
}

TEST(TicketPipelineConcurrent, CommitsEachUnitOnceInOrderForAnyNumberOfWorkers) {
  WorkerPool alone({.workers = 1});
  for (const std::uint32_t count : {0u, 1u, 2u, 7u, 256u, 5'000u}) {
    const std::uint64_t expected = chained(alone, count, 100);
    for (const unsigned workers : {2u, 3u, 4u, 8u, 16u}) {
      WorkerPool pool({.workers = workers});
      EXPECT_EQ(chained(pool, count, 100), expected) << count << " units on " << workers;
      EXPECT_EQ(chained(pool, count, 100, {.claim = 3}), expected) << count << " units on " << workers;
    }
  }
}

TEST(TicketPipelineConcurrent, NoScheduleChangesWhatIsCommitted) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  WorkerPool alone({.workers = 1});
  const std::uint64_t expected = chained(alone, 257, 20);
  for (std::uint64_t schedule = 0; schedule < 100; ++schedule) {
    WorkerPool pool({.workers = static_cast<unsigned>(2 + schedule % 4), .perturb_seed = seed + schedule});
    for (int run = 0; run < 3; ++run) ASSERT_EQ(chained(pool, 257, 20), expected) << "schedule " << schedule;
  }
}

// With no run in between the helpers park; the next one has to find them or do without.
TEST(TicketPipelineConcurrent, ManyRunsFollowEachOther) {
  WorkerPool alone({.workers = 1});
  const std::uint64_t expected = chained(alone, 40, 200);
  WorkerPool pool({.workers = 3});
  UnitCost cost;
  for (int run = 0; run < 2'000; ++run) ASSERT_EQ(chained(pool, 40, 200, {.cost = &cost}), expected);
}

TEST(TicketPipelineConcurrent, APerturbedRunIsSharedAndOutOfOrder) {
  WorkerPool pool({.workers = 4, .perturb_seed = 1});
  std::vector<std::atomic<unsigned>> turn(512);
  std::atomic<unsigned> turns{0};
  bool in_order = true;
  run_ordered(
      pool, 512, [&](std::uint32_t unit, unsigned) { turn[unit] = ++turns; },
      [&](std::uint32_t unit) { in_order = in_order && turn[unit] == unit + 1; });
  EXPECT_FALSE(in_order);
}

TEST(TicketPipelineConcurrent, RunsTakeNothingFromTheHeap) {
  WorkerPool pool({.workers = 3});
  UnitCost cost;
  std::vector<std::uint64_t> results(256);
  std::uint64_t chain = 0;
  const auto run = [&] {
    run_ordered(
        pool, 256, [&](std::uint32_t unit, unsigned) { results[unit] = mixed(unit, 200); },
        [&](std::uint32_t unit) { chain ^= results[unit]; }, {.cost = &cost});
  };
  run();
  const std::uint64_t before = allocations();
  for (int i = 0; i < 300; ++i) run();
  EXPECT_EQ(allocations(), before);
}

}  // namespace
}  // namespace yard::tickets
