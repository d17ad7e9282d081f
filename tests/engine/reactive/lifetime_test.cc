// Who lives how long: scopes, nested effects, cancelling.
#include "tests/engine/reactive/support.h"

namespace yard::reactive {
namespace {

using namespace testing;

TEST(Lifetime, OfNestedEffectsEndsWhenTheirOwnerRunsAgain) {
  Scheduler scheduler;
  int inner_runs = 0;
  const auto outer = scheduler.signal(0);
  const auto inner = scheduler.signal(0);
  scheduler.sink([&, outer, inner] {
    (void)outer.get();
    scheduler.sink([&, inner] { ++inner_runs, (void)inner.get(); });
  });
  scheduler.settle();
  for (int i = 1; i <= 3; ++i) {
    outer.set(i);
    scheduler.settle();
  }
  inner_runs = 0;
  inner.set(1);
  scheduler.settle();
  EXPECT_EQ(inner_runs, 1);
  EXPECT_EQ(scheduler.get_stats().effects, 2u);
}

TEST(Lifetime, OfAnInnerEffectEndsBeforeItSeesWhatItsOwnerGuardsAgainst) {
  Scheduler scheduler;
  bool seen_bad = false;
  const auto value = scheduler.signal(1);
  const auto good = scheduler.derive([=] { return value.get() > 0; });
  scheduler.sink([&, value, good] {
    if (good.get()) scheduler.sink([&, value] { seen_bad = seen_bad || value.get() <= 0; });
  });
  scheduler.settle();
  value.set(0);
  scheduler.settle();
  EXPECT_FALSE(seen_bad);
}

TEST(Lifetime, OfAllThatAScopeMadeEndsWithIt) {
  Scheduler scheduler;
  int runs = 0;
  const auto source = scheduler.signal(0);
  Computed<int> made;
  const Cancel scope = scheduler.scope([&] {
    made = scheduler.derive([=] { return source.get(); });
    scheduler.sink([&runs, made] { ++runs, (void)made.get(); });
    scheduler.scope([&] { scheduler.sink([&runs, source] { ++runs, (void)source.get(); }); });
  });
  scheduler.settle();
  EXPECT_EQ(runs, 2);
  scope();
  scope();
  source.set(1);
  scheduler.settle();
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(made.result().error().code, ErrorCode::kGone);
  EXPECT_EQ(scheduler.get_stats().effects, 0u);
  EXPECT_EQ(scheduler.get_stats().computations, 0u);
}

TEST(Lifetime, EndsWithinTheOwnRun) {
  Scheduler scheduler;
  const auto source = scheduler.signal(0);
  const auto later = scheduler.signal(0);
  int runs = 0;
  Cancel cancel;
  cancel = scheduler.sink([&, source, later] {
    ++runs;
    (void)source.get();
    cancel();
    (void)later.get();
  });
  scheduler.settle();
  source.set(1);
  later.set(1);
  scheduler.settle();
  EXPECT_EQ(runs, 1);
}

TEST(Lifetime, EndsOfWhatIsQueued) {
  Scheduler scheduler;
  int runs = 0;
  const auto source = scheduler.signal(0);
  const auto value = scheduler.derive([&, source] { return ++runs, source.get(); });
  const Cancel cancel = scheduler.sink([=] { (void)value.get(); });
  scheduler.settle();
  source.set(1);
  scheduler.dispose(value.ref());
  cancel();
  const auto other = scheduler.derive([=] { return source.get(); });
  scheduler.settle();
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(other.get(), 1);
  EXPECT_EQ(scheduler.get_stats().pending, 0u);
}

TEST(Lifetime, OfASourceEndsWhileItIsRead) {
  Scheduler scheduler;
  const auto source = scheduler.signal(7);
  std::vector<int> seen;
  scheduler.sink([&, source] {
    seen.push_back(source.get());
    scheduler.dispose(source.ref());
    seen.push_back(source.result().value_or(-1));
  });
  scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(7, -1));
  EXPECT_THROW(source.set(1), Failure);
}

TEST(Lifetime, OfPlacesIsShortAndHandlesKnowTheirs) {
  Scheduler scheduler;
  const auto old = scheduler.signal(1);
  scheduler.dispose(old.ref());
  const auto young = scheduler.signal(2);
  EXPECT_EQ(young.ref().id, old.ref().id);
  EXPECT_EQ(old.result().error().code, ErrorCode::kGone);
  EXPECT_EQ(young.get(), 2);
}

TEST(Stats, CountBeforeAndAfterTheEnd) {
  Scheduler scheduler;
  const auto source = scheduler.signal(0);
  const auto value = scheduler.derive([=] { return source.get(); });
  const Cancel cancel = scheduler.sink([=] { (void)value.get(); });
  EXPECT_EQ(scheduler.get_stats().effects, 1u);
  EXPECT_EQ(scheduler.get_stats().computations, 1u);
  EXPECT_EQ(scheduler.get_stats().pending, 1u);
  scheduler.settle();
  source.set(1);
  EXPECT_EQ(scheduler.get_stats().pending, 1u);
  scheduler.settle();
  source.set(2);
  cancel();
  const Stats stats = scheduler.get_stats();
  EXPECT_EQ(stats.effects, 0u);
  EXPECT_EQ(stats.computations, 1u);
  EXPECT_EQ(stats.pending, 0u);
  EXPECT_EQ(stats.effect_runs, 2u);
  EXPECT_EQ(stats.computation_runs, 2u);
  EXPECT_EQ(stats.computations_per_effect(), 1);
}

TEST(Stats, MeasureEachActionWithoutWhatItWaitedFor) {
  FakeMeter meter;
  Scheduler scheduler({.meter = &meter});
  const auto source = scheduler.signal(0);
  const auto value = scheduler.derive([&, source] { return meter.spend(Millis(10)), source.get(); });
  const Cancel cancel = scheduler.sink([&, value] { meter.spend(Millis(value.get() == 0 ? 1 : 3)); });
  scheduler.settle();
  source.set(1);
  scheduler.settle();
  const ActionStats effect = scheduler.get_action_stats(cancel.ref());
  EXPECT_EQ(effect.run_count, 2u);
  EXPECT_EQ(effect.total_time, Millis(4));
  EXPECT_EQ(effect.average_time, Millis(2));
  EXPECT_EQ(effect.last_run_time, Millis(3));
  EXPECT_EQ(scheduler.get_action_stats(value.ref()).total_time, Millis(20));
  cancel();
  EXPECT_EQ(scheduler.get_action_stats(cancel.ref()).run_count, 0u);
}

}  // namespace
}  // namespace yard::reactive
