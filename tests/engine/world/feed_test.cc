#include "engine/world/feed.h"

#include <nlohmann/json.hpp>

#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using nlohmann::json;

std::vector<json> take_all(Feed& feed, std::int64_t host_ns = 0) {
  std::vector<json> all;
  while (const auto message = feed.next(host_ns)) all.push_back(json::parse(message->text));
  return all;
}

std::unique_ptr<Feed> open(Driven& world, const FeedOptions& options = {.rate_hz = 0}) {
  auto feed = Feed::open(*world, options);
  EXPECT_TRUE(feed) << to_string(feed.error());
  world.settle();
  return *std::move(feed);
}

TEST(Feed, BeginsWithSchemaAndSnapshot) {
  Driven world(adder());
  const auto feed = open(world);
  const auto messages = take_all(*feed);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0]["type"], "schema");
  EXPECT_EQ(messages[0]["nodes"].size(), 4u);
  EXPECT_EQ(messages[0]["ports"][0], json({{"handle", 0},
                                           {"nodeId", "a"},
                                           {"portId", "out"},
                                           {"direction", "output"},
                                           {"dtype", "double"},
                                           {"class", "level"}}));
  EXPECT_EQ(messages[1]["type"], "snapshot");
  EXPECT_EQ(messages[1]["sum:out"], 3.0);
  EXPECT_EQ(messages[1]["seq"], 1);
}

TEST(Feed, DeltasHaveWhatChangedAndNothingElse) {
  Driven world(adder());
  const auto feed = open(world);
  take_all(*feed);
  world.set("a", 5.0);
  world.set("a", 5.0);
  const auto messages = take_all(*feed);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0]["type"], "delta");
  EXPECT_EQ(messages[0]["a:out"], 5.0);
  EXPECT_EQ(messages[0]["sum:out"], 7.0);
  EXPECT_FALSE(messages[0].contains("b:out"));
}

TEST(Feed, DeltasOverTheSnapshotAreAFreshSnapshot) {
  Driven world(adder());
  const auto feed = open(world);
  json folded = take_all(*feed)[1];
  for (int i = 0; i < 50; ++i) {
    world.set(i % 2 == 0 ? "a" : "b", double(i % 7));
    for (const json& delta : take_all(*feed)) folded.update(delta);
    const auto fresh = open(world);
    json snapshot = take_all(*fresh)[1];
    for (const char* key : {"type", "seq", "event_id"}) snapshot.erase(key), folded.erase(key);
    ASSERT_EQ(folded, snapshot);
  }
}

TEST(Feed, CoalescesByRateWithoutLosingTheLast) {
  Driven world(adder());
  const auto feed = open(world, {.rate_hz = 60});
  take_all(*feed, 0);
  std::vector<json> deltas;
  for (int i = 1; i <= 1'000; ++i) {
    world.set("a", double(i));
    for (json& delta : take_all(*feed, i * 1'000)) deltas.push_back(std::move(delta));  // 1 ms in all
  }
  EXPECT_LE(deltas.size(), 1u);
  for (json& delta : take_all(*feed, 20'000'000)) deltas.push_back(std::move(delta));
  ASSERT_LE(deltas.size(), 2u);
  EXPECT_EQ(deltas.back()["a:out"], 1'000.0);
  EXPECT_EQ(deltas.back()["sum:out"], 1'002.0);
}

TEST(Feed, WhatDoesNotFitComesWithTheNext) {
  Sketch sketch;
  for (int i = 0; i < 20; ++i) sketch.node("n" + std::to_string(i), "Value", "int64");
  Driven world(sketch.json());
  const auto feed = open(world, {.rate_hz = 60, .batch_max = 8});
  take_all(*feed, 0);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(world.put("n" + std::to_string(i), std::int64_t{i + 1}));
  world.settle();
  json seen = json::object();
  for (std::int64_t at = 1; at <= 3; ++at) {
    const auto messages = take_all(*feed, at * 20'000'000);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_LE(messages[0].size(), 8u + 5u);
    seen.update(messages[0]);
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(seen["n" + std::to_string(i) + ":out"], i + 1);
}

TEST(Feed, AReloadTellsTheNewGraphAlreadyEvaluated) {
  Driven world(adder());
  const auto feed = open(world);
  take_all(*feed);
  std::string other = adder();
  other.replace(other.find("\"sum\""), 5, "\"all\"");
  for (std::size_t at = 0; (at = other.find("\"sum\"")) != std::string::npos;) other.replace(at, 5, "\"all\"");
  ASSERT_TRUE(world->reload(other));
  world.settle();
  const auto messages = take_all(*feed);
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[0]["type"], "schema");
  EXPECT_EQ(messages[0]["epoch"], 2);
  EXPECT_EQ(messages[1]["all:out"], 3.0);
  EXPECT_FALSE(messages[1].contains("sum:out"));
}

TEST(Feed, ARollBackIsToldByASnapshot) {
  Driven world(adder());
  ASSERT_TRUE(world->apply(CheckPointCause{}));
  const auto feed = open(world);
  world.set("a", 9.0);
  take_all(*feed);
  ASSERT_TRUE(world->apply(RollBackCause{}));
  world.settle();
  const auto messages = take_all(*feed);
  ASSERT_EQ(messages.size(), 1u);
  EXPECT_EQ(messages[0]["type"], "snapshot");
  EXPECT_EQ(messages[0]["sum:out"], 3.0);
}

TEST(Feed, KeepsWhatItShowsUpToDateAndNoLonger) {
  Driven world(Sketch()
                   .node("a", "Value", "double")
                   .node("sum", "Add", "double", "\"b\": 1")
                   .wire("a", "out", "sum", "a")
                   .json());
  EXPECT_EQ(world.set("a", 1.0), 0u);
  {
    const auto feed = open(world, {.rate_hz = 0, .outputs = {world.output("sum")}});
    EXPECT_EQ(take_all(*feed)[1]["sum:out"], 2.0);
    EXPECT_EQ(world.set("a", 2.0), 1u);
    const auto messages = take_all(*feed);
    ASSERT_EQ(messages.size(), 1u);
    EXPECT_FALSE(messages[0].contains("a:out"));
  }
  world.settle();
  EXPECT_EQ(world.set("a", 3.0), 0u);
}

TEST(Feed, DoublesComeThroughExactly) {
  Driven world(adder());
  const auto feed = open(world);
  take_all(*feed);
  world.set("a", 12345.678);
  EXPECT_EQ(take_all(*feed)[0]["a:out"].get<double>(), 12345.678);
  world.set("a", std::numeric_limits<double>::quiet_NaN());
  EXPECT_EQ(take_all(*feed)[0]["a:out"], "nan");
}

}  // namespace
}  // namespace yard::graph::testing
