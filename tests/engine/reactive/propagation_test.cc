// What runs when a value changes, and what does not.
#include <cmath>
#include <limits>

#include "tests/engine/reactive/support.h"

namespace yard::reactive {
namespace {

using namespace testing;

TEST(Propagation, NeverRunsAComputationThatNoEffectDependsOn) {
  Scheduler scheduler;
  int runs = 0;
  const auto source = scheduler.signal(0);
  const auto lifted = scheduler.lift([&](int value) { return ++runs, value; }, source);
  for (int i = 1; i <= 100; ++i) {
    source.set(i);
    scheduler.settle();
  }
  EXPECT_EQ(runs, 0);
  scheduler.sink([=] { (void)lifted.get(); });
  scheduler.settle();
  EXPECT_EQ(runs, 1);
}

TEST(Propagation, ComputesForTheHostThatReads) {
  Scheduler scheduler;
  const auto source = scheduler.signal(1);
  const auto twice = scheduler.derive([=] { return 2 * source.get(); });
  const auto more = scheduler.derive([=] { return twice.get() + 1; });
  EXPECT_EQ(more.get(), 3);
  source.set(5);
  EXPECT_EQ(more.get(), 11);
}

TEST(Propagation, ComputesLiveValuesForTheHostBeforeTheySettle) {
  Scheduler scheduler;
  const auto source = scheduler.signal(1);
  const auto twice = scheduler.derive([=] { return 2 * source.get(); });
  const auto more = scheduler.derive([=] { return twice.get() + 1; });
  scheduler.sink([=] { (void)more.get(); });
  scheduler.settle();
  source.set(5);
  EXPECT_EQ(more.get(), 11);
}

TEST(Propagation, StopsAtAnEqualValue) {
  Scheduler scheduler;
  int effects = 0;
  const auto source = scheduler.signal(1);
  const auto parity = scheduler.derive([=] { return source.get() % 2; });
  scheduler.sink([&, parity] { ++effects, (void)parity.get(); });
  scheduler.settle();
  source.set(3);
  scheduler.settle();
  source.set(3);
  scheduler.settle();
  EXPECT_EQ(effects, 1);
}

TEST(Propagation, TakesNanForItselfAndTellsMinusZeroFromZero) {
  Scheduler scheduler;
  std::vector<double> seen;
  const auto source = scheduler.signal(0.0);
  scheduler.sink([&, source] { seen.push_back(source.get()); });
  for (const double value : {0.0, -0.0, -0.0, std::numeric_limits<double>::quiet_NaN(), std::nan("7"), 1.0}) {
    source.set(value);
    scheduler.settle();
  }
  ASSERT_EQ(seen.size(), 4u);
  EXPECT_TRUE(std::signbit(seen[1]));
  EXPECT_TRUE(std::isnan(seen[2]));
}

TEST(Propagation, ComparesAsItIsTold) {
  Scheduler scheduler;
  int effects = 0;
  const auto source = scheduler.signal(
      std::string("a"), +[](const std::string& left, const std::string& right) { return left.size() == right.size(); });
  scheduler.sink([&, source] { ++effects, (void)source.get(); });
  for (const char* value : {"b", "c", "dd"}) {
    source.set(value);
    scheduler.settle();
  }
  EXPECT_EQ(effects, 2);
}

TEST(Propagation, RunsTheEndOfADiamondOnceAndNeverShowsItHalfWay) {
  Scheduler scheduler;
  std::vector<int> seen;
  const auto source = scheduler.signal(1);
  std::vector<Computed<int>> arms;
  for (int i = 0; i < 5; ++i) arms.push_back(scheduler.derive([=] { return source.get() + i; }));
  const auto sum = scheduler.derive([=] {
    int total = 0;
    for (const auto& arm : arms) total += arm.get();
    return total;
  });
  scheduler.sink([&, sum] { seen.push_back(sum.get()); });
  for (int i = 1; i <= 500; ++i) {
    source.set(i);
    scheduler.settle();
  }
  ASSERT_EQ(seen.size(), 500u);
  for (int i = 1; i <= 500; ++i) EXPECT_EQ(seen[static_cast<std::size_t>(i - 1)], 5 * i + 10);
}

TEST(Propagation, RunsOnceWhereWaysOfDifferentLengthMeet) {
  Scheduler scheduler;
  std::vector<std::string> runs;
  const auto a = scheduler.signal(1);
  const auto b = scheduler.derive([&, a] { return runs.push_back("b"), a.get() + 1; });
  const auto c = scheduler.derive([&, b] { return runs.push_back("c"), b.get() + 1; });
  const auto d = scheduler.derive([&, a, c] { return runs.push_back("d"), a.get() + c.get(); });
  scheduler.sink([&, b, d] { runs.push_back("effect"), (void)d.get(), (void)b.get(); });
  scheduler.settle();
  runs.clear();
  a.set(2);
  scheduler.settle();
  EXPECT_THAT(runs, ElementsAre("b", "c", "d", "effect"));
}

TEST(Propagation, DependsOnWhatTheLastRunRead) {
  Scheduler scheduler;
  int runs = 0;
  const auto first = scheduler.signal(true);
  const auto left = scheduler.signal(1);
  const auto right = scheduler.signal(10);
  const auto chosen = scheduler.derive([&, first, left, right] {
    ++runs;
    return first.get() ? left.get() : right.get();
  });
  int seen = 0;
  scheduler.sink([&, chosen] { seen = chosen.get(); });
  scheduler.settle();
  right.set(11);
  scheduler.settle();
  EXPECT_EQ(runs, 1);
  first.set(false);
  scheduler.settle();
  EXPECT_EQ(seen, 11);
  left.set(2);
  scheduler.settle();
  EXPECT_EQ(runs, 2);
  right.set(12);
  scheduler.settle();
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(seen, 12);
}

TEST(Propagation, LetsGoOfBranchesThatNobodyReads) {
  Scheduler scheduler;
  int runs = 0;
  const auto on = scheduler.signal(true);
  const auto value = scheduler.signal(1);
  const auto inner = scheduler.derive([&, value] { return ++runs, value.get(); });
  const auto outer = scheduler.derive([=] { return inner.get() + 1; });
  scheduler.sink([=] { on.get() ? outer.get() : 0; });
  scheduler.settle();
  on.set(false);
  scheduler.settle();
  value.set(2);
  scheduler.settle();
  EXPECT_EQ(runs, 1);
  on.set(true);
  scheduler.settle();
  EXPECT_EQ(runs, 2);
}

TEST(Propagation, FindsADependencyThatIsHigherThanItself) {
  Scheduler scheduler;
  const auto source = scheduler.signal(0);
  const auto low = std::make_shared<Computed<int>>();
  const auto high = std::make_shared<Computed<int>>();
  int low_runs = 0;
  *low = scheduler.derive([&low_runs, source, high] { return ++low_runs, source.get() < 2 ? 0 : high->get(); });
  Computed<int> end = scheduler.derive([=] { return source.get() * 10; });
  for (int i = 0; i < 5; ++i) end = scheduler.derive([end] { return end.get() + 1; });
  *high = end;
  std::vector<int> seen;
  scheduler.sink([&, low, high] { seen.push_back(low->get() * 1000 + high->get()); });
  for (int i = 1; i <= 3; ++i) {
    source.set(i);
    scheduler.settle();
  }
  EXPECT_THAT(seen, ElementsAre(15, 25025, 35035));
  EXPECT_EQ(low_runs, 3);
}

TEST(Propagation, ReadsManyTimesAndDependsOnce) {
  Scheduler scheduler;
  int runs = 0;
  const auto a = scheduler.signal(1);
  const auto b = scheduler.signal(1);
  scheduler.sink([&, a, b] {
    ++runs;
    for (int i = 0; i < 10; ++i) (void)a.get(), (void)b.get();
  });
  scheduler.settle();
  b.set(2);
  scheduler.settle();
  a.set(2);
  scheduler.settle();
  EXPECT_EQ(runs, 3);
}

TEST(Propagation, SettlesABatchOnce) {
  Scheduler scheduler;
  std::vector<int> seen;
  const auto a = scheduler.signal(1);
  const auto b = scheduler.signal(2);
  scheduler.sink([&, a, b] { seen.push_back(a.get() + b.get()); });
  scheduler.settle();
  scheduler.batch([&] {
    a.set(10);
    scheduler.batch([&] { b.set(20); });
    EXPECT_FALSE(scheduler.settle());
  });
  EXPECT_THAT(seen, ElementsAre(3, 30));
}

TEST(Propagation, DoesNotDependOnWhatIsReadUntracked) {
  Scheduler scheduler;
  std::vector<int> seen;
  const auto a = scheduler.signal(1);
  const auto b = scheduler.signal(10);
  const auto c = scheduler.signal(100);
  scheduler.sink([&, a, b, c] { seen.push_back(a.get() + scheduler.untracked([&] { return b.get(); }) + c.get()); });
  scheduler.settle();
  b.set(20);
  scheduler.settle();
  c.set(200);
  scheduler.settle();
  b.set(30);
  scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(111, 221));
}

TEST(Propagation, ComputesEverythingInPushMode) {
  Scheduler scheduler({.pull_mode = false});
  int runs = 0;
  const auto source = scheduler.signal(1);
  const auto value = scheduler.derive([&, source] { return ++runs, source.get(); });
  scheduler.settle();
  source.set(2);
  scheduler.settle();
  EXPECT_EQ(runs, 2);
  scheduler.enable_pull_mode(true);
  source.set(3);
  scheduler.settle();
  EXPECT_EQ(runs, 2);
  scheduler.enable_pull_mode(false);
  scheduler.settle();
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(value.get(), 3);
}

TEST(Propagation, RunsAnActionForTheSourcesThatItWrites) {
  Scheduler scheduler;
  int runs = 0;
  std::vector<int> seen;
  const auto in = scheduler.signal(1);
  const auto out = scheduler.signal(0);
  scheduler.subscribe([&, in, out] { ++runs, out.set(in.get() * 2); }, {.reads = {in.ref()}, .writes = {out.ref()}},
                      {.schedule_immediately = true});
  scheduler.settle();
  EXPECT_EQ(runs, 0);
  scheduler.sink([&, out] { seen.push_back(out.get()); });
  scheduler.settle();
  in.set(4);
  scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(2, 8));
}

TEST(Propagation, OrdersAWriterThatCameAfterItsReader) {
  Scheduler scheduler;
  std::vector<int> seen;
  const auto in = scheduler.signal(1);
  const auto out = scheduler.signal(0);
  const auto sum = scheduler.derive([=] { return in.get() * 100 + out.get(); });
  scheduler.sink([&, sum] { seen.push_back(sum.get()); });
  scheduler.settle();
  scheduler.subscribe([=] { out.set(in.get()); }, {.reads = {in.ref()}, .writes = {out.ref()}});
  in.set(2);
  scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(100, 202));
}

TEST(Propagation, RunsEffectsInTheOrderOfTheirSubscription) {
  Scheduler scheduler;
  std::vector<int> order;
  const auto source = scheduler.signal(0);
  for (int i = 0; i < 4; ++i) scheduler.sink([&, source, i] { order.push_back(i), (void)source.get(); });
  scheduler.settle();
  order.clear();
  source.set(1);
  scheduler.settle();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3));
}

TEST(Propagation, ShowsAnEffectWhatAnEarlierOneWrote) {
  Scheduler scheduler;
  std::vector<int> seen;
  const auto a = scheduler.signal(1);
  const auto b = scheduler.signal(0);
  const auto twice = scheduler.derive([=] { return 2 * b.get(); });
  scheduler.sink([=] { b.set(a.get()); });
  scheduler.sink([&, a, twice] { seen.push_back(100 * a.get() + twice.get()); });
  scheduler.settle();
  a.set(2);
  scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(102, 204));
}

TEST(Propagation, RunsAnEffectAgainThatWroteWhatItHadRead) {
  Scheduler scheduler;
  int runs = 0;
  const auto count = scheduler.signal(0);
  scheduler.sink([&, count] {
    ++runs;
    if (count.get() < 5) count.set(count.get() + 1);
  });
  scheduler.settle();
  EXPECT_EQ(count.get(), 5);
  EXPECT_EQ(runs, 6);
  EXPECT_TRUE(scheduler.idle());
}

TEST(Propagation, ReadsAgainWhatTheReadersOwnWriteHasChanged) {
  Scheduler scheduler;
  const auto trigger = scheduler.signal(0);
  const auto source = scheduler.signal(0);
  const auto twice = scheduler.derive([=] { return source.get() * 2; });
  const auto after = scheduler.derive([=] { return source.get() + 1; });
  std::vector<int> seen;
  scheduler.sink([&, trigger, source, twice, after] {
    const int value = trigger.get();
    seen.push_back(twice.get());
    scheduler.untracked([&] { source.set(value); });
    seen.push_back(twice.get());
    seen.push_back(after.get());
  });
  scheduler.settle();
  seen.clear();
  trigger.set(5);
  scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(0, 10, 6, 10, 10, 6));
}

TEST(Propagation, RefusesWritesThatAComputationDidNotDeclare) {
  Scheduler scheduler;
  const auto other = scheduler.signal(0);
  const auto writer = scheduler.derive([=] { return other.set(1), 1; }, {.name = "writer"});
  const auto result = writer.result();
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kDenied);
  EXPECT_THAT(result.error().message, HasSubstr("writer"));
  EXPECT_EQ(other.get(), 0);
}

}  // namespace
}  // namespace yard::reactive
