// Tenants' shares, and the limits that hold a lane back: of the ready queue.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "tests/jobs/shares_fixture.h"

namespace yard::jobs {
namespace {

// ---- turns

TEST_F(Shares, TenantsTakeTurns) {
  flood("a", 4);
  flood("b", 4);
  flood("c", 2);
  EXPECT_EQ(served(10), "abcabcabab");
}

TEST_F(Shares, AWeightOfFourIsServedFourToOne) {
  policy_.tenants["a"].weight = 4;
  flood("a", 100);
  flood("b", 100);
  EXPECT_EQ(served(15), "aaaabaaaabaaaab");
}

TEST_F(Shares, AFloodStarvesNobody) {
  flood("a", 10'000);
  EXPECT_EQ(served(100), std::string(100, 'a'));
  push("b");
  const std::string next = served(2);
  EXPECT_NE(next.find('b'), std::string::npos) << next;
}

TEST_F(Shares, WhoWasAwayHoardedNothing) {
  flood("a", 1'000);
  push("b");
  EXPECT_EQ(served(200).find('b'), 1u);
  flood("b", 10);
  const std::string next = served(10);
  EXPECT_EQ(std::ranges::count(next, 'b'), 5) << next;
}

TEST_F(Shares, WhoCannotGoOnLosesItsTurnAndHoardsNothing) {
  policy_.tenants["a"].group.concurrency = 1;
  Job& held = push("a");
  flood("a", 50);
  flood("b", 100);
  EXPECT_EQ(served(21), "a" + std::string(20, 'b'));
  release(held);
  EXPECT_EQ(served(5), "abbbb");
}

TEST_F(Shares, AToolThatCostsFourIsServedOneToFour) {
  needs_["heavy"].cost = 4;
  for (int i = 0; i < 50; ++i) push("a", {.tool = "heavy"});
  flood("b", 200);
  const std::string tenants = served(100);
  EXPECT_EQ(std::ranges::count(tenants, 'a'), 20) << tenants;
}

TEST_F(Shares, AFullExecutorLeavesEverybodyWhereItWas) {
  policy_.tenants["a"].weight = 3;
  flood("a", 10);
  flood("b", 10);
  EXPECT_EQ(served(2), "aa");
  for (int i = 0; i < 7; ++i)
    EXPECT_EQ(queue().pop(ExecutorKind::kThreads, now_, [](const Job&) { return false; }), nullptr);
  EXPECT_EQ(served(6), "abaaab");
}

TEST_F(Shares, WithinATenantToolsAreServedInTheirOrder) {
  Job& first = push("a", {.tool = "x"});
  Job& second = push("a", {.tool = "y"});
  Job& third = push("a", {.tool = "x"});
  EXPECT_EQ(pop(), &first);
  EXPECT_EQ(pop(), &second);
  EXPECT_EQ(pop(), &third);
}

TEST_F(Shares, TenantsThatComeAndGoAreForgotten) {
  for (int i = 0; i < 10'000; ++i) {
    push("tenant" + std::to_string(i));
    release(*pop());
  }
  EXPECT_EQ(queue().size(), 0u);
  EXPECT_LE(queue().lanes(), 2'048u);
}

// ---- groups

TEST_F(Shares, AGroupOfSeveralToolsHasOneRoom) {
  policy_.groups["gpu"].concurrency = 2;
  needs_["x"].groups = needs_["y"].groups = {"gpu"};
  Job& x = push("a", {.tool = "x"});
  Job& y = push("b", {.tool = "y"});
  Job& waits = push("a", {.tool = "x"});
  Job& free = push("a");
  EXPECT_EQ(pop(), &x);
  EXPECT_EQ(pop(), &y);
  EXPECT_EQ(pop(), &free) << "what is full holds up nothing else";
  EXPECT_EQ(pop(), nullptr);
  EXPECT_EQ(blocker(waits), Blocker::Kind::kConcurrency);
  EXPECT_EQ(queue().blocker_of(waits, now_).name, "group gpu");
  release(y);
  EXPECT_EQ(pop(), &waits);
}

TEST_F(Shares, KeysAreLimitedEachForItself) {
  needs_["work"].per_key.concurrency = 1;
  Job& one = push("a", {.key = "m1"});
  Job& same = push("b", {.key = "m1"});
  Job& other = push("b", {.key = "m2"});
  Job& none = push("b");
  EXPECT_EQ(pop(), &one);
  EXPECT_EQ(pop(), &other);
  EXPECT_EQ(pop(), &none);
  EXPECT_EQ(pop(), nullptr);
  EXPECT_EQ(queue().blocker_of(same, now_).name, "key work/m1");
  release(one);
  EXPECT_EQ(pop(), &same);
}

TEST_F(Shares, ARateLetsABurstThroughAndThenOneATick) {
  policy_.groups["api"] = {.rate_per_s = 2, .burst = 3};
  needs_["work"].groups = {"api"};
  for (int i = 0; i < 10; ++i) push("a");
  EXPECT_EQ(served(4), "aaa-");
  EXPECT_EQ(queue().due(ExecutorKind::kThreads), now_.steady + Millis(500));
  pass(Millis(499));
  EXPECT_EQ(pop(), nullptr);
  pass(Millis(1));
  EXPECT_EQ(served(2), "a-");
  pass(seconds(60));
  EXPECT_EQ(served(4), "aaa-") << "no more than the burst is saved";
}

TEST_F(Shares, ARateOfOneTenantIsNotTheOthers) {
  policy_.tenants["a"].group = {.rate_per_s = 1, .burst = 1};
  flood("a", 3);
  flood("b", 3);
  EXPECT_EQ(served(5), "abbb-");
  EXPECT_EQ(blocker(push("a")), Blocker::Kind::kRate);
}

// ---- resources

TEST_F(Shares, ResourcesAreReservedAllOrNothing) {
  policy_.resources = {{"gpu:0", 24'000}, {"cpu", 8}};
  needs_["big"].resources = {{"gpu:0", 16'000}, {"cpu", 1}};
  needs_["wide"].resources = {{"cpu", 8}};
  Job& big = push("a", {.tool = "big"});
  Job& wide = push("a", {.tool = "wide"});
  Job& second = push("a", {.tool = "big"});
  EXPECT_EQ(pop(), &big);
  EXPECT_EQ(pop(), nullptr);
  EXPECT_EQ(queue().resources().used("gpu:0"), 16'000u);
  EXPECT_EQ(queue().resources().used("cpu"), 1u) << "nothing of it is held for who waits";
  const Blocker blocker = queue().blocker_of(second, now_);
  EXPECT_EQ(blocker.name, "gpu:0");
  EXPECT_EQ(blocker.needed, 16'000u);
  EXPECT_EQ(blocker.holders, std::vector<std::string>{"1 x big"});
  release(big);
  EXPECT_EQ(queue().resources().used("gpu:0"), 0u);
  EXPECT_EQ(pop(), &wide);
}

TEST_F(Shares, MoreThanThereIsIsRefusedByName) {
  policy_.resources = {{"gpu:0", 8'000}};
  needs_["work"].resources = {{"gpu:0", 8'001}};
  const auto refused = queue().check(order_of("a", {}), seconds(1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kTooLarge);
  EXPECT_NE(refused.error().message.find("gpu:0"), std::string::npos);
}

// ---- budgets

TEST_F(Shares, ABudgetIsReservedThenSettledAndBeginsAnewWithItsWindow) {
  policy_.tenants["a"].budget = {.units = {{"gpu_seconds", 25}}, .window = seconds(3'600)};
  needs_["work"].spends = {{"gpu_seconds", 1}};
  Job& first = push("a");
  Job& second = push("a");
  Job& third = push("a");
  flood("b", 1);
  EXPECT_EQ(pop(), &first);
  EXPECT_EQ(pop()->principal, "b") << "a tenant without a budget";
  EXPECT_EQ(pop(), &second);
  EXPECT_EQ(pop(), nullptr) << "twice ten seconds are reserved";
  const Blocker blocked = queue().blocker_of(third, now_);
  EXPECT_EQ(blocked.kind, Blocker::Kind::kBudget);
  EXPECT_EQ(blocked.used, 20u);
  release(first, seconds(2));
  EXPECT_EQ(queue().budget_of("a")->left("gpu_seconds", now_.wall), 13'000u);
  EXPECT_EQ(pop(), &third) << "what was not spent is free again";
  release(second, seconds(10));
  release(third, seconds(10));
  Job& fourth = push("a");
  EXPECT_EQ(pop(), nullptr);
  const Nanos left = queue().due(ExecutorKind::kThreads) - now_.steady;
  EXPECT_EQ(left, queue().budget_of("a")->ends_at(now_.wall) - now_.wall);
  pass(left);
  EXPECT_EQ(pop(), &fourth);
}

TEST_F(Shares, WhoSpentMoreThanItReservedOwesNothingButHasNothing) {
  policy_.tenants["a"].budget = {.units = {{"s", 10}}};
  needs_["work"] = {.spends = {{"s", 1}}, .estimate = seconds(1)};
  push("a");
  release(*pop(), seconds(100));
  EXPECT_EQ(queue().budget_of("a")->left("s", now_.wall), 0u);
  push("a");
  EXPECT_EQ(pop(), nullptr);
}

TEST_F(Shares, AWallClockThatIsSetBackGivesNothingBack) {
  policy_.tenants["a"].budget = {.units = {{"s", 10}}, .window = seconds(60)};
  needs_["work"].spends = {{"s", 1}};
  push("a");
  release(*pop(), seconds(10));
  now_.wall -= std::chrono::hours(1);
  push("a");
  EXPECT_EQ(pop(), nullptr);
}

TEST_F(Shares, WhatWasSpentCountsInALongerWindowAndIsOverInAShorterOne) {
  const auto spent_in = [&](seconds window) {
    Budget budget({.units = {{"s", 10}}, .window = window});
    budget.restore(std::chrono::duration_cast<seconds>(now_.wall.time_since_epoch()) / 3'600 * 3'600, {{"s", 4'000}});
    return 10'000 - budget.left("s", now_.wall);
  };
  now_.wall = WallTime(std::chrono::hours(480'000) + std::chrono::minutes(30));
  EXPECT_EQ(spent_in(seconds(3'600)), 4'000u);
  EXPECT_EQ(spent_in(seconds(86'400)), 4'000u);
  EXPECT_EQ(spent_in(seconds(60)), 0u);
}

TEST_F(Shares, AJobBeyondTheWholeBudgetIsRefused) {
  policy_.tenants["a"].budget = {.units = {{"s", 10}}};
  needs_["work"].spends = {{"s", 1}};
  EXPECT_TRUE(queue().check(order_of("a", {}), seconds(10)));
  EXPECT_FALSE(queue().check(order_of("a", {}), seconds(11)));
  EXPECT_TRUE(queue().check(order_of("b", {}), seconds(11)));
}

// ---- pauses

TEST_F(Shares, WhatIsPausedHoldsUpNothingElse) {
  Job& paused = push("a", {.tool = "x"});
  Job& free = push("a", {.tool = "y"});
  queue().pause({{.tool = "x"}});
  Job& later = push("b", {.tool = "x"});
  EXPECT_EQ(pop(), &free);
  EXPECT_EQ(pop(), nullptr);
  EXPECT_EQ(blocker(later), Blocker::Kind::kPause);
  queue().pause({{.tool = "x", .tenant = "b"}});
  EXPECT_EQ(pop(), &paused);
  EXPECT_EQ(pop(), nullptr);
  queue().pause({});
  EXPECT_EQ(pop(), &later);
}

}  // namespace
}  // namespace yard::jobs
