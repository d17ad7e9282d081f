// What a document has to be: behaviours A1 to A5, and what else can be wrong with one.
#include <fstream>
#include <iterator>

#include "tests/engine/graph/support.h"

namespace yard::graph {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::load;
using testing::messages_of;
using testing::problems_of;

// The shape of NodeFlow's own demonstration: two keys, a random trigger, a metronome that is counted, and their sum.
constexpr const char* kDemo = R"({
  "nodes": [
    {"id": "key1", "type": "DeviceTrigger", "inputs": [], "outputs": [{"id": "out1", "type": "int"}],
     "parameters": {"key": "1", "value": 1.0}},
    {"id": "key2", "type": "DeviceTrigger", "inputs": [], "outputs": [{"id": "out1", "type": "int"}],
     "parameters": {"key": "2", "value": 2.0}},
    {"id": "random1", "type": "DeviceTrigger", "inputs": [], "outputs": [{"id": "out1", "type": "float"}],
     "parameters": {"min_interval": 5000, "max_interval": 10000}},
    {"id": "metronome1", "type": "Timer", "inputs": [], "outputs": [{"id": "out1", "type": "double"}],
     "parameters": {"interval_ms": 3000}},
    {"id": "counter1", "type": "Counter", "inputs": [{"id": "in1", "type": "int"}],
     "outputs": [{"id": "out1", "type": "int"}], "parameters": {}},
    {"id": "add1", "type": "Add",
     "inputs": [{"id": "in1", "type": "float"}, {"id": "in2", "type": "float"}, {"id": "in3", "type": "float"},
                {"id": "in4", "type": "float"}],
     "outputs": [{"id": "out1", "type": "float"}]}],
  "connections": [
    {"fromNode": "key1", "fromPort": "out1", "toNode": "add1", "toPort": "in1"},
    {"fromNode": "key2", "fromPort": "out1", "toNode": "add1", "toPort": "in2"},
    {"fromNode": "random1", "fromPort": "out1", "toNode": "add1", "toPort": "in3"},
    {"fromNode": "metronome1", "fromPort": "out1", "toNode": "counter1", "toPort": "in1"},
    {"fromNode": "counter1", "fromPort": "out1", "toNode": "add1", "toPort": "in4"}]})";

TEST(GraphLoad, A1CountsHandlesInDocumentOrder) {
  const auto image = load(kDemo);
  ASSERT_TRUE(image);
  ASSERT_EQ(image->get_nodes().size(), 6u);
  std::vector<std::string> ports(image->get_input_ports().size() + image->get_output_ports().size());
  for (const auto all : {image->get_input_ports(), image->get_output_ports()})
    for (const PortDesc& port : all)
      ports[port.handle.value()] =
          std::string(image->id_of(image->get_nodes()[port.node.value()])) + ":" + std::string(image->id_of(port));
  EXPECT_THAT(ports, ElementsAre("key1:out1", "key2:out1", "random1:out1", "metronome1:out1", "counter1:in1",
                                 "counter1:out1", "add1:in1", "add1:in2", "add1:in3", "add1:in4", "add1:out1"));
  EXPECT_EQ(load(kDemo)->hash(), image->hash());
}

TEST(GraphLoad, A2NamesAnUnknownKindAndWhereItIs) {
  const std::string json = R"({"nodes": [
    {"id": "a", "type": "Value", "outputs": [{"id": "out", "type": "int"}]},
    {"id": "b", "type": "Value", "outputs": [{"id": "out", "type": "int"}]},
    {"id": "c", "type": "Adder"}]})";
  EXPECT_THAT(problems_of(json), ElementsAre("unknown_kind /nodes/2/type"));
  EXPECT_THAT(messages_of(json), ElementsAre(HasSubstr("Adder")));
}

TEST(GraphLoad, A3ReportsEveryProblemInDocumentOrder) {
  EXPECT_THAT(problems_of(R"({
    "connections": [
      {"fromNode": "a", "fromPort": "out", "toNode": "gone", "toPort": "x"},
      {"fromNode": "b", "fromPort": "out", "toNode": "not", "toPort": "y"},
      {"fromNode": "a", "fromPort": "wrong", "toNode": "not", "toPort": "x"},
      {"fromNode": "a", "fromPort": "out", "toNode": "not", "toPort": "y"}],
    "nodes": [
      {"id": "a", "type": "Value", "outputs": [{"id": "out", "type": "bool"}]},
      {"id": "not", "type": "Not"},
      {"id": "bad", "type": "Note"}]})"),
              ElementsAre("unknown_node /connections/0/toNode", "unknown_node /connections/1/fromNode",
                          "unknown_port /connections/1/toPort", "unknown_port /connections/2/fromPort",
                          "unknown_port /connections/3/toPort", "unknown_kind /nodes/2/type"));
}

TEST(GraphLoad, A4HasOnePointerForEachThingThatIsWrong) {
  EXPECT_THAT(problems_of(R"({
    "nodes": [
      {"id": "text", "type": "Value", "outputs": [{"id": "out", "type": "string"}]},
      {"id": "text", "type": "Value", "outputs": [{"id": "out", "type": "string"}]},
      {"id": "sum", "type": "Add", "inputs": [{"id": "a", "type": "int"}, {"id": "b", "type": "int"}],
       "outputs": [{"id": "out", "type": "int"}]},
      {"id": "open", "type": "Value"},
      {"id": "large", "type": "Value", "outputs": [{"id": "out", "type": "int"}],
       "parameters": {"value": 9223372036854775808}},
      {"id": "nan", "type": "Value", "outputs": [{"id": "out", "type": "double"}], "parameters": {"value": NaN}},
      {"id": "one", "type": "Value", "outputs": [{"id": "out", "type": "int"}], "parameters": {"value": 1}}],
    "connections": [
      {"fromNode": "text", "fromPort": "out", "toNode": "sum", "toPort": "a"},
      {"fromNode": "one", "fromPort": "out", "toNode": "sum", "toPort": "b"},
      {"fromNode": "one", "fromPort": "out", "toNode": "sum", "toPort": "b"}]})"),
              ElementsAre("duplicate_id /nodes/1/id", "missing /nodes/3/outputs",
                          "bad_parameter /nodes/4/parameters/value", "bad_parameter /nodes/5/parameters/value",
                          "type_mismatch /connections/0/toPort", "second_driver /connections/2/toPort"));
}

constexpr const char* kCycle = R"({
  "options": {"cycles": "%"},
  "nodes": [
    {"id": "start", "type": "Value", "outputs": [{"id": "out", "type": "double"}]},
    {"id": "c", "type": "Add", "outputs": [{"id": "out", "type": "double"}]},
    {"id": "b", "type": "Negate", "outputs": [{"id": "out", "type": "double"}]},
    {"id": "a", "type": "Round"}],
  "connections": [
    {"fromNode": "start", "fromPort": "out", "toNode": "c", "toPort": "a"},
    {"fromNode": "a", "fromPort": "out", "toNode": "c", "toPort": "b"},
    {"fromNode": "c", "fromPort": "out", "toNode": "b", "toPort": "x"},
    {"fromNode": "b", "fromPort": "out", "toNode": "a", "toPort": "x"}]})";

std::string cycle(const std::string& option) {
  std::string json = kCycle;
  return json.replace(json.find('%'), 1, option);
}

TEST(GraphLoad, A5TellsTheWayOfACycleFromItsLeastHandleOn) {
  EXPECT_THAT(problems_of(cycle("reject")), ElementsAre("cycle /nodes/1"));
  EXPECT_THAT(messages_of(cycle("reject")), ElementsAre(HasSubstr("c -> b -> a -> c")));
}

TEST(GraphLoad, CyclesThatAreIteratedLieTogether) {
  const auto image = load(cycle("iterate"));
  ASSERT_TRUE(image);
  ASSERT_EQ(image->cycles().size(), 1u);
  EXPECT_EQ(image->cycles()[0].count, 3u);
  EXPECT_EQ(image->place_of(NodeHandle(0)), 0u) << "what drives the cycle comes first";
}

TEST(GraphLoad, ANodeThatDrivesItselfIsACycle) {
  EXPECT_THAT(problems_of(R"({"nodes": [{"id": "n", "type": "Not"}],
    "connections": [{"fromNode": "n", "fromPort": "out", "toNode": "n", "toPort": "x"}]})"),
              ElementsAre("cycle /nodes/0"));
}

TEST(GraphLoad, WhatIsNoJsonIsRefusedAtOnce) {
  for (const char* json : {"", "{", "{\"nodes\": [}", "{\"nodes\": []} x", "x", "{\"nodes\": [], \"metadata\": tru}",
                           "{\"nodes\": [] \"connections\": []}", "{\"nodes\": [{\"id\": \"\\q\"}]}"})
    EXPECT_THAT(problems_of(json), ElementsAre("syntax ")) << json;
  EXPECT_THAT(problems_of("[]"), ElementsAre("wrong_type "));
  EXPECT_THAT(problems_of("{}"), ElementsAre("missing /nodes"));
  EXPECT_THAT(problems_of(R"({"nodes": []})"), IsEmpty());
}

TEST(GraphLoad, MembersThatMeanNothingAreRefused) {
  EXPECT_THAT(problems_of(R"({"nodes": [{"id": "n", "type": "Not", "colour": {"a": [1]}}], "edges": []})"),
              ElementsAre("unknown_member /nodes/0/colour", "unknown_member /edges"));
  EXPECT_THAT(problems_of(R"({"nodes": [{"id": "n", "id": "m", "type": "Not"}]})"),
              ElementsAre("unknown_member /nodes/0/id"));
  EXPECT_THAT(problems_of(R"({"description": "d", "metadata": {"x": 1}, "nodes": [
    {"id": "n", "type": "Not", "description": "d", "metadata": [1]}]})"),
              IsEmpty());
}

TEST(GraphLoad, MembersOfTheWrongTypeAreRefused) {
  EXPECT_THAT(problems_of(R"({"nodes": [{"id": 5, "type": "Not"}, {"id": "n", "type": []}, 7],
    "connections": {"a": 1}})"),
              ElementsAre("wrong_type /nodes/0/id", "wrong_type /nodes/1/type", "wrong_type /nodes/2",
                          "wrong_type /connections"));
  EXPECT_THAT(problems_of(R"({"nodes": [{"type": "Not"}], "connections": [{}]})"),
              ElementsAre("missing /nodes/0/id", "missing /connections/0/fromNode", "missing /connections/0/fromPort",
                          "missing /connections/0/toNode", "missing /connections/0/toPort"));
}

TEST(GraphLoad, IdsAreFitForPaths) {
  EXPECT_THAT(problems_of(R"({"nodes": [{"id": "", "type": "Not"}, {"id": "a/b", "type": "Not"},
    {"id": "@in:x", "type": "Not"}, {"id": "a\u0000b", "type": "Not"}, {"id": "ä:1", "type": "Not"}]})"),
              ElementsAre("bad_id /nodes/0/id", "bad_id /nodes/1/id", "bad_id /nodes/2/id", "bad_id /nodes/3/id"));
}

TEST(GraphLoad, DeclaredPortsHaveToBeTheKinds) {
  EXPECT_THAT(problems_of(R"({"nodes": [
    {"id": "a", "type": "Not", "inputs": []},
    {"id": "b", "type": "Not", "inputs": [{"id": "y", "type": "bool"}]},
    {"id": "c", "type": "Not", "inputs": [{"id": "x", "type": "int"}]},
    {"id": "d", "type": "Not", "outputs": [{"id": "out", "type": "boolean"}]},
    {"id": "e", "type": "And", "inputs": []},
    {"id": "f", "type": "And", "inputs": [{"id": "a", "type": "bool"}, {"id": "a", "type": "bool"}]},
    {"id": "g", "type": "Less"},
    {"id": "h", "type": "Add", "inputs": [{"id": "a", "type": "int"}], "outputs": [{"id": "b", "type": "float"}]}]})"),
              ElementsAre("port_mismatch /nodes/0/inputs", "port_mismatch /nodes/1/inputs/0/id",
                          "port_mismatch /nodes/2/inputs/0/type", "port_mismatch /nodes/3/outputs/0/type",
                          "port_mismatch /nodes/4/inputs", "duplicate_id /nodes/5/inputs/1/id",
                          "missing /nodes/6/inputs", "port_mismatch /nodes/7/outputs/0/type"));
}

TEST(GraphLoad, ParametersAreTheKindsOrItsInputs) {
  EXPECT_THAT(problems_of(R"({"nodes": [
    {"id": "a", "type": "Timer", "outputs": [{"id": "tick", "type": "int"}]},
    {"id": "b", "type": "Timer", "outputs": [{"id": "tick", "type": "int"}], "parameters": {"interval_ms": 0}},
    {"id": "c", "type": "Not", "parameters": {"x": 1, "y": true}},
    {"id": "d", "type": "JsonAt", "outputs": [{"id": "out", "type": "json"}], "parameters": {"pointer": "a"}},
    {"id": "e", "type": "Clamp", "outputs": [{"id": "out", "type": "int"}], "parameters": {"low": 1.5, "high": 2.0}},
    {"id": "f", "type": "Formula", "outputs": [{"id": "out", "type": "int"}], "parameters": {"formula": "x +"}}]})"),
              ElementsAre("bad_parameter /nodes/0/parameters/interval_ms",
                          "bad_parameter /nodes/1/parameters/interval_ms", "bad_parameter /nodes/2/parameters/y",
                          "bad_parameter /nodes/2/parameters/x", "bad_parameter /nodes/3/parameters/pointer",
                          "bad_parameter /nodes/4/parameters/low", "bad_parameter /nodes/5/parameters/formula"));
}

TEST(GraphLoad, AnInputIsConnectedOrHasAValue) {
  EXPECT_THAT(
      problems_of(R"({"nodes": [{"id": "a", "type": "Not"}, {"id": "b", "type": "Not", "parameters": {"x": true}}],
    "connections": [{"fromNode": "a", "fromPort": "out", "toNode": "b", "toPort": "x"}]})"),
      ElementsAre("second_driver /nodes/1/parameters/x"));
}

TEST(GraphLoad, OptionsAreKnown) {
  EXPECT_THAT(
      problems_of(R"({"nodes": [], "options": {"cycles": "maybe", "mode": 1, "seed": -1, "lanes": 0, "x": 1}})"),
      ElementsAre("bad_option /options/cycles", "bad_option /options/mode", "bad_option /options/seed",
                  "bad_option /options/lanes", "bad_option /options/x"));
  const auto image = load(R"({"nodes": [], "options": {"cycles": "iterate", "mode": "push", "seed": 7, "lanes": 4}})");
  ASSERT_TRUE(image);
  EXPECT_TRUE(image->options().iterates_cycles);
  EXPECT_FALSE(image->options().is_pull);
  EXPECT_EQ(image->options().seed, 7u);
  EXPECT_EQ(image->options().lanes, 4u);
}

TEST(GraphLoad, TheHashIsOfWhatADocumentMeans) {
  const std::string declared = R"({"nodes": [
    {"id": "a", "type": "Value", "outputs": [{"id": "out1", "type": "bool"}], "parameters": {"value": true}},
    {"id": "b", "type": "And", "inputs": [{"id": "a", "type": "bool"}, {"id": "b", "type": "bool"}]}],
    "connections": [{"fromNode": "a", "fromPort": "out1", "toNode": "b", "toPort": "a"},
                    {"fromNode": "a", "fromPort": "out1", "toNode": "b", "toPort": "b"}]})";
  const std::string silent = R"({"connections": [{"fromNode": "a", "fromPort": "out1", "toNode": "b", "toPort": "b"},
    {"toPort": "a", "fromNode": "a", "fromPort": "out1", "toNode": "b"}], "description": "the same", "nodes": [
    {"type": "Value", "id": "a", "parameters": {"value":true}, "outputs": [{"id": "out1", "type": "bool"}]},
    {"id": "b", "type": "And"}]})";
  EXPECT_EQ(load(declared)->hash(), load(silent)->hash());
  std::string other = declared;
  other.replace(other.find("true"), 4, "false");
  EXPECT_NE(load(declared)->hash(), load(other)->hash());
}

TEST(Load, WhatTakesEventsCannotBeInACycle) {
  EXPECT_THAT(problems_of(R"({"nodes": [
      {"id": "c", "type": "Counter", "inputs": [{"id": "in1", "type": "int64"}], "outputs": [{"id": "out1", "type": "int64"}]},
      {"id": "n", "type": "Negate", "outputs": [{"id": "out", "type": "int64"}]}],
      "connections": [{"fromNode": "c", "fromPort": "out1", "toNode": "n", "toPort": "x"},
                      {"fromNode": "n", "fromPort": "out", "toNode": "c", "toPort": "in1"}],
      "options": {"cycles": "iterate"}})"),
              ElementsAre("cycle /nodes/0"));
}

}  // namespace
}  // namespace yard::graph
