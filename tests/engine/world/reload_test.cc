#include "engine/world/replay.h"
#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Sketch counting(const std::string& added) {
  return Sketch()
      .node("a", "Value", "double", "\"value\": 1")
      .node("tick", "EventInput", "double")
      .node("count", "Counter", "int64", "", "in1:double")
      .node("timer", "Timer", "double", "\"interval_ms\": 100")
      .node("sum", "Add", "double", "\"b\": " + added)
      .node("show", "Emit")
      .node("tell", "Emit", "int64")
      .wire("a", "out", "sum", "a")
      .wire("tick", "out", "count", "in1")
      .wire("sum", "out", "show", "x")
      .wire("count", "out", "tell", "x");
}

TEST(WorldReload, CarriesOnWhatHasTheSameIdAndKind) {
  Driven world(counting("1").json());
  world.set("a", 5.0);
  world.emit("tick", {1.0, 1.0});
  world.advance(60);
  world.take_effects();
  ASSERT_TRUE(world->reload(counting("2").json()));
  world.settle();
  EXPECT_EQ(world->epoch(), 2u);
  EXPECT_EQ(world.get<double>("a"), 5) << "it was set from outside";
  EXPECT_EQ(world.get<double>("sum"), 7) << "computed anew";
  EXPECT_EQ(world.get<std::int64_t>("count"), 2);
  EXPECT_THAT(world.take_effects(), ElementsAre("show 7.000000")) << "only what is another value now";
  world.emit("tick", {1.0});
  EXPECT_EQ(world.get<std::int64_t>("count"), 3);
}

TEST(WorldReload, AnEqualGraphChangesNothing) {
  Driven world(counting("1").json());
  world.set("a", 5.0);
  world.take_effects();
  const double before = world.get<double>("sum");
  ASSERT_TRUE(world->reload(counting("1").json()));
  world.settle();
  EXPECT_EQ(world.get<double>("sum"), before);
  EXPECT_THAT(world.take_effects(), IsEmpty());
}

TEST(WorldReload, ATimerGoesOnAsItWouldHave) {
  const auto counted = [](const std::string& b) {
    return Sketch()
        .node("timer", "Timer", "double", "\"interval_ms\": 100")
        .node("count", "Counter", "int64", "", "in1:double")
        .node("other", "Value", "double", "\"value\": " + b)
        .wire("timer", "out", "count", "in1")
        .json();
  };
  Driven world(counted("1"));
  world.advance(60);
  ASSERT_TRUE(world->reload(counted("2")));
  world.settle();
  EXPECT_EQ(world.get<double>("other"), 2) << "the document's own value has changed";
  world.advance(39);
  EXPECT_EQ(world.get<std::int64_t>("count"), 0);
  world.advance(1);
  EXPECT_EQ(world.get<std::int64_t>("count"), 1);
}

TEST(WorldReload, WhatIsNewRunsAtOnce) {
  Driven world(adder());
  world.take_effects();
  std::string more = adder();
  const std::string nodes = "\"nodes\": [";
  more.insert(more.find(nodes) + nodes.size(),
              R"({"id": "also", "type": "Emit", "inputs": [{"id": "x", "type": "double"}]},)");
  const std::string wires = "\"connections\": [";
  more.insert(more.find(wires) + wires.size(),
              R"({"fromNode": "sum", "fromPort": "out", "toNode": "also", "toPort": "x"},)");
  ASSERT_TRUE(world->reload(more));
  world.settle();
  EXPECT_THAT(world.take_effects(), ElementsAre("also 3.000000"));
}

TEST(WorldReload, ANodeOfAnotherKindBeginsAnew) {
  const auto with = [](const std::string& kind) {
    return Sketch()
        .node("tick", "EventInput", "double")
        .node("n", kind, kind == "Counter" ? "int64" : "bool", "", kind == "Counter" ? "in1:double" : "trigger:double")
        .wire("tick", "out", "n", kind == "Counter" ? "in1" : "trigger")
        .json();
  };
  Driven world(with("Counter"));
  world.emit("tick", {1.0});
  ASSERT_TRUE(world->reload(with("Toggle")));
  world.settle();
  EXPECT_FALSE(world.get<bool>("n"));
}

TEST(WorldReload, ARefusedGraphLeavesTheOldOneRunning) {
  Driven world(counting("1").json(), {.journal = tickets::JournalLevel::kFull});
  world.set("a", 5.0);
  const Bytes before = world->snapshot();
  const std::size_t written = world->journal_part().bytes.size();
  const auto refused = world->reload(R"({"nodes": [{"id": "x", "type": "Nothing"}], "connections": [{}]})");
  ASSERT_FALSE(refused);
  EXPECT_GT(refused.error().size(), 1u) << "all that is wrong";
  EXPECT_EQ(world->apply(ReloadCause{"{"}).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(world->snapshot(), before);
  EXPECT_EQ(world->journal_part().bytes.size(), written);
  EXPECT_EQ(world->epoch(), 1u);
  world.set("a", 6.0);
  EXPECT_EQ(world.get<double>("sum"), 7);
}

TEST(WorldReload, IsReplayed) {
  Driven world(counting("1").json(), {.journal = tickets::JournalLevel::kFull});
  world.set("a", 5.0);
  world.look("sum");
  ASSERT_TRUE(world->apply(ReloadCause{counting("2").json()}));
  world.settle();
  world.emit("tick", {1.0});
  Replay again(standard_kinds(), {.verify = true});
  Status done = again.take(world->journal_part().bytes, 1);
  if (done) done = again.finish();
  ASSERT_TRUE(done) << to_string(done.error());
  EXPECT_EQ(again.world().snapshot(), world->snapshot());
  EXPECT_EQ(again.take_missing(), "");
}

}  // namespace
}  // namespace yard::graph::testing
