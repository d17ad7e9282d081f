// Debounce, throttle, and what costs decide.
#include "tests/engine/reactive/support.h"

namespace yard::reactive {
namespace {

using namespace testing;

struct Gated : ::testing::Test {
  Cancel watch(const ActionOptions& options) {
    ActionOptions effect = options;
    effect.is_effect = true;
    return scheduler.subscribe([this] { runs.push_back(scheduler.now()), (void)source.get(); },
                               {.reads = {source.ref()}}, effect);
  }
  void trigger(Millis at) {
    source.set(source.get() + 1);
    scheduler.advance(at);
  }

  Scheduler scheduler;
  Signal<int> source = scheduler.signal(0);
  std::vector<Nanos> runs;
};

TEST_F(Gated, RunsOnceAfterTheLastOfSeveralTriggers) {
  watch({.debounce = Millis(50)});
  source.set(1);
  scheduler.advance(Millis(20));
  source.set(2);
  scheduler.advance(Millis(40));
  source.set(3);
  EXPECT_FALSE(scheduler.idle());
  EXPECT_EQ(scheduler.next_wake(), Millis(90));
  scheduler.advance(Millis(89));
  EXPECT_THAT(runs, IsEmpty());
  scheduler.advance(Millis(90));
  EXPECT_THAT(runs, ElementsAre(Millis(90)));
  scheduler.advance(Millis(500));
  EXPECT_EQ(runs.size(), 1u);
  EXPECT_EQ(scheduler.next_wake(), std::nullopt);
}

TEST_F(Gated, NeverRunsAfterItsEnd) {
  const Cancel cancel = watch({.debounce = Millis(50)});
  source.set(1);
  scheduler.settle();
  EXPECT_FALSE(scheduler.idle());
  cancel();
  EXPECT_TRUE(scheduler.idle());
  EXPECT_EQ(scheduler.next_wake(), std::nullopt);
  scheduler.advance(Millis(100));
  EXPECT_THAT(runs, IsEmpty());
}

TEST_F(Gated, DoesNotWakeWhoTookThePlaceOfWhatWasDisposedOf) {
  watch({.debounce = Millis(50)})();
  const Cancel first = watch({.debounce = Millis(50)});
  source.set(1);
  scheduler.settle();
  scheduler.dispose(first.ref());
  watch({.debounce = Millis(500)});
  source.set(2);
  scheduler.advance(Millis(60));
  EXPECT_THAT(runs, IsEmpty());
  scheduler.advance(Millis(500));
  EXPECT_EQ(runs.size(), 1u);
}

TEST_F(Gated, KeepsRunsApartByTheThrottle) {
  watch({.throttle = Millis(100)});
  source.set(1);
  scheduler.settle();
  EXPECT_THAT(runs, ElementsAre(Millis(0)));
  for (const int at : {10, 20, 30, 99}) trigger(Millis(at));
  EXPECT_EQ(runs.size(), 1u);
  scheduler.advance(Millis(100));
  EXPECT_THAT(runs, ElementsAre(Millis(0), Millis(100)));
}

TEST_F(Gated, HasNoDebounceOnceThatIsTakenBack) {
  const Cancel cancel = watch({});
  ASSERT_TRUE(scheduler.set_debounce(cancel.ref(), Millis(50)));
  source.set(1);
  scheduler.settle();
  EXPECT_THAT(runs, IsEmpty());
  ASSERT_TRUE(scheduler.set_debounce(cancel.ref(), Millis(0)));
  scheduler.settle();
  EXPECT_EQ(runs.size(), 1u);
  cancel();
  EXPECT_EQ(scheduler.set_throttle(cancel.ref(), Millis(1)).error().code, ErrorCode::kGone);
}

TEST_F(Gated, GoesByTheTimeAtItsDecisionAndNeverBackwards) {
  watch({.debounce = Millis(50)});
  scheduler.advance(Millis(100));
  scheduler.advance(Millis(10));
  EXPECT_EQ(scheduler.now(), Millis(100));
  source.set(1);
  scheduler.advance(Millis(149));
  EXPECT_THAT(runs, IsEmpty());
  scheduler.advance(Millis(150));
  EXPECT_THAT(runs, ElementsAre(Millis(150)));
}

TEST(Gate, MakesAComputationWaitAndItsReadersKeepWhatTheyHave) {
  Scheduler scheduler;
  const auto source = scheduler.signal(1);
  const auto slow = scheduler.derive([=] { return source.get(); }, {.debounce = Millis(50)});
  std::vector<int> seen;
  scheduler.sink([&, slow] { seen.push_back(slow.get()); });
  scheduler.settle();
  source.set(2);
  scheduler.settle();
  EXPECT_EQ(slow.get(), 1);
  scheduler.advance(Millis(50));
  EXPECT_THAT(seen, ElementsAre(1, 2));
}

// Runs of an effect with these costs; true once it is debounced.
std::vector<bool> debounced_after(const std::vector<int>& costs, const ActionOptions& options, DecisionLog* decisions) {
  FakeMeter meter;
  Scheduler scheduler({.meter = &meter, .decisions = decisions});
  const auto source = scheduler.signal(0);
  std::size_t run = 0;
  ActionOptions effect = options;
  effect.is_effect = true;
  scheduler.subscribe([&, source] { meter.spend(Millis(costs[run++ % costs.size()])), (void)source.get(); },
                      {.reads = {source.ref()}}, effect);
  std::vector<bool> debounced;
  for (int i = 1; run < costs.size() && debounced.size() < costs.size() + 1; ++i) {
    source.set(i);
    scheduler.settle();
    debounced.push_back(scheduler.next_wake().has_value());
  }
  source.set(-1);
  scheduler.settle();
  debounced.push_back(scheduler.next_wake().has_value());
  return debounced;
}

TEST(AutoDebounce, BeginsAfterThreeRunsOfFiftyMilliseconds) {
  EXPECT_THAT(debounced_after({49, 49, 49}, {}, nullptr), ElementsAre(false, false, false, false));
  EXPECT_THAT(debounced_after({50, 50, 50}, {}, nullptr), ElementsAre(false, false, false, true));
}

TEST(AutoDebounce, IsNotForWhoOptsOut) {
  EXPECT_THAT(debounced_after({50, 50, 50}, {.auto_debounce = false}, nullptr),
              ElementsAre(false, false, false, false));
}

TEST(AutoDebounce, IsNotForComputations) {
  FakeMeter meter;
  Scheduler scheduler({.meter = &meter});
  const auto source = scheduler.signal(0);
  const auto slow = scheduler.derive([&, source] { return meter.spend(Millis(500)), source.get(); });
  scheduler.sink([=] { (void)slow.get(); });
  for (int i = 0; i < 10; ++i) {
    source.set(i);
    scheduler.settle();
    EXPECT_EQ(scheduler.next_wake(), std::nullopt);
  }
}

TEST(AutoDebounce, FollowsTheRecordWhateverItCostsThen) {
  RecordedDecisions recorded;
  EXPECT_TRUE(debounced_after({50, 50, 50}, {}, &recorded).back());
  ASSERT_EQ(recorded.decisions().size(), 1u);
  RecordedDecisions replayed(recorded.decisions());
  EXPECT_TRUE(debounced_after({1, 1, 1}, {}, &replayed).back());
  RecordedDecisions none(std::vector<Decision>{});
  EXPECT_FALSE(debounced_after({90, 90, 90}, {}, &none).back());
}

}  // namespace
}  // namespace yard::reactive
