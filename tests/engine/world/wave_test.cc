#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(World, RunsEverythingOnceAtFirst) {
  Driven world(adder());
  EXPECT_EQ(world->get_stats().steps, 2u);
  EXPECT_EQ(world.get<double>("sum"), 3);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 3.000000"));
}

TEST(World, RunsOnlyWhatAChangeReaches) {
  Driven world(adder());
  world.take_effects();
  EXPECT_EQ(world.set("a", 5.0), 2u);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 7.000000"));
  EXPECT_EQ(world.set("a", 5.0), 0u) << "equal to before";
  EXPECT_THAT(world.take_effects(), IsEmpty());
}

TEST(World, KeepsAChangeThatComesRightAfterAnother) {
  // chain a -> s1 -> s2 <- b, as NodeFlow lost it
  Driven world(Sketch()
                   .node("a", "Value", "double")
                   .node("b", "Value", "double")
                   .node("s1", "Add", "double")
                   .node("s2", "Add", "double")
                   .wire("a", "out", "s1", "a")
                   .wire("s1", "out", "s2", "a")
                   .wire("b", "out", "s2", "b")
                   .options(R"("mode": "push")")
                   .json());
  world.set("a", 1.0);
  world.set("b", 10.0);
  EXPECT_EQ(world.get<double>("s2"), 11);
}

TEST(World, ABatchIsOneWave) {
  Driven world(adder());
  world.take_effects();
  ASSERT_TRUE(world.put("a", 10.0));
  ASSERT_TRUE(world.put("b", 20.0));
  EXPECT_EQ(world.settle(), 2u);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 30.000000"));
}

std::string diamond(int arms) {
  Sketch sketch;
  std::string inputs;
  for (int i = 0; i < arms; ++i) inputs += (i == 0 ? "in" : ", in") + std::to_string(i) + ":double";
  sketch.node("a", "Value", "double").node("sum", "Add", "double", "", inputs).node("show", "Emit");
  for (int i = 0; i < arms; ++i) {
    const std::string arm = "arm" + std::to_string(i);
    sketch.node(arm, "Add", "double", "\"b\": " + std::to_string(i))
        .wire("a", "out", arm, "a")
        .wire(arm, "out", "sum", "in" + std::to_string(i));
  }
  return sketch.wire("sum", "out", "show", "x").json();
}

TEST(World, ADiamondIsSeenWhole) {
  Driven world(diamond(5));
  world.take_effects();
  for (int i = 1; i <= 500; ++i) {
    EXPECT_EQ(world.set("a", double(i)), 7u);
    EXPECT_THAT(world.take_effects(), ElementsAre("show " + std::to_string(5.0 * i + 10)));
  }
}

TEST(World, WhatComesOutEqualEndsThere) {
  Driven world(Sketch()
                   .node("a", "Value", "double")
                   .node("low", "Minimum", "double", "\"b\": 5")
                   .node("show", "Emit")
                   .wire("a", "out", "low", "a")
                   .wire("low", "out", "show", "x")
                   .json());
  world.set("a", 7.0);
  world.take_effects();
  EXPECT_EQ(world.set("a", 8.0), 1u) << "low stays 5";
  EXPECT_THAT(world.take_effects(), IsEmpty());
}

TEST(World, FaultsTravelAndGoAgain) {
  Driven world(Sketch()
                   .node("a", "Value", "int64", "\"value\": 1")
                   .node("b", "Value", "int64", "\"value\": 1")
                   .node("ratio", "Divide", "int64")
                   .node("next", "Add", "int64", "\"b\": 1")
                   .node("other", "Add", "int64", "\"b\": 1")
                   .node("show", "Emit", "int64")
                   .wire("a", "out", "ratio", "a")
                   .wire("b", "out", "ratio", "b")
                   .wire("ratio", "out", "next", "a")
                   .wire("a", "out", "other", "a")
                   .wire("next", "out", "show", "x")
                   .options(R"("mode": "push")")
                   .json());
  world.take_effects();
  ASSERT_TRUE(world.put("a", std::int64_t{4}));
  world.set("b", std::int64_t{0});
  EXPECT_EQ(world.fault("next"), "division_by_zero");
  EXPECT_EQ(world.get<std::int64_t>("other"), 5) << "siblings go on";
  EXPECT_THAT(world.take_effects(), IsEmpty());
  world.set("b", std::int64_t{2});
  EXPECT_EQ(world.get<std::int64_t>("next"), 3);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 3"));
}

TEST(World, RefusesWhatIsNoSourceOrOfAnotherType) {
  Driven world(adder());
  const Bytes before = world->snapshot();
  EXPECT_EQ(world.put("sum", 1.0).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(world.put("a", std::int64_t{1}).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(world->apply(SetCause{99, 1.0}).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(world->apply(EmitCause{world.output("a"), 1.0}).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(world.settle(), 0u);
  EXPECT_EQ(world->snapshot(), before);
}

// ---- push and pull

std::string unwatched() {
  return Sketch()
      .node("a", "Value", "double")
      .node("twice", "Multiply", "double", "\"b\": 2")
      .node("more", "Add", "double", "\"b\": 1")
      .wire("a", "out", "twice", "a")
      .wire("twice", "out", "more", "a")
      .json();
}

TEST(World, WhatNobodyWantsNeverRuns) {
  Driven world(unwatched());
  for (int i = 1; i <= 100; ++i) world.set("a", double(i));
  EXPECT_EQ(world->get_stats().steps, 0u);
  EXPECT_EQ(world.look("twice"), 1u);
  EXPECT_EQ(world.get<double>("twice"), 200);
  EXPECT_EQ(world.set("a", 1.0), 1u);
  EXPECT_EQ(world.look("twice", false), 0u);
  EXPECT_EQ(world.set("a", 2.0), 0u);
}

TEST(World, PushRunsEverything) {
  Driven world(unwatched(), {.pull = false});
  EXPECT_EQ(world.set("a", 3.0), 2u);
  EXPECT_EQ(world.get<double>("more"), 7);
}

TEST(World, WhatRemembersRunsWantedOrNot) {
  Driven world(Sketch()
                   .node("tick", "EventInput", "bool")
                   .node("count", "Counter", "int64", "", "in1:bool")
                   .wire("tick", "out", "count", "in1")
                   .json());
  world.emit("tick", {true, true, true});
  world.emit("tick", {true});
  EXPECT_EQ(world.get<std::int64_t>("count"), 4);
}

// ---- time

std::string metronome() {
  return Sketch()
      .node("timer", "Timer", "double", "\"interval_ms\": 100")
      .node("count", "Counter", "int64", "", "in1:double")
      .wire("timer", "out", "count", "in1")
      .json();
}

TEST(World, TimeGoesTheSameWayInWhateverSteps) {
  for (const int ms : {100, 50, 1000, 7}) {
    Driven world(metronome());
    for (int left = 1000; left > 0; left -= ms) world.advance(std::min(ms, left));
    EXPECT_EQ(world.get<std::int64_t>("count"), 10) << ms;
  }
}

TEST(World, NobodyIsWokenTooEarly) {
  Driven world(metronome());
  EXPECT_EQ(world.advance(99), 0u);
  EXPECT_EQ(world.get<std::int64_t>("count"), 0);
  EXPECT_EQ(world.advance(1), 2u);
  EXPECT_EQ(world.get<std::int64_t>("count"), 1);
}

TEST(World, TimeNeverGoesBack) {
  Driven world(metronome());
  world.advance(10);
  EXPECT_EQ(world->apply(AdvanceCause{9 * kMs}).error().code, ErrorCode::kInvalidArguments);
}

TEST(World, ALongTimeIsTakenInParts) {
  Driven world(Sketch().node("timer", "Timer", "double", "\"interval_ms\": 1").json());
  ASSERT_TRUE(world->apply(AdvanceCause{100 * kMs}));
  EXPECT_FALSE(world->settle(30));
  EXPECT_EQ(world->now_ns(), 30 * kMs);
  EXPECT_EQ(world->apply(AdvanceCause{200 * kMs}).error().code, ErrorCode::kConflict);
  EXPECT_TRUE(world->settle(100));
  EXPECT_EQ(world->now_ns(), 100 * kMs);
}

// ---- invariants

std::string guarded(bool roll_back) {
  return Sketch()
      .node("balance", "Value", "double", "\"value\": 10")
      .node("fine", "GreaterEqual", "", "\"b\": 0", "a:double, b:double")
      .node("guard", "Require", "",
            std::string("\"message\": \"broke\", \"roll_back\": ") + (roll_back ? "true" : "false"))
      .node("show", "Emit")
      .wire("balance", "out", "fine", "a")
      .wire("fine", "out", "guard", "holds")
      .wire("balance", "out", "show", "x")
      .json();
}

TEST(World, ABreachIsToldAndTheWorldGoesOn) {
  Driven world(guarded(false));
  world.take_effects();
  world.set("balance", -1.0);
  ASSERT_EQ(world->breaches().size(), 1u);
  EXPECT_EQ(world->breaches()[0].message, "broke");
  EXPECT_FALSE(world->breaches()[0].rolled_back);
  EXPECT_EQ(world.get<double>("balance"), -1);
  EXPECT_THAT(world.take_effects(), ElementsAre("show -1.000000"));
}

TEST(World, ABreachRollsBackToTheCheckPoint) {
  Driven world(guarded(true));
  world.set("balance", 20.0);
  ASSERT_TRUE(world->apply(CheckPointCause{}));
  world.set("balance", 30.0);
  world.take_effects();
  world.set("balance", -1.0);
  ASSERT_EQ(world->breaches().size(), 1u);
  EXPECT_TRUE(world->breaches()[0].rolled_back);
  EXPECT_EQ(world.get<double>("balance"), 20);
  EXPECT_THAT(world.take_effects(), IsEmpty()) << "what the wave let out stays in";
  world.set("balance", 21.0);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 21.000000"));
}

TEST(World, WithoutACheckPointABreachGoesBackToTheBeginning) {
  Driven world(guarded(true));
  world.set("balance", 20.0);
  world.set("balance", -1.0);
  EXPECT_EQ(world.get<double>("balance"), 10);
}

// ---- cycles

std::string counting_cycle(const std::string& limit) {
  return Sketch()
      .node("limit", "Value", "double", "\"value\": " + limit)
      .node("step", "Value", "double")
      .node("next", "Add", "double")
      .node("x", "Minimum", "double")
      .node("show", "Emit")
      .node("other", "Add", "double", "\"b\": 1")
      .node("aside", "Emit", "", "\"channel\": \"aside\"")
      .wire("x", "out", "next", "a")
      .wire("step", "out", "next", "b")
      .wire("next", "out", "x", "a")
      .wire("limit", "out", "x", "b")
      .wire("x", "out", "show", "x")
      .wire("step", "out", "other", "a")
      .wire("other", "out", "aside", "x")
      .options(R"("cycles": "iterate")")
      .json();
}

TEST(World, ACycleComesToRestBeforeItsReadersRun) {
  Driven world(counting_cycle("5"));
  world.take_effects();
  world.set("step", 1.0);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 5.000000", "aside 2.000000"));
  EXPECT_EQ(world->get_stats().restless_cycles, 0u);
}

TEST(World, ACycleThatDivergesStopsAfterTwentyIterations) {
  Driven world(counting_cycle("1e9"));
  world.take_effects();
  world.set("step", 1.0);
  EXPECT_EQ(world.get<double>("x"), 20);
  EXPECT_EQ(world->get_stats().restless_cycles, 1u);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 20.000000", "aside 2.000000"));
  EXPECT_TRUE(world->is_at_rest());
}

// Adds one, and says that it takes long.
struct SlowNext {
  double operator()(double x, double step) const { return x + step; }
};

TEST(World, ASlowCycleLetsOthersRunBetweenItsIterations) {
  auto kinds = std::make_shared<Kinds>();
  ASSERT_TRUE(add_standard_kinds(*kinds));
  ASSERT_TRUE(kinds->add({.name = "SlowNext",
                          .summary = "x + step.",
                          .inputs = {{"x"}, {"step"}},
                          .outputs = {"out"},
                          .overloads = {overload<SlowNext>()},
                          .cost_us = 20'000}));
  Driven world(Sketch()
                   .node("step", "Value", "double")
                   .node("next", "SlowNext")
                   .node("x", "Minimum", "double", "\"b\": 4")
                   .node("show", "Emit")
                   .node("aside", "Emit")
                   .wire("x", "out", "next", "x")
                   .wire("step", "out", "next", "step")
                   .wire("next", "out", "x", "a")
                   .wire("x", "out", "show", "x")
                   .wire("step", "out", "aside", "x")
                   .options(R"("cycles": "iterate")")
                   .json(),
               {}, kinds);
  world.take_effects();
  ASSERT_TRUE(world.put("step", 1.0));
  std::vector<std::vector<std::string>> waves;
  while (!world->settle(1)) waves.push_back(world.take_effects());
  waves.push_back(world.take_effects());
  ASSERT_EQ(waves.size(), 6u);
  EXPECT_THAT(waves[5], IsEmpty()) << "it finds that it is at rest";
  EXPECT_THAT(waves[0], ElementsAre("aside 1.000000")) << "nobody waits for the cycle";
  for (std::size_t i = 1; i < 5; ++i) EXPECT_THAT(waves[i], ElementsAre("show " + std::to_string(double(i))));
  EXPECT_TRUE(world->is_at_rest());
}

// ---- gates

TEST(World, ADebouncedValueComesOnceItKeepsStill) {
  Driven world(Sketch()
                   .node("a", "Value", "double")
                   .node("still", "Debounce", "double", "\"ms\": 50")
                   .node("show", "Emit")
                   .wire("a", "out", "still", "x")
                   .wire("still", "out", "show", "x")
                   .json());
  world.take_effects();
  for (const double value : {1.0, 2.0, 3.0}) {  // at 0, 20 and 40 ms
    world.set("a", value);
    if (value < 3) world.advance(20);
  }
  world.advance(49);
  EXPECT_THAT(world.take_effects(), IsEmpty()) << "89 ms";
  world.advance(1);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 3.000000"));
  world.advance(1'000);
  EXPECT_THAT(world.take_effects(), IsEmpty());
}

TEST(World, AThrottledValueChangesOnceInAWhileAndEndsWithTheLast) {
  Driven world(Sketch()
                   .node("a", "Value", "double")
                   .node("slower", "Throttle", "double", "\"ms\": 50")
                   .node("show", "Emit")
                   .wire("a", "out", "slower", "x")
                   .wire("slower", "out", "show", "x")
                   .json());
  world.take_effects();
  for (int i = 1; i <= 12; ++i) {  // at 0, 10, … 110 ms
    world.set("a", double(i));
    world.advance(10);
  }
  EXPECT_THAT(world.take_effects(), ElementsAre("show 1.000000", "show 5.000000", "show 10.000000"));
  world.advance(100);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 12.000000"));
}

}  // namespace
}  // namespace yard::graph::testing
