// What depends on itself.
#include "tests/engine/reactive/support.h"

namespace yard::reactive {
namespace {

using namespace testing;

TEST(Cycle, SettlesBeforeTheEffectSeesIt) {
  Rig rig(iterating());
  const auto value = make_cycle(rig.scheduler, [](int x) { return std::min(x + 1, 5); });
  std::vector<int> seen;
  rig.scheduler.sink([&, value] { seen.push_back(value.get()); });
  rig.scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(5));
  EXPECT_THAT(rig.kinds(), IsEmpty());
}

TEST(Cycle, SettlesOfActionsThatWriteEachOthersInputs) {
  Rig rig(iterating());
  const auto x = rig.scheduler.signal(0);
  const auto y = rig.scheduler.signal(0);
  rig.scheduler.subscribe([=] { y.set(std::min(x.get() + 1, 5)); }, {.reads = {x.ref()}, .writes = {y.ref()}},
                          {.schedule_immediately = true});
  rig.scheduler.subscribe([=] { x.set(y.get()); }, {.reads = {y.ref()}, .writes = {x.ref()}});
  std::vector<int> seen;
  rig.scheduler.sink([&, y] { seen.push_back(y.get()); });
  rig.scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(5));
  EXPECT_THAT(rig.kinds(), IsEmpty());
}

TEST(Cycle, StopsAtTheLimitAndLetsTheRestComplete) {
  Rig rig(iterating());
  int runs = 0;
  const auto value = make_cycle(rig.scheduler, [&](int x) { return ++runs, x + 1; });
  std::vector<int> seen;
  int others = 0;
  const auto other = rig.scheduler.signal(1);
  rig.scheduler.sink([&, value] { seen.push_back(value.get()); });
  rig.scheduler.sink([&, other] { others = other.get(); });
  rig.scheduler.settle();
  EXPECT_EQ(runs, 20);
  EXPECT_EQ(others, 1);
  EXPECT_THAT(rig.kinds(), ElementsAre(ProblemKind::kCycleLimit));
  EXPECT_EQ(seen.back(), 20);
  EXPECT_TRUE(rig.scheduler.idle());
}

TEST(Cycle, IsTriedAgainAfterABackoffThatDoublesAndIsReportedOnce) {
  Rig rig(iterating());
  int runs = 0;
  const auto value = make_cycle(rig.scheduler, [&](int x) { return ++runs, x + 1; });
  rig.scheduler.sink([=] { (void)value.get(); });
  rig.scheduler.settle();
  ASSERT_EQ(rig.scheduler.next_wake(), Millis(250));
  rig.scheduler.advance(Millis(249));
  EXPECT_EQ(runs, 20);
  rig.scheduler.advance(Millis(250));
  EXPECT_EQ(runs, 40);
  EXPECT_EQ(rig.scheduler.next_wake(), Millis(750));
  EXPECT_EQ(rig.problems.size(), 1u);
}

TEST(Cycle, RecoversWhenItComesToRest) {
  Rig rig(iterating());
  const auto limit = rig.scheduler.signal(1000);
  const auto value = make_cycle(rig.scheduler, [=](int x) { return std::min(x + 1, limit.get()); });
  int seen = 0;
  rig.scheduler.sink([&, value] { seen = value.get(); });
  rig.scheduler.settle();
  EXPECT_EQ(seen, 20);
  limit.set(30);
  rig.scheduler.advance(Millis(250));
  EXPECT_EQ(seen, 30);
  EXPECT_EQ(rig.scheduler.next_wake(), std::nullopt);
  limit.set(1000);
  rig.scheduler.settle();
  EXPECT_EQ(rig.problems.size(), 2u);
}

TEST(Cycle, YieldsAfterEachIterationIfItIsSlow) {
  Rig rig(iterating());
  std::vector<std::string> order;
  const auto tick = rig.scheduler.signal(0);
  const auto value =
      make_cycle(rig.scheduler, [&](int x) { return order.push_back("cycle"), std::min(x + 1, 3); }, Millis(8));
  rig.scheduler.sink([=] { (void)value.get(); });
  rig.scheduler.sink([&, tick] { order.push_back("other"), (void)tick.get(); });
  bool more = rig.scheduler.settle();
  for (int i = 1; more; ++i) {
    EXPECT_FALSE(rig.scheduler.idle());
    EXPECT_EQ(rig.scheduler.next_wake(), rig.scheduler.now());
    tick.set(i);
    more = rig.scheduler.settle();
  }
  EXPECT_THAT(order, ElementsAre("cycle", "other", "cycle", "other", "cycle", "other", "cycle", "other"));
  EXPECT_EQ(value.get(), 3);
  EXPECT_TRUE(rig.scheduler.idle());
}

TEST(Cycle, StopsAtTheSameLimitIfItIsSlow) {
  Rig rig(iterating());
  int runs = 0;
  const auto value = make_cycle(rig.scheduler, [&](int x) { return ++runs, x + 1; }, Millis(8));
  rig.scheduler.sink([=] { (void)value.get(); });
  int settles = 1;
  while (rig.scheduler.settle()) ++settles;
  EXPECT_EQ(runs, 20);
  EXPECT_EQ(settles, 20);
  EXPECT_THAT(rig.kinds(), ElementsAre(ProblemKind::kCycleLimit));
  EXPECT_TRUE(rig.scheduler.idle());
}

TEST(Cycle, OfEffectsStopsAtTheLimit) {
  Rig rig;
  int runs = 0;
  const auto a = rig.scheduler.signal(0);
  const auto b = rig.scheduler.signal(0);
  rig.scheduler.sink([&, a, b] { ++runs, b.set(a.get() + 1); });
  rig.scheduler.sink([=] { a.set(b.get()); });
  int others = 0;
  rig.scheduler.sink([&] { ++others; });
  rig.scheduler.settle();
  EXPECT_EQ(runs, 20);
  EXPECT_EQ(others, 1);
  EXPECT_THAT(rig.kinds(), ElementsAre(ProblemKind::kCycleLimit));
  EXPECT_TRUE(rig.scheduler.idle());
  EXPECT_EQ(rig.scheduler.get_stats().pending, 1u);
}

TEST(Cycle, FailsWhereItIsRejected) {
  Rig rig;
  const auto value = make_cycle(rig.scheduler, [](int x) { return x + 1; });
  rig.scheduler.sink([=] { (void)value.get(); });
  rig.scheduler.settle();
  ASSERT_THAT(rig.kinds(), ElementsAre(ProblemKind::kEffectFailed));
  EXPECT_EQ(rig.problems[0].error.code, ErrorCode::kInvalidArguments);
  EXPECT_THAT(rig.problems[0].error.message, HasSubstr("first reads second reads first"));
}

TEST(Cycle, FailsWhereAReadClosesItLater) {
  Rig rig;
  const auto closed = rig.scheduler.signal(false);
  const auto back = std::make_shared<Computed<int>>();
  const auto first = rig.scheduler.derive([=] { return closed.get() ? back->get() : 1; }, {.name = "first"});
  *back = rig.scheduler.derive([=] { return first.get() + 1; }, {.name = "second"});
  std::vector<int> seen;
  rig.scheduler.sink([&, back] { seen.push_back(back->get()); });
  rig.scheduler.settle();
  closed.set(true);
  rig.scheduler.settle();
  EXPECT_THAT(rig.kinds(), ElementsAre(ProblemKind::kEffectFailed));
  closed.set(false);
  rig.scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(2, 2));
}

TEST(Cycle, IsNotKeptLiveByItself) {
  Rig rig(iterating());
  int runs = 0;
  const auto source = rig.scheduler.signal(1);
  const auto value = make_cycle(rig.scheduler, [&, source](int x) { return ++runs, std::min(x, source.get()); });
  const Cancel cancel = rig.scheduler.sink([=] { (void)value.get(); });
  rig.scheduler.settle();
  cancel();
  runs = 0;
  source.set(-5);
  rig.scheduler.settle();
  EXPECT_EQ(runs, 0);
  EXPECT_TRUE(rig.scheduler.idle());
}

TEST(Cycle, IsNotSeenInADeepHealthyChain) {
  Rig rig;
  const auto source = rig.scheduler.signal(0);
  std::vector<Signal<int>> cells{source};
  for (int i = 0; i < 50; ++i) {
    const auto from = cells.back();
    const auto to = rig.scheduler.signal(0);
    rig.scheduler.sink([=] { to.set(from.get() + 1); });
    cells.push_back(to);
  }
  rig.scheduler.settle();
  source.set(1);
  rig.scheduler.settle();
  EXPECT_EQ(cells.back().get(), 51);
  EXPECT_THAT(rig.kinds(), IsEmpty());
}

TEST(Cycle, IsNotSeenWhereManyEffectsFeedOneComputation) {
  Rig rig;
  const auto source = rig.scheduler.signal(1);
  std::vector<Signal<int>> parts;
  for (int i = 0; i < 100; ++i) {
    const auto part = rig.scheduler.signal(0);
    rig.scheduler.sink([=] { part.set(source.get()); });
    parts.push_back(part);
  }
  const auto sum = rig.scheduler.derive([=] {
    int total = 0;
    for (const auto& part : parts) total += part.get();
    return total;
  });
  int seen = 0;
  rig.scheduler.sink([&, sum] { seen = sum.get(); });
  rig.scheduler.settle();
  source.set(3);
  rig.scheduler.settle();
  EXPECT_EQ(seen, 300);
  EXPECT_THAT(rig.kinds(), IsEmpty());
}

}  // namespace
}  // namespace yard::reactive
