// Events on their way from one world to another.
#include "engine/ports/world_bridge.h"

#include <gtest/gtest.h>

#include "engine/kinds/standard.h"
#include "tests/engine/ports/agents.h"

namespace yard::ports::testing {
namespace {

using graph::Text;
using graph::Value;
using graph::World;

// Sources of each type, a doubled number, and events that are counted.
constexpr std::string_view kGraph = R"({
  "nodes": [
    {"id": "number", "type": "Input", "outputs": [{"id": "out1", "type": "int64"}]},
    {"id": "real", "type": "Input", "outputs": [{"id": "out1", "type": "double"}]},
    {"id": "flag", "type": "Input", "outputs": [{"id": "out1", "type": "bool"}]},
    {"id": "text", "type": "Input", "outputs": [{"id": "out1", "type": "string"}]},
    {"id": "json", "type": "Input", "outputs": [{"id": "out1", "type": "json"}]},
    {"id": "events", "type": "EventInput", "outputs": [{"id": "out1", "type": "int64"}]},
    {"id": "twice", "type": "Add", "inputs": [{"id": "a", "type": "int64"}, {"id": "b", "type": "int64"}],
     "outputs": [{"id": "out", "type": "int64"}]},
    {"id": "inverse", "type": "Divide", "inputs": [{"id": "a", "type": "int64"}, {"id": "b", "type": "int64"}],
     "outputs": [{"id": "out", "type": "int64"}], "parameters": {"a": 100}},
    {"id": "count", "type": "Counter", "inputs": [{"id": "in1", "type": "int64"}],
     "outputs": [{"id": "out1", "type": "int64"}]}],
  "connections": [
    {"fromNode": "number", "fromPort": "out1", "toNode": "twice", "toPort": "a"},
    {"fromNode": "number", "fromPort": "out1", "toNode": "twice", "toPort": "b"},
    {"fromNode": "number", "fromPort": "out1", "toNode": "inverse", "toPort": "b"},
    {"fromNode": "events", "fromPort": "out1", "toNode": "count", "toPort": "in1"}],
  "options": {"mode": "pull"}})";

class PortWorld {
 public:
  PortWorld() {
    auto world = World::load(std::string(kGraph), graph::standard_kinds());
    if (!world)
      for (const auto& problem : world.error()) ADD_FAILURE() << problem.pointer << ": " << problem.message;
    world_ = *std::move(world);
    EXPECT_TRUE(world_->settle());
  }

  World& operator*() { return *world_; }
  World* operator->() { return world_.get(); }
  [[nodiscard]] std::uint32_t output(std::string_view node) const { return world_->find_output(node).value(); }
  [[nodiscard]] Value get(std::string_view node) const { return world_->get(output(node)).value(); }
  void apply(const graph::Cause& cause) {
    EXPECT_TRUE(world_->apply(cause).has_value());
    EXPECT_TRUE(world_->settle());
  }

 private:
  std::unique_ptr<World> world_;
};

// One world's output ─► exit ─► stage (adds one) ─► bridge ─► another world's source.
class BetweenWorlds : public ::testing::Test {
 protected:
  void build(std::string_view from, std::string_view to) {
    auto opened = WorldOutput::open(*from_, from_.output(from), into_network(network_, {exit_, BridgeExit::kOut}));
    ASSERT_TRUE(opened.has_value());
    output_ = *std::move(opened);
    auto bridge = std::make_unique<NetworkBridge>(into_world(*to_, to_.output(to)));
    bridge_ = bridge.get();
    const auto handle = network_.add(std::move(bridge));
    ASSERT_TRUE(handle.has_value());
    connect(network_, {exit_, BridgeExit::kOut}, {stage_, Stage::kIn});
    connect(network_, {stage_, Stage::kOut}, {*handle, NetworkBridge::kIn});
    network_.compile_graph();
  }
  // How many payloads came through.
  std::size_t deliver() {
    EXPECT_TRUE(output_->deliver().has_value());
    return bridge_->deliver().value();
  }

  PortWorld from_;
  PortWorld to_;
  Network network_;
  AgentHandle exit_ = add<BridgeExit>(network_);
  AgentHandle stage_ = add<Stage>(network_);
  NetworkBridge* bridge_ = nullptr;
  std::unique_ptr<WorldOutput> output_;
};

TEST_F(BetweenWorlds, AnOutputsChangeSetsASourceOfTheOther) {
  build("twice", "number");
  from_.apply(graph::SetCause{from_.output("number"), std::int64_t{5}});
  EXPECT_EQ(to_.get("number"), Value(std::int64_t{0}));  // nobody has delivered it
  EXPECT_EQ(deliver(), 1u);
  EXPECT_EQ(to_.get("number"), Value(std::int64_t{11}));
  EXPECT_EQ(network_.next_event_id(), 1u);  // one ticket
}

TEST_F(BetweenWorlds, WhatDoesNotChangeSendsNothing) {
  build("twice", "number");
  from_.apply(graph::SetCause{from_.output("real"), 5.0});
  from_.apply(graph::SetCause{from_.output("number"), std::int64_t{0}});
  EXPECT_EQ(deliver(), 0u);
}

TEST_F(BetweenWorlds, EachEventArrivesEvenIfItIsEqualToTheOneBefore) {
  build("events", "events");
  ASSERT_TRUE(to_->apply(graph::DemandCause{to_.output("count"), true}).has_value());
  ASSERT_TRUE(to_->settle());
  for (int i = 0; i < 3; ++i)
    ASSERT_TRUE(from_->apply(graph::EmitCause{from_.output("events"), std::int64_t{1}}).has_value());
  ASSERT_TRUE(from_->settle());  // one wave
  EXPECT_EQ(deliver(), 3u);
  EXPECT_EQ(to_.get("count"), Value(std::int64_t{3}));
}

TEST_F(BetweenWorlds, TheSameCausesMadeByHandGiveTheSameWorld) {
  build("twice", "number");
  PortWorld by_hand;
  for (const std::int64_t value : {3, 4, 4, -1}) {
    from_.apply(graph::SetCause{from_.output("number"), value});
    deliver();
    by_hand.apply(graph::SetCause{by_hand.output("number"), 2 * value + 1});
  }
  EXPECT_EQ(to_->snapshot(), by_hand->snapshot());
}

TEST_F(BetweenWorlds, FaultsAreValuesThatNumbersDoNotTake) {
  build("inverse", "number");
  from_.apply(graph::SetCause{from_.output("number"), std::int64_t{4}});
  from_.apply(graph::SetCause{from_.output("number"), std::int64_t{0}});
  EXPECT_EQ(deliver(), 1u);  // the fault is none of a stage's
  EXPECT_EQ(to_.get("number"), Value(std::int64_t{26}));
  EXPECT_EQ(network_.get_counts().mismatched, 1u);
}

TEST_F(BetweenWorlds, AnOutputThatNobodyWatchesIsNotKeptUpToDate) {
  build("twice", "number");
  EXPECT_TRUE(from_->is_live(from_.output("twice")));
  output_.reset();
  from_.apply(graph::SetCause{from_.output("number"), std::int64_t{5}});
  EXPECT_FALSE(from_->is_live(from_.output("twice")));
}

TEST(IntoWorld, TakesWhatFitsTheSource) {
  PortWorld world;
  const auto put = [&](std::string_view node, Payload payload) {
    return into_world(*world, world.output(node))(payload);
  };
  EXPECT_TRUE(put("number", 7).has_value());
  EXPECT_TRUE(put("real", 7).has_value());
  EXPECT_TRUE(put("flag", {}).has_value());
  EXPECT_TRUE(put("text", Payload::text("seven")).has_value());
  const Bytes map = pack_map([](PackMap& out) { out.integer("b", 1).string("a", "x"); });
  EXPECT_TRUE(put("json", Payload::packed(PackView(map))).has_value());
  EXPECT_EQ(world.get("number"), Value(std::int64_t{7}));
  EXPECT_EQ(world.get("real"), Value(7.0));
  EXPECT_EQ(world.get("flag"), Value(true));
  EXPECT_EQ(world.get("text"), Value(Text("seven")));
  EXPECT_EQ(world.get("json"), Value(Text(R"({"a":"x","b":1})")));
  const Bytes before = world->snapshot();
  for (const auto& [node, payload] : {std::pair("number", Payload(1.5)), std::pair("text", Payload(1)),
                                      std::pair("flag", Payload(1)), std::pair("twice", Payload(1))})
    EXPECT_EQ(put(node, payload).error().code, ErrorCode::kInvalidArguments) << node;
  EXPECT_EQ(world->snapshot(), before);
}

TEST(WorldOutputs, AreOpenedAtRestAndOnlyWhereTheyAre) {
  PortWorld world;
  const Target nowhere = [](Payload) { return Status(); };
  EXPECT_EQ(WorldOutput::open(*world, 1'000, nowhere).error().code, ErrorCode::kInvalidArguments);
  ASSERT_TRUE(world->apply(graph::SetCause{world.output("number"), std::int64_t{1}}).has_value());
  EXPECT_EQ(WorldOutput::open(*world, 0, nowhere).error().code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace yard::ports::testing
