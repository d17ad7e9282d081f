#include "engine/world/session.h"

#include <nlohmann/json.hpp>

#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using nlohmann::ordered_json;

ordered_json take(Driven& world, const std::string& line) {
  Session session(*world);
  ordered_json answer = session.take(line);
  world.settle();
  return answer;
}

TEST(Session, SetsAndTells) {
  Driven world(adder());
  EXPECT_EQ(take(world, R"({"type": "set", "node": "a", "value": 5})")["ok"], true);
  EXPECT_EQ(take(world, R"({"type": "get", "node": "sum", "port": "out"})")["value"], 7.0);
  EXPECT_EQ(take(world, R"({"type": "set", "handle": 1, "value": 0.5})")["ok"], true);
  EXPECT_EQ(take(world, R"({"type": "get", "handle": 4})")["value"], 5.5);
  EXPECT_EQ(take(world, R"({"type": "stats"})")["stats"]["nodes"], 4);
}

TEST(Session, ABatchIsTakenAsAWhole) {
  Driven world(adder());
  const Bytes before = world->snapshot();
  const auto refused = take(world, R"({"type": "batch", "causes": [{"type": "set", "node": "a", "value": 7},
                                                                    {"type": "set", "node": "b", "value": "x"}]})");
  EXPECT_EQ(refused["ok"], false);
  EXPECT_EQ(refused["pointer"], "/causes/1/value");
  EXPECT_EQ(world->snapshot(), before);
  const std::uint64_t steps = world->get_stats().steps;
  take(world, R"({"type": "batch", "causes": [{"type": "set", "node": "a", "value": 7},
                                               {"type": "set", "node": "b", "value": 8}]})");
  EXPECT_EQ(world->get_stats().steps - steps, 2u);
  EXPECT_EQ(world.get<double>("sum"), 15);
}

TEST(Session, EveryMistakeHasItsPlace) {
  Driven world(adder());
  const Bytes before = world->snapshot();
  const auto pointer = [&](const std::string& line) -> std::string {
    const auto answer = take(world, line);
    EXPECT_EQ(answer["ok"], false) << line;
    EXPECT_NE(answer["code"], "") << line;
    EXPECT_NE(answer["err"], "") << line;
    return answer["pointer"];
  };
  EXPECT_EQ(pointer("{"), "");
  EXPECT_EQ(pointer("[]"), "");
  EXPECT_EQ(pointer(R"({"type": "fly"})"), "/type");
  EXPECT_EQ(pointer(R"({"type": "set", "node": "nobody", "value": 1})"), "/node");
  EXPECT_EQ(pointer(R"({"type": "set", "node": "a", "port": "in", "value": 1})"), "/port");
  EXPECT_EQ(pointer(R"({"type": "set", "node": "sum", "value": 1})"), "/node");
  EXPECT_EQ(pointer(R"({"type": "set", "handle": 2, "value": 1})"), "/handle") << "an input";
  EXPECT_EQ(pointer(R"({"type": "set", "handle": -1, "value": 1})"), "/handle");
  EXPECT_EQ(pointer(R"({"type": "set", "node": "a", "value": "1"})"), "/value");
  EXPECT_EQ(pointer(R"({"type": "set", "node": "a"})"), "/value");
  EXPECT_EQ(pointer(R"({"type": "set", "node": "a", "value": 1, "extra": 2})"), "/extra");
  EXPECT_EQ(pointer(R"({"type": "emit", "node": "a", "value": 1})"), "/node") << "a level";
  EXPECT_EQ(pointer(R"({"type": "advance", "ms": -1})"), "/ms");
  EXPECT_EQ(pointer(R"({"type": "advance", "ms": 1e30})"), "/ms");
  EXPECT_EQ(pointer(R"({"type": "reload", "flow": "x.json"})"), "/flow");
  EXPECT_EQ(pointer(R"({"type": "reload", "graph": {"nodes": [{"id": "x", "type": "No"}]}})"), "/graph/nodes/0/type");
  EXPECT_EQ(world->snapshot(), before);
}

TEST(Session, TimeIsInMilliseconds) {
  Driven world(adder());
  take(world, R"({"type": "advance", "ms": 1.5})");
  EXPECT_EQ(world->now_ns(), 1'500'000);
  take(world, R"({"type": "advance", "to_ms": 10})");
  EXPECT_EQ(world->now_ns(), 10'000'000);
  EXPECT_EQ(take(world, R"({"type": "advance", "to_ms": 9})")["pointer"], "/to_ms");
}

TEST(Session, FindsOutputsByName) {
  Driven world(adder());
  EXPECT_EQ(*find_output(*world, "sum"), world.output("sum"));
  EXPECT_EQ(*find_output(*world, "sum:out"), world.output("sum"));
  EXPECT_EQ(find_output(*world, "sum:in").error().code, ErrorCode::kNotFound);
  EXPECT_EQ(find_output(*world, ":").error().code, ErrorCode::kNotFound);
}

TEST(Session, WhatNothingKeepsUpToDateIsStale) {
  Driven world(Sketch().node("a", "Value", "double").node("n", "Negate", "double").wire("a", "out", "n", "x").json());
  EXPECT_EQ(take(world, R"({"type": "get", "node": "n"})")["stale"], true);
  world.look("n");
  EXPECT_FALSE(take(world, R"({"type": "get", "node": "n"})").contains("stale"));
}

}  // namespace
}  // namespace yard::graph::testing
