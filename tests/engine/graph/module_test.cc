// Modules and their instances.
#include "tests/engine/graph/rig.h"

namespace yard::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::load;
using testing::messages_of;
using testing::problems_of;
using testing::Rig;

// x * factor + 1, twice in a row.
constexpr const char* kTwice = R"({
  "modules": [{
    "id": "Scale", "inputs": [{"id": "x", "type": "double"}], "outputs": [{"id": "y", "type": "double"}],
    "parameters": {"factor": 2},
    "nodes": [
      {"id": "times", "type": "Multiply", "outputs": [{"id": "out", "type": "double"}],
       "parameters": {"b": {"param": "factor"}}},
      {"id": "plus", "type": "Add", "outputs": [{"id": "out", "type": "double"}], "parameters": {"b": 1}}],
    "connections": [
      {"fromNode": "@in:x", "fromPort": "out", "toNode": "times", "toPort": "a"},
      {"fromNode": "times", "fromPort": "out", "toNode": "plus", "toPort": "a"},
      {"fromNode": "plus", "fromPort": "out", "toNode": "@out:y", "toPort": "in"}]}],
  "instances": [{"id": "one", "module": "Scale"}, {"id": "two", "module": "Scale", "parameters": {"factor": 10}}],
  "nodes": [
    {"id": "start", "type": "Value", "outputs": [{"id": "out", "type": "int"}], "parameters": {"value": 3}},
    {"id": "end", "type": "Round"}],
  "connections": [
    {"fromNode": "start", "fromPort": "out", "toNode": "one", "toPort": "x"},
    {"fromNode": "one", "fromPort": "y", "toNode": "two", "toPort": "x"},
    {"fromNode": "two", "fromPort": "y", "toNode": "end", "toPort": "x"}]})";

TEST(GraphModule, InstancesStandForTheirNodes) {
  Rig rig(kTwice);
  EXPECT_EQ(rig.get<double>("one/plus"), 7);
  EXPECT_EQ(rig.get<double>("end"), 71);
  std::vector<std::string> ids;
  for (const NodeDesc& node : rig.image().get_nodes()) ids.emplace_back(rig.image().id_of(node));
  EXPECT_THAT(ids, ElementsAre("start", "end", "one/times", "one/plus", "two/times", "two/plus"));
}

TEST(GraphModule, CanHaveInstancesOfOthers) {
  Rig rig(R"({
    "modules": [
      {"id": "Outer", "outputs": [{"id": "y", "type": "bool"}], "nodes": [],
       "instances": [{"id": "inner", "module": "Inner"}],
       "connections": [{"fromNode": "inner", "fromPort": "y", "toNode": "@out:y", "toPort": "in"}]},
      {"id": "Inner", "outputs": [{"id": "y", "type": "bool"}], "nodes": [{"id": "not", "type": "Not"}],
       "connections": [{"fromNode": "not", "fromPort": "out", "toNode": "@out:y", "toPort": "in"}]}],
    "instances": [{"id": "outer", "module": "Outer"}],
    "nodes": [{"id": "n", "type": "Not"}],
    "connections": [{"fromNode": "outer", "fromPort": "y", "toNode": "n", "toPort": "x"}]})");
  EXPECT_TRUE(rig.get<bool>("outer/inner/not"));
  EXPECT_FALSE(rig.get<bool>("n"));
}

TEST(GraphModule, AnInputThatNothingDrivesHasItsNodesValue) {
  std::string json = kTwice;
  const std::string first = R"({"fromNode": "start", "fromPort": "out", "toNode": "one", "toPort": "x"},)";
  json.erase(json.find(first), first.size());
  Rig rig(json);
  EXPECT_EQ(rig.get<double>("one/plus"), 1);
}

TEST(GraphModule, MayNotBeWithinItself) {
  EXPECT_THAT(problems_of(R"({"nodes": [], "modules": [
    {"id": "A", "nodes": [], "instances": [{"id": "b", "module": "B"}]},
    {"id": "B", "nodes": [], "instances": [{"id": "a", "module": "A"}]}]})"),
              ElementsAre("recursion /modules/1/instances/0/module"));
}

TEST(GraphModule, ProblemsPointIntoTheModuleOnceForAllInstances) {
  EXPECT_THAT(
      problems_of(R"({"nodes": [], "instances": [{"id": "a", "module": "M"}, {"id": "b", "module": "M"},
      {"id": "c", "module": "M", "parameters": {"ms": -5, "s": 1}}, {"id": "d", "module": "N"}],
    "modules": [{"id": "M", "parameters": {"ms": 0}, "nodes": [
      {"id": "t", "type": "Timer", "outputs": [{"id": "o", "type": "int"}],
       "parameters": {"interval_ms": {"param": "ms"}}},
      {"id": "u", "type": "Timer", "outputs": [{"id": "o", "type": "int"}],
       "parameters": {"interval_ms": {"param": "gone"}}}]}]})"),
      ElementsAre("bad_parameter /instances/2/parameters/s", "bad_parameter /instances/2/parameters/ms",
                  "unknown_module /instances/3/module", "bad_parameter /modules/0/nodes/0/parameters/interval_ms",
                  "bad_parameter /modules/0/nodes/1/parameters/interval_ms"));
}

TEST(GraphModule, IsCheckedEvenIfNobodyUsesIt) {
  EXPECT_THAT(
      problems_of(R"({"nodes": [], "modules": [{"id": "M", "nodes": [{"id": "n", "type": "Not",
    "parameters": {"x": 1}}], "connections": [{"fromNode": "@in:x", "fromPort": "out", "toNode": "n", "toPort": "x"}]}]})"),
      ElementsAre("bad_parameter /modules/0/nodes/0/parameters/x", "unknown_port /modules/0/connections/0/fromNode"));
}

TEST(GraphModule, CyclesLeadThroughInstances) {
  const std::string json = R"({"modules": [{"id": "M", "inputs": [{"id": "x", "type": "bool"}],
      "outputs": [{"id": "y", "type": "bool"}], "nodes": [{"id": "n", "type": "Not"}],
      "connections": [{"fromNode": "@in:x", "fromPort": "out", "toNode": "n", "toPort": "x"},
                      {"fromNode": "n", "fromPort": "out", "toNode": "@out:y", "toPort": "in"}]}],
    "instances": [{"id": "a", "module": "M"}, {"id": "b", "module": "M"}], "nodes": [],
    "connections": [{"fromNode": "a", "fromPort": "y", "toNode": "b", "toPort": "x"},
                    {"fromNode": "b", "fromPort": "y", "toNode": "a", "toPort": "x"}]})";
  EXPECT_THAT(problems_of(json), ElementsAre("cycle /modules/0/nodes/0"));
  EXPECT_THAT(messages_of(json), ElementsAre(HasSubstr("a/n -> b/n -> a/n")));
}

TEST(GraphModule, AWireThatLeadsNowhereIsACycle) {
  EXPECT_THAT(problems_of(R"({"modules": [{"id": "M", "inputs": [{"id": "x", "type": "bool"}],
      "outputs": [{"id": "y", "type": "bool"}], "nodes": [],
      "connections": [{"fromNode": "@in:x", "fromPort": "out", "toNode": "@out:y", "toPort": "in"}]}],
    "instances": [{"id": "a", "module": "M"}], "nodes": [{"id": "n", "type": "Not"}],
    "connections": [{"fromNode": "a", "fromPort": "y", "toNode": "a", "toPort": "x"},
                    {"fromNode": "a", "fromPort": "y", "toNode": "n", "toPort": "x"}]})"),
              ElementsAre("cycle /connections/1"));
}

TEST(GraphModule, CannotMultiplyBeyondTheBounds) {
  std::string modules;
  for (int i = 0; i < 40; ++i)
    modules += R"({"id": "M)" + std::to_string(i) +
               R"(", "nodes": [{"id": "n", "type": "Not"}], "instances": [{"id": "a",
      "module": "M)" +
               std::to_string(i + 1) + R"("}, {"id": "b", "module": "M)" + std::to_string(i + 1) + "\"}]},";
  EXPECT_THAT(problems_of(R"({"nodes": [], "instances": [{"id": "a", "module": "M0"}], "modules": [)" + modules +
                          R"({"id": "M40", "nodes": []}]})"),
              ElementsAre(::testing::StartsWith("too_large /modules/")));
}

}  // namespace
}  // namespace yard::graph
