#include "engine/tickets/unit_cost.h"

#include <gtest/gtest.h>

namespace yard::tickets {
namespace {

UnitCost known(Nanos unit) {
  UnitCost cost;
  cost.record_alone(1, unit);
  return cost;
}

TEST(UnitCost, CheapUnitsAndShortRunsAreNotShared) {
  EXPECT_EQ(known(Nanos(5)).claim(1'000'000, 2), 0u);
  EXPECT_EQ(known(Nanos(100)).claim(8, 2), 0u);
  EXPECT_GT(known(Nanos(100)).claim(256, 2), 0u);
}

TEST(UnitCost, AClaimIsLongEnoughToPayForItsCrossingAndShortEnoughForTheEnd) {
  EXPECT_EQ(known(Nanos(1'000'000)).claim(1'000, 2), 1u);
  const std::uint32_t claim = known(Nanos(100)).claim(100'000, 2);
  EXPECT_GE(claim, 10u);
  EXPECT_LE(claim, 100u);
  EXPECT_LE(known(Nanos(100)).claim(256, 2), 256u / 8);
}

TEST(UnitCost, SharingThatDoesNotWinIsGivenUpUntilItsLossIsMadeUpFor) {
  UnitCost cost = known(Nanos(1'000));
  const auto runs_alone_after = [&](Nanos time) {
    cost.record_shared(100, time);
    int runs = 0;
    while (cost.claim(100, 2) == 0) ++runs;
    return runs;
  };
  EXPECT_EQ(runs_alone_after(Nanos(60'000)), 0);
  EXPECT_GE(runs_alone_after(Nanos(300'000)), 20);
  EXPECT_GE(runs_alone_after(Nanos(5'100'000)), 20 * 50);
}

TEST(UnitCost, OneSlowRunIsForgivenWhereSharingWinsOtherwise) {
  UnitCost cost = known(Nanos(1'000));
  for (int i = 0; i < 10; ++i) cost.record_shared(100, Nanos(60'000));
  cost.record_shared(100, Nanos(200'000));
  EXPECT_GT(cost.claim(100, 2), 0u);
}

TEST(UnitCost, FollowsWhatUnitsComeToCost) {
  UnitCost cost = known(Nanos(10));
  for (int i = 0; i < 30; ++i) cost.record_alone(1, Nanos(10'000));
  EXPECT_GT(cost.estimate(1), Nanos(9'000));
}

TEST(UnitCost, OneSampleThatLostItsCoreSaysLittle) {
  UnitCost cost = known(Nanos(100));
  ASSERT_TRUE(cost.look());
  cost.record_alone(1, Nanos(4'000'000));
  EXPECT_LT(cost.estimate(1), Nanos(200));
  EXPECT_TRUE(cost.look());
}

TEST(UnitCost, LooksAtTheFirstRunAndThenNowAndThen) {
  UnitCost cost;
  EXPECT_TRUE(cost.look());
  int runs = 1;
  while (!cost.look()) ++runs;
  EXPECT_GT(runs, 1);
  EXPECT_LT(runs, 1'000);
}

}  // namespace
}  // namespace yard::tickets
