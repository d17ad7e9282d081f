#include "engine/kinds/script.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "tests/engine/graph/rig.h"

namespace yard::graph {
namespace {

using ::testing::HasSubstr;

// A script with a = 1.5, n = 7, on = true.
testing::Rig rig_of(const std::string& script, std::string_view type = "double") {
  return testing::Rig(nlohmann::json{
      {"nodes",
       {{{"id", "s"},
         {"type", "Script"},
         {"inputs",
          {{{"id", "a"}, {"type", "double"}}, {{"id", "n"}, {"type", "int"}}, {{"id", "on"}, {"type", "bool"}}}},
         {"outputs", {{{"id", "out"}, {"type", type}}}},
         {"parameters", {{"a", 1.5}, {"n", 7}, {"on", true}, {"script", script}}}}}}}
                          .dump());
}

template <typename T = double>
T value(const std::string& script, std::string_view type = "double") {
  const testing::Rig rig = rig_of(script, type);
  EXPECT_FALSE(rig.fault("s")) << script << ": " << rig.fault("s").value_or(Fault{}).text;
  return rig.get<T>("s");
}

Fault fault_of(const std::string& script, std::string_view type = "double") {
  return rig_of(script, type).fault("s").value_or(Fault{});
}

TEST(Script, IsAFunctionOfItsInputs) {
  EXPECT_EQ(value("return a * 2"), 3);
  EXPECT_EQ(value("local s = 0 for i = 1, n do s = s + i end return s"), 28);
  EXPECT_EQ(value("if on then return math.max(a, n) end return 0"), 7);
  EXPECT_EQ(value<std::int64_t>("return n // 2", "int"), 3);
  EXPECT_EQ(value<bool>("return not on", "bool"), false);
}

TEST(Script, Int64StayWhole) {
  EXPECT_EQ(value<std::int64_t>("return math.maxinteger", "int"), INT64_MAX);
  EXPECT_EQ(value<std::int64_t>("return 4.0", "int"), 4);
  EXPECT_EQ(fault_of("return 4.5", "int").text, "the script returns a number and no int64");
}

TEST(Script, ErrorsAreFaults) {
  for (const auto& [script, text] : std::vector<std::pair<std::string, std::string>>{
           {"return", "the script returns a nil and no double"},
           {"return '3'", "the script returns a string and no double"},
           {"return on", "the script returns a boolean and no double"},
           {"return {}", "the script returns a table and no double"},
           {"error('too hot')", "script:1: too hot"},
           {"\nreturn q.x", "script:2: attempt to index a nil value (global 'q')"},
           {"error({})", "an error without a text"},
           {"return 1 // (n - 7)", "script:1: attempt to divide by zero"}}) {
    const Fault fault = fault_of(script);
    EXPECT_EQ(fault.code, FaultCode::kBadInput) << script;
    EXPECT_EQ(fault.text, text);
  }
}

TEST(Script, RunsAreBounded) {
  for (const std::string script :
       {"while true do end", "local function f() return f() end return f()", "while true do local x = {} end"}) {
    const Fault fault = fault_of(script);
    EXPECT_EQ(fault.code, FaultCode::kTooLarge) << script;
    EXPECT_EQ(fault.text, "more than 1000000 instructions") << script;
  }
  for (const std::string script :
       {"local t = {} for i = 1, 1000000 do t[i] = i end return 1", "local s = 'x' while true do s = s .. s end"}) {
    const Fault fault = fault_of(script);
    EXPECT_EQ(fault.code, FaultCode::kTooLarge) << script;
    EXPECT_EQ(fault.text, "more than 4194304 bytes of memory") << script;
  }
  EXPECT_EQ(fault_of("local function f() return 1 + f() end return f()").text.empty(), false);
}

TEST(Script, NothingLeadsOutside) {
  for (const std::string name :
       {"io",         "os",     "debug",        "package",      "require",     "load",           "loadfile",
        "loadstring", "dofile", "print",        "string",       "table",       "coroutine",      "utf8",
        "pcall",      "xpcall", "setmetatable", "getmetatable", "rawset",      "rawget",         "collectgarbage",
        "next",       "pairs",  "tostring",     "_G",           "math.random", "math.randomseed"})
    EXPECT_EQ(value("return " + name + " == nil and 1 or 0"), 1) << name;
  EXPECT_THAT(fault_of("return ('x'):rep(10)").text, HasSubstr("attempt to index a string value"));
}

TEST(Script, RunsLeaveNothingBehind) {
  testing::Rig rig(R"({"nodes": [
    {"id": "in", "type": "Input", "outputs": [{"id": "out1", "type": "double"}], "parameters": {"value": 1}},
    {"id": "one", "type": "Script", "inputs": [{"id": "x", "type": "double"}], "outputs": [{"id": "out", "type": "double"}],
     "parameters": {"script": "seen = (seen or 0) + x math.pi = seen math.last = seen return seen"}},
    {"id": "other", "type": "Script", "inputs": [{"id": "x", "type": "double"}], "outputs": [{"id": "out", "type": "double"}],
     "parameters": {"script": "return (seen or 0) + (math.last or 0) + math.floor(math.pi) + 0 * x"}}],
    "connections": [{"fromNode": "in", "fromPort": "out1", "toNode": "one", "toPort": "x"},
                    {"fromNode": "in", "fromPort": "out1", "toNode": "other", "toPort": "x"}]})");
  for (const double x : {1.0, 2.0, 3.0}) {
    rig.put("in", x);
    rig.wave();
    EXPECT_EQ(rig.get<double>("one"), x);
    EXPECT_EQ(rig.get<double>("other"), 3);
  }
}

TEST(Script, MemoryIsTheSameEachTime) {
  // How large a table a run can have does not depend on what was run before.
  const std::string script = "local t = {} for i = 1, 100000 do t[i] = {i} end return #t";
  const Fault first = fault_of(script);
  EXPECT_EQ(first.code, FaultCode::kTooLarge);
  for (int i = 0; i < 5; ++i) {
    value("local t = {} for i = 1, 1000 do t[i] = {i} end return #t");
    EXPECT_EQ(fault_of(script), first);
  }
}

std::string refusal(std::string_view text) {
  const auto script = Script::compile(text, {});
  return script ? "" : script.error().message;
}

TEST(Script, IsRefusedWhenItIsLoadedIfItIsNone) {
  EXPECT_EQ(refusal("return 1"), "");
  EXPECT_THAT(refusal("return +"), HasSubstr("script:1: unexpected symbol"));
  EXPECT_THAT(refusal("\n\nend"), HasSubstr("script:3:"));
  EXPECT_THAT(refusal("\x1bLua"), HasSubstr("attempt to load a binary chunk"));
  EXPECT_THAT(refusal(std::string(100'000, ' ')), HasSubstr("65536"));
  EXPECT_THAT(refusal("return " + std::string(1'000, '(') + "1" + std::string(1'000, ')')), HasSubstr("overflow"));
}

}  // namespace
}  // namespace yard::graph
