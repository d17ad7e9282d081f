#include <gtest/gtest.h>

#include "tests/sim/world.h"
#include "tests/support/seed.h"

namespace yard::sim {
namespace {

TEST(Simulator, NothingBreaksUnderAnySeed) {
  const std::uint64_t first = yard::test_seed();
  World::Tally sum;
  SimWorkers::Tally remote;
  SimSchedules::Tally scheduled;
  for (std::uint64_t seed = first; seed < first + 400; ++seed) {
    World world({.seed = seed});
    const auto broken = world.run();
    ASSERT_FALSE(broken) << *broken << "\nagain: switchyard sim --seed " << seed;
    sum.acknowledged += world.tally().acknowledged;
    sum.power_losses += world.tally().power_losses;
    sum.kills += world.tally().kills;
    sum.paused += world.tally().paused;
    remote.acknowledged += world.workers().acknowledged;
    remote.claimed += world.workers().claimed;
    remote.revoked += world.workers().revoked;
    scheduled.acknowledged += world.schedules().acknowledged;
    scheduled.runs += world.schedules().runs;
    scheduled.waived += world.schedules().waived;
  }
  EXPECT_GT(sum.acknowledged, 1'000);
  EXPECT_GT(sum.power_losses, 100);
  EXPECT_GT(sum.kills, 100);
  EXPECT_GT(sum.paused, 100);
  EXPECT_GT(remote.acknowledged, 100);
  EXPECT_GT(remote.claimed, 100);
  EXPECT_GT(remote.revoked, 50);
  EXPECT_GT(scheduled.acknowledged, 100);
  EXPECT_GT(scheduled.runs, 100);
  EXPECT_GT(scheduled.waived, 100);
}

TEST(Simulator, ASeedIsTheSameHistoryEveryTime) {
  const auto play = [](std::uint64_t seed) {
    World world({.seed = seed});
    EXPECT_FALSE(world.run());
    return world.fingerprint();
  };
  EXPECT_EQ(play(7), play(7));
  EXPECT_NE(play(7), play(8));
}

TEST(Simulator, FindsALogThatLies) {
  int found = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    World world({.seed = seed, .steps = 1'200, .canary = true});
    found += world.run().has_value();
  }
  EXPECT_GT(found, 75);
}

}  // namespace
}  // namespace yard::sim
