// Errors: values like any other.
#include <stdexcept>

#include "tests/engine/reactive/support.h"

namespace yard::reactive {
namespace {

using namespace testing;

TEST(FailingComputation, FailsItsReadersAndNobodyElse) {
  Rig rig;
  const auto source = rig.scheduler.signal(1);
  const auto half = rig.scheduler.derive(
      [=] {
        if (source.get() % 2 != 0) throw std::runtime_error("odd");
        return source.get() / 2;
      },
      {.name = "half"});
  const auto above = rig.scheduler.derive([=] { return half.get() + 1; });
  const auto sibling = rig.scheduler.derive([=] { return source.get() * 10; });
  std::vector<int> seen;
  int siblings = 0;
  const Cancel reader = rig.scheduler.sink([&, above] { seen.push_back(above.get()); });
  rig.scheduler.sink([&, sibling] { siblings = sibling.get(); });
  rig.scheduler.settle();
  EXPECT_EQ(siblings, 10);
  ASSERT_THAT(rig.kinds(), ElementsAre(ProblemKind::kEffectFailed));
  EXPECT_EQ(rig.problems[0].node, reader.ref());
  EXPECT_EQ(rig.problems[0].error.message, "half threw: odd");
  EXPECT_EQ(above.result().error(), rig.problems[0].error);
  source.set(4);
  rig.scheduler.settle();
  EXPECT_THAT(seen, ElementsAre(3));
  EXPECT_EQ(rig.scheduler.get_action_stats(half.ref()).run_count, 2u);
}

TEST(FailingComputation, FailsByReturningToo) {
  Scheduler scheduler;
  const auto source = scheduler.signal(0);
  const auto inverse = scheduler.derive([=]() -> Result<double> {
    if (source.get() == 0) return fail(ErrorCode::kInvalidArguments, "no inverse of zero");
    return 1.0 / source.get();
  });
  EXPECT_EQ(inverse.result().error().message, "no inverse of zero");
  source.set(4);
  EXPECT_EQ(inverse.get(), 0.25);
}

TEST(FailingComputation, ChangesNothingWhenItFailsAlike) {
  Rig rig;
  const auto source = rig.scheduler.signal(0);
  const auto failing = rig.scheduler.derive(
      [=]() -> Result<int> { return fail(ErrorCode::kToolFailed, source.get() < 10 ? "low" : "high"); });
  rig.scheduler.sink([=] { (void)failing.get(); });
  for (const int value : {1, 2, 3, 10, 11}) {
    source.set(value);
    rig.scheduler.settle();
  }
  EXPECT_EQ(rig.problems.size(), 2u);
}

TEST(FailingComputation, IsMetByWhoAsksForTheResult) {
  Scheduler scheduler;
  const auto source = scheduler.signal(-1);
  const auto root = scheduler.derive([=]() -> Result<int> {
    if (source.get() < 0) return fail(ErrorCode::kInvalidArguments, "negative");
    return source.get();
  });
  const auto safe = scheduler.derive([=] { return root.result().value_or(0); });
  EXPECT_EQ(safe.get(), 0);
  source.set(3);
  EXPECT_EQ(safe.get(), 3);
}

TEST(FailingComputation, IsSeenThroughLiftedOnes) {
  Scheduler scheduler;
  const auto source = scheduler.signal(1);
  const auto failing = scheduler.derive([=]() -> Result<int> {
    if (source.get() > 0) return fail(ErrorCode::kToolFailed, "positive");
    return 0;
  });
  const auto lifted = scheduler.lift([](int a, int b) { return a + b; }, failing, source);
  EXPECT_EQ(lifted.result().error().message, "positive");
  source.set(-1);
  EXPECT_EQ(lifted.get(), -1);
}

TEST(FailingAction, FailsWhatItWrites) {
  Scheduler scheduler;
  const auto in = scheduler.signal(0);
  const auto out = scheduler.signal(0);
  scheduler.subscribe(
      [=]() -> Status {
        if (in.get() == 1) return fail(ErrorCode::kToolFailed, "one");
        out.set(in.get());
        return {};
      },
      {.reads = {in.ref()}, .writes = {out.ref()}}, {.schedule_immediately = true});
  EXPECT_EQ(out.get(), 0);
  in.set(1);
  EXPECT_EQ(out.result().error().message, "one");
  in.set(0);
  EXPECT_EQ(out.get(), 0);
}

TEST(FailingEffect, RunsAgainWithTheNextGoodInput) {
  Rig rig;
  const auto source = rig.scheduler.signal(0);
  int good = 0;
  rig.scheduler.sink([&, source]() -> Status {
    if (source.get() == 0) return fail(ErrorCode::kToolFailed, "zero");
    ++good;
    return {};
  });
  rig.scheduler.settle();
  EXPECT_EQ(rig.problems.size(), 1u);
  EXPECT_TRUE(rig.scheduler.idle());
  source.set(1);
  rig.scheduler.settle();
  EXPECT_EQ(good, 1);
  EXPECT_EQ(rig.problems.size(), 1u);
}

TEST(IdempotenceCheck, FindsWhatAccumulates) {
  Rig rig({.check_idempotence = true});
  const auto source = rig.scheduler.signal(1);
  int total = 0;
  const auto bad = rig.scheduler.derive([&, source] { return total += source.get(); }, {.name = "bad"});
  const auto good = rig.scheduler.derive([=] { return source.get() * 2; });
  rig.scheduler.sink([=] { (void)bad.get(), (void)good.get(); });
  rig.scheduler.settle();
  source.set(2);
  rig.scheduler.settle();
  ASSERT_THAT(rig.kinds(), ElementsAre(ProblemKind::kNotIdempotent));
  EXPECT_EQ(rig.problems[0].node, bad.ref());
}

TEST(IdempotenceCheck, FindsActionsThatWriteSomethingElse) {
  Rig rig({.check_idempotence = true});
  const auto in = rig.scheduler.signal(1);
  const auto sum = rig.scheduler.signal(0);
  const auto copy = rig.scheduler.signal(0);
  int total = 0;
  rig.scheduler.subscribe([&, in, sum] { sum.set(total += in.get()); }, {.writes = {sum.ref()}},
                          {.schedule_immediately = true, .name = "sum"});
  rig.scheduler.subscribe([=] { copy.set(in.get()); }, {.writes = {copy.ref()}}, {.schedule_immediately = true});
  rig.scheduler.sink([=] { (void)sum.get(), (void)copy.get(); });
  rig.scheduler.settle();
  ASSERT_THAT(rig.kinds(), ElementsAre(ProblemKind::kNotIdempotent));
  EXPECT_THAT(rig.problems[0].error.message, HasSubstr("sum"));
}

}  // namespace
}  // namespace yard::reactive
