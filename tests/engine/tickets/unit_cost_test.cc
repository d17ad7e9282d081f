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

TEST(UnitCost, SharingThatDoesNotWinIsGivenUpForLongerAndLonger) {
  UnitCost cost = known(Nanos(1'000));
  const auto runs_alone = [&] {
    cost.record_shared(100, Nanos(150'000));
    int runs = 0;
    while (cost.claim(100, 2) == 0) ++runs;
    return runs;
  };
  const int first = runs_alone();
  EXPECT_GT(first, 0);
  EXPECT_EQ(runs_alone(), 2 * first);
  cost.record_shared(100, Nanos(60'000));
  EXPECT_GT(cost.claim(100, 2), 0u);
  EXPECT_EQ(runs_alone(), first);
}

TEST(UnitCost, FollowsWhatUnitsComeToCost) {
  UnitCost cost = known(Nanos(10));
  for (int i = 0; i < 10; ++i) cost.record_alone(1, Nanos(10'000));
  EXPECT_GT(cost.claim(100, 2), 0u);
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
