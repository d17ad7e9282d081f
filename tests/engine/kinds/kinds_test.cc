// The standard kinds, each in a graph of its own.
#include "tests/engine/graph/rig.h"

namespace yard::graph {
namespace {

using testing::one_node;
using testing::out;
using testing::Rig;
using testing::with;
using Inputs = std::vector<std::pair<std::string, std::string>>;

const Inputs kTwoInts = {{"a", "int"}, {"b", "int"}};
const Inputs kTwoDoubles = {{"a", "double"}, {"b", "double"}};

std::int64_t of_ints(const std::string& kind, std::int64_t a, std::int64_t b) {
  Rig rig(one_node(kind, kTwoInts, out("int")));
  rig.put("a", a);
  rig.put("b", b);
  rig.wave();
  EXPECT_FALSE(rig.fault("n")) << kind;
  return rig.get<std::int64_t>("n");
}

FaultCode fault_of_ints(const std::string& kind, std::int64_t a, std::int64_t b) {
  Rig rig(one_node(kind, kTwoInts, out("int")));
  rig.put("a", a);
  rig.put("b", b);
  rig.wave();
  return rig.fault("n").value_or(Fault{}).code;
}

TEST(Arithmetic, OfIntsNeverWraps) {
  EXPECT_EQ(of_ints("Add", INT64_MAX, -1), INT64_MAX - 1);
  EXPECT_EQ(fault_of_ints("Add", INT64_MAX, 1), FaultCode::kOverflow);
  EXPECT_EQ(fault_of_ints("Subtract", INT64_MIN, 1), FaultCode::kOverflow);
  EXPECT_EQ(fault_of_ints("Multiply", INT64_MAX, 2), FaultCode::kOverflow);
  EXPECT_EQ(fault_of_ints("Divide", INT64_MIN, -1), FaultCode::kOverflow);
  EXPECT_EQ(fault_of_ints("Divide", 1, 0), FaultCode::kDivisionByZero);
  EXPECT_EQ(fault_of_ints("Remainder", 1, 0), FaultCode::kDivisionByZero);
}

TEST(Arithmetic, DividesIntsTowardsZero) {
  EXPECT_EQ(of_ints("Divide", -7, 2), -3);
  EXPECT_EQ(of_ints("Remainder", -7, 2), -1);
  EXPECT_EQ(of_ints("Minimum", -7, 2), -7);
  EXPECT_EQ(of_ints("Maximum", -7, 2), 2);
}

TEST(Arithmetic, RecoversFromAFault) {
  Rig rig(one_node("Divide", kTwoInts, out("int") + with("")));
  EXPECT_EQ(rig.fault("n")->code, FaultCode::kDivisionByZero);
  rig.put("b", std::int64_t{2});
  rig.put("a", std::int64_t{8});
  rig.wave();
  EXPECT_FALSE(rig.fault("n"));
  EXPECT_EQ(rig.get<std::int64_t>("n"), 4);
}

TEST(Arithmetic, HasTwoOutputsWhereOneIsNotEnough) {
  Rig rig(one_node("DivideFloor", kTwoDoubles, ""));
  rig.put("a", -7.5);
  rig.put("b", 2.0);
  rig.wave();
  EXPECT_EQ(rig.get<double>("n", 0), -4);
  EXPECT_EQ(rig.get<double>("n", 1), 0.5);
}

TEST(Arithmetic, InputsThatNothingDrivesHaveTheirParameter) {
  Rig rig(one_node("Clamp", {{"x", "double"}}, out("double") + with(R"("high": 3)")));
  rig.put("x", 7.0);
  rig.wave();
  EXPECT_EQ(rig.get<double>("n"), 3);
  rig.put("x", -7.0);
  rig.wave();
  EXPECT_EQ(rig.get<double>("n"), 0) << "the kind's own lower bound";
}

TEST(Conversion, WidensNumbersOnTheirWay) {
  Rig rig(one_node("Add", {{"a", "int"}, {"b", "bool"}}, out("double")));
  rig.put("a", std::int64_t{3});
  rig.put("b", true);
  rig.wave();
  EXPECT_EQ(rig.get<double>("n"), 4);
  EXPECT_EQ(rig.image().get_nodes().size(), 3u) << "what converts has no handle";
  EXPECT_EQ(rig.image().node_count(), 5u);
}

TEST(Comparison, OfNanIsNeverTrue) {
  for (const char* kind : {"Less", "LessEqual", "Greater", "GreaterEqual", "Equal"}) {
    Rig rig(
        one_node(kind, kTwoDoubles, R"(, "inputs": [{"id": "a", "type": "double"}, {"id": "b", "type": "double"}])"));
    rig.put("a", std::numeric_limits<double>::quiet_NaN());
    rig.wave();
    EXPECT_FALSE(rig.get<bool>("n")) << kind;
  }
}

TEST(Select, HandsTextsOn) {
  Rig rig(one_node("Select", {{"condition", "bool"}, {"yes", "string"}, {"no", "string"}}, out("string")));
  rig.put("yes", Text("ja"));
  rig.put("no", Text("nein"));
  rig.wave();
  EXPECT_EQ(rig.text("n"), "nein");
  rig.put("condition", true);
  rig.wave();
  EXPECT_EQ(rig.text("n"), "ja");
}

TEST(Select, ByIndexOutsideIsAFault) {
  Rig rig(one_node("Switch", {{"index", "int"}, {"a", "int"}, {"b", "int"}}, out("int")));
  rig.put("b", std::int64_t{5});
  rig.put("index", std::int64_t{1});
  rig.wave();
  EXPECT_EQ(rig.get<std::int64_t>("n"), 5);
  rig.put("index", std::int64_t{2});
  rig.wave();
  EXPECT_EQ(rig.fault("n")->code, FaultCode::kNotFound);
}

TEST(Memory, ALatchHolds) {
  Rig rig(one_node("Latch", {{"x", "double"}, {"hold", "bool"}}, out("double")));
  rig.put("x", 1.0);
  rig.wave();
  rig.put("hold", true);
  rig.put("x", 2.0);
  rig.wave();
  EXPECT_EQ(rig.get<double>("n"), 1);
}

TEST(Memory, ACounterCountsRisingEdges) {
  Rig rig(one_node("Counter", {{"in1", "double"}},
                   R"(, "inputs": [{"id": "in1", "type": "double"}], "outputs": [{"id": "out1", "type": "int"}])"));
  for (const double level : {1.0, 2.0, 0.0, 0.5, 0.6, 0.0}) {
    rig.put("in1", level);
    rig.wave();
  }
  EXPECT_EQ(rig.get<std::int64_t>("n"), 2);
}

// A timer that is counted: the shape of B5.
std::string counted_timer() {
  return R"({"nodes": [
    {"id": "timer", "type": "Timer", "outputs": [{"id": "out1", "type": "double"}], "parameters": {"interval_ms": 100}},
    {"id": "count", "type": "Counter", "inputs": [{"id": "in1", "type": "int"}],
     "outputs": [{"id": "out1", "type": "int"}]}],
    "connections": [{"fromNode": "timer", "fromPort": "out1", "toNode": "count", "toPort": "in1"}]})";
}

TEST(Timing, NoTickIsLostHoweverTimeIsAdvanced) {
  for (const int step_ms : {100, 50, 1'000, 70}) {
    Rig rig(counted_timer());
    for (int at = 0; at < 1'000; at += step_ms) rig.advance(std::min(step_ms, 1'000 - at));
    EXPECT_EQ(rig.get<std::int64_t>("count"), 10) << step_ms;
  }
}

TEST(Timing, MoreTicksThanFitComeNext) {
  Rig rig(counted_timer());
  rig.advance(1'000'000);
  for (int i = 0; i < 3; ++i) rig.wave();
  EXPECT_EQ(rig.get<std::int64_t>("count"), 10'000);
}

TEST(Timing, ADelayShowsWhatWasThen) {
  Rig rig(one_node("Delay", {{"x", "double"}}, out("double") + with(R"("delay_ms": 50)")));
  rig.put("x", 1.0);
  rig.wave();
  rig.advance(20);
  rig.put("x", 2.0);
  rig.wave();
  EXPECT_EQ(rig.get<double>("n"), 0);
  EXPECT_EQ(rig.next_wake_ms(), 50);
  rig.advance(30);
  EXPECT_EQ(rig.get<double>("n"), 1);
  rig.advance(20);
  EXPECT_EQ(rig.get<double>("n"), 2);
}

TEST(Timing, ADeviceTriggersByItselfWithinItsIntervals) {
  Rig rig(R"({"nodes": [{"id": "n", "type": "DeviceTrigger", "outputs": [{"id": "o", "type": "double"}],
    "parameters": {"min_interval": 10, "max_interval": 20}}]})");
  const auto due = rig.next_wake_ms();
  ASSERT_TRUE(due);
  EXPECT_GE(*due, 10);
  EXPECT_LE(*due, 20);
  EXPECT_EQ(rig.get<double>("n"), 0);
  rig.advance(21);
  EXPECT_NE(rig.get<double>("n"), 0);
}

TEST(Random, IsTheSameForTheSameSeedAndAnotherForAnotherNode) {
  const auto drawn = [](const std::string& id, const std::string& seed) {
    Rig rig(R"({"options": {"seed": )" + seed + R"(}, "nodes": [{"id": ")" + id +
            R"(", "type": "Random", "outputs": [{"id": "out", "type": "double"}]}]})");
    return rig.get<double>(id);
  };
  EXPECT_EQ(drawn("a", "1"), drawn("a", "1"));
  EXPECT_NE(drawn("a", "1"), drawn("a", "2"));
  EXPECT_NE(drawn("a", "1"), drawn("b", "1"));
  EXPECT_GE(drawn("a", "1"), 0);
  EXPECT_LT(drawn("a", "1"), 1);
}

TEST(Random, DrawsOnceForEachEvent) {
  Rig rig(one_node("Random", {{"trigger", "double"}}, out("int") + with(R"("low": -3, "high": 1000000)")));
  const auto first = rig.get<std::int64_t>("n");
  EXPECT_EQ(rig.wave(), 0u);
  rig.put("trigger", 1.0);
  rig.wave();
  EXPECT_NE(rig.get<std::int64_t>("n"), first);
}

TEST(TextKinds, CountCharactersNotBytes) {
  Rig rig(one_node("Substring", {{"x", "string"}}, with(R"("start": 1, "count": 2)")));
  rig.put("x", Text("aäöb"));
  rig.wave();
  EXPECT_EQ(rig.text("n"), "äö");
  Rig length(one_node("Length", {{"x", "string"}}, ""));
  length.put("x", Text("aäöb"));
  length.wave();
  EXPECT_EQ(length.get<std::int64_t>("n"), 4);
}

TEST(TextKinds, ReadAndWriteNumbers) {
  Rig rig(one_node("ToText", {{"x", "double"}}, R"(, "inputs": [{"id": "x", "type": "double"}])"));
  rig.put("x", 0.1);
  rig.wave();
  EXPECT_EQ(rig.text("n"), "0.1");
  Rig parse(one_node("ParseNumber", {{"x", "string"}}, out("int")));
  EXPECT_EQ(parse.fault("n")->code, FaultCode::kBadInput);
  parse.put("x", Text("-12"));
  parse.wave();
  EXPECT_EQ(parse.get<std::int64_t>("n"), -12);
}

TEST(Json, IsLookedIntoByPointer) {
  Rig rig(one_node("JsonAt", {{"x", "json"}}, out("int") + with(R"("pointer": "/a/1")")));
  EXPECT_EQ(rig.fault("n")->code, FaultCode::kNotFound);
  rig.put("x", Text(R"({"a":[1,2]})"));
  rig.wave();
  EXPECT_EQ(rig.get<std::int64_t>("n"), 2);
  rig.put("x", Text(R"({"a":[1,2.5]})"));
  rig.wave();
  EXPECT_EQ(rig.fault("n")->code, FaultCode::kBadInput);
}

TEST(Json, IsCanonical) {
  Rig rig(one_node("ParseJson", {{"x", "string"}}, ""));
  rig.put("x", Text(R"( {"b": 1, "a": [ 2.0 ]} )"));
  rig.wave();
  EXPECT_EQ(rig.text("n"), R"({"a":[2.0],"b":1})");
}

TEST(Fold, AWindowForgetsWhatIsOld) {
  Rig rig(one_node("WindowMean", {{"x", "double"}}, with(R"("size": 2)")));
  for (const double x : {4.0, 8.0, 16.0}) {
    rig.put("x", x);
    rig.wave();
  }
  EXPECT_EQ(rig.get<double>("n"), 12);
}

TEST(Effects, LeaveWhenTheirInputChanges) {
  Rig rig(one_node("Emit", {{"x", "string"}},
                   R"(, "inputs": [{"id": "x", "type": "string"}])" + with(R"("channel": "c")")));
  EXPECT_EQ(rig.image().find_node("n")->role, NodeRole::kEffect);
  rig.put("x", Text("hello"));
  rig.wave();
  rig.put("x", Text("hello"));
  rig.wave();
  EXPECT_EQ(rig.effects(), (std::vector<std::string>{"c ", "c hello"}));
}

TEST(Kinds, RefuseWhatDoesNotFitTogether) {
  Kinds kinds;
  EXPECT_TRUE(add_standard_kinds(kinds));
  EXPECT_EQ(kinds.add({.name = "Add", .overloads = {source({DataType::kBool})}}).error().code, ErrorCode::kConflict);
  EXPECT_EQ(kinds.add({.name = "New"}).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(kinds.add({.name = "New", .overloads = {source({DataType::kBool})}}).error().code,
            ErrorCode::kInvalidArguments)
      << "it has an output";
}

}  // namespace
}  // namespace yard::graph
