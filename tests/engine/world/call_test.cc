// Calls: effects that are answered. A receipt is a cause like any other, and what is not answered is remembered.
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/journal/memory_disk.h"
#include "engine/world/session.h"
#include "engine/world/world_log.h"
#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using ::testing::ElementsAre;
using tickets::JournalLevel;

// tune ─► put ─► transpose(Call) ─► key ─► show
std::string caller(const std::string& extra = "") {
  return R"({"nodes": [
    {"id": "tune", "type": "Value", "outputs": [{"id": "out", "type": "string"}], "parameters": {"value": ""}},
    {"id": "put", "type": "JsonPut", "inputs": [{"id": "x", "type": "json"}, {"id": "value", "type": "string"}],
     "parameters": {"pointer": "/abc"}},
    {"id": "has", "type": "NotEqual", "inputs": [{"id": "a", "type": "string"}, {"id": "b", "type": "string"}]},
    {"id": "ask", "type": "Select", "outputs": [{"id": "out", "type": "json"}]},
    {"id": "transpose", "type": "Call", "parameters": {"tool": "abc_transpose"}},
    {"id": "key", "type": "JsonAt", "outputs": [{"id": "out", "type": "string"}], "parameters": {"pointer": "/key"}},
    {"id": "show", "type": "Emit", "inputs": [{"id": "x", "type": "string"}]})" +
         extra + R"(],
   "connections": [
    {"fromNode": "tune", "fromPort": "out", "toNode": "put", "toPort": "value"},
    {"fromNode": "tune", "fromPort": "out", "toNode": "has", "toPort": "a"},
    {"fromNode": "has", "fromPort": "out", "toNode": "ask", "toPort": "condition"},
    {"fromNode": "put", "fromPort": "out", "toNode": "ask", "toPort": "yes"},
    {"fromNode": "ask", "fromPort": "out", "toNode": "transpose", "toPort": "arguments"},
    {"fromNode": "transpose", "fromPort": "result", "toNode": "key", "toPort": "x"},
    {"fromNode": "key", "fromPort": "out", "toNode": "show", "toPort": "x"}]})";
}

Value text(const std::string& of) { return Text(of); }

Hash128 only_call(const World& world) {
  EXPECT_EQ(world.open_calls().size(), 1u);
  return world.open_calls().begin()->first;
}

TEST(WorldCall, LetsOutACallAndWaitsForItsReceipt) {
  Driven world(caller());
  EXPECT_TRUE(world->open_calls().empty());
  world->clear_outbox();
  world.set("tune", text("X:1"));
  ASSERT_EQ(world->effects().size(), 1u);
  const Effect call = world->effects().front();
  EXPECT_TRUE(call.is_call);
  EXPECT_EQ(call.channel, "abc_transpose");
  EXPECT_EQ(std::get<Text>(call.value).view(), R"({"abc":"X:1"})");
  ASSERT_TRUE(world->open_calls().contains(call.intent));
  const OpenCall& open = world->open_calls().at(call.intent);
  EXPECT_EQ(open.tool, "abc_transpose");
  EXPECT_EQ(PackView(open.arguments).find("abc").string_or(""), "X:1");
  world->clear_outbox();

  ASSERT_TRUE(world->apply(ReceiptCause{call.intent, {}, R"({"key":"G"})"}));
  world.settle();
  EXPECT_THAT(world.take_effects(), ElementsAre("show G"));
  EXPECT_EQ(std::get<std::int64_t>(*world->get(*world->find_output("transpose", "answered"))), 1);
  EXPECT_EQ(std::get<Text>(*world->get(*world->find_output("transpose", "asked"))).view(), R"({"abc":"X:1"})");
  EXPECT_TRUE(world->open_calls().empty());
}

TEST(WorldCall, TakesOneReceiptOfACall) {
  Driven world(caller());
  world.set("tune", text("X:1"));
  const Hash128 intent = only_call(*world);
  ASSERT_TRUE(world->apply(ReceiptCause{intent, {}, "{}"}));
  const Status again = world->apply(ReceiptCause{intent, {}, "{}"});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, ErrorCode::kNotFound);
}

TEST(WorldCall, HasAFaultWhereTheToolFailedAndRecovers) {
  Driven world(caller());
  world.set("tune", text("X:1"));
  ASSERT_TRUE(world->apply(ReceiptCause{only_call(*world), FaultCode::kCallFailed, "no such key"}));
  world.settle();
  EXPECT_EQ(world.fault("key"), "call_failed");
  world.set("tune", text("X:2"));
  ASSERT_TRUE(world->apply(ReceiptCause{only_call(*world), {}, R"({"key":"D"})"}));
  world.settle();
  EXPECT_EQ(world.get<Text>("key").view(), "D");
}

TEST(WorldCall, GivesEachCallAnIdentityOfItsOwn) {
  Driven world(caller());
  world.set("tune", text("X:1"));
  world.set("tune", text("X:2"));
  world.set("tune", text("X:1"));
  EXPECT_EQ(world->open_calls().size(), 3u);
}

TEST(WorldCall, GoesOnWaitingFromASnapshot) {
  Driven world(caller());
  world.set("tune", text("X:1"));
  const Hash128 intent = only_call(*world);
  Driven other(caller());
  ASSERT_TRUE(other->restore(world->snapshot()));
  EXPECT_EQ(only_call(*other), intent);
  ASSERT_TRUE(other->apply(ReceiptCause{intent, {}, R"({"key":"A"})"}));
  other.settle();
  EXPECT_EQ(other.get<Text>("key").view(), "A");
}

TEST(WorldCall, GoesOnWaitingFromItsJournal) {
  journal::MemoryDisk disk;
  Hash128 intent;
  {
    Driven world(caller(), {.journal = JournalLevel::kCauses});
    auto log = WorldLog::create(disk, *world);
    ASSERT_TRUE(log);
    world.set("tune", text("X:1"));
    intent = only_call(*world);
    ASSERT_TRUE(log->append(*world));
  }
  auto opened = WorldLog::open(disk, standard_kinds());
  ASSERT_TRUE(opened) << to_string(opened.error());
  EXPECT_EQ(only_call(*opened->world), intent);
  EXPECT_TRUE(opened->world->effects().empty());
}

TEST(WorldCall, ReplaysReceiptsByteForByte) {
  for (const JournalLevel level : {JournalLevel::kCauses, JournalLevel::kFull}) {
    Driven world(caller(), {.journal = level});
    world.set("tune", text("X:1"));
    ASSERT_TRUE(world->apply(ReceiptCause{only_call(*world), {}, R"({"key":"G"})"}));
    world.settle();
    world.set("tune", text("X:2"));
    ASSERT_TRUE(world->apply(ReceiptCause{only_call(*world), FaultCode::kCallFailed, "gone"}));
    world.settle();
    Replay replay(standard_kinds(), {.verify = true});
    ASSERT_TRUE(replay.take(world->journal_part().bytes, 1));
    ASSERT_TRUE(replay.finish());
    EXPECT_EQ(replay.world().snapshot(), world->snapshot());
  }
}

TEST(WorldCall, KeepsWaitingOverAReload) {
  Driven world(caller());
  world.set("tune", text("X:1"));
  const Hash128 intent = only_call(*world);
  ASSERT_TRUE(
      world->reload(caller(R"(, {"id": "new", "type": "Value", "outputs": [{"id": "out", "type": "double"}]})")));
  world.settle();
  EXPECT_EQ(world->open_calls().size(), 1u) << "the node asked again";
  ASSERT_TRUE(world->apply(ReceiptCause{intent, {}, R"({"key":"C"})"}));
  world.settle();
  EXPECT_EQ(world.get<Text>("key").view(), "C");
}

TEST(WorldCall, TakesTheReceiptOfANodeThatIsGone) {
  Driven world(caller());
  world.set("tune", text("X:1"));
  const Hash128 intent = only_call(*world);
  ASSERT_TRUE(world->reload(adder()));
  world.settle();
  EXPECT_EQ(world->snapshot(), [&] {
    Driven other(adder());
    EXPECT_TRUE(other->restore(world->snapshot()));
    return other->snapshot();
  }());
  ASSERT_TRUE(world->apply(ReceiptCause{intent, {}, "{}"}));
  EXPECT_EQ(world.settle(), 0u);
}

TEST(WorldCall, RemembersCallsOverARollBack) {
  Driven world(caller());
  ASSERT_TRUE(world->apply(CheckPointCause{}));
  world.settle();
  world.set("tune", text("X:1"));
  const Hash128 intent = only_call(*world);
  ASSERT_TRUE(world->apply(RollBackCause{}));
  world.settle();
  EXPECT_EQ(world.get<Text>("tune").view(), "");
  ASSERT_TRUE(world->apply(ReceiptCause{intent, {}, R"({"key":"C"})"})) << "the tool did run";
}

TEST(WorldCall, IsAnsweredByALine) {
  Driven world(caller());
  Session session(*world);
  world.set("tune", text("X:1"));
  const std::string intent = to_hex(only_call(*world));
  EXPECT_EQ(session.take(R"({"type": "receipt", "intent_hash": "00", "result": 1})")["pointer"], "/intent_hash");
  EXPECT_EQ(session.take(R"({"type": "receipt", "intent_hash": ")" + intent + R"("})")["ok"], false);
  EXPECT_EQ(session.take(R"({"type": "receipt", "intent_hash": ")" + intent + R"(", "result": {"key": "E"}})")["ok"],
            true);
  world.settle();
  EXPECT_EQ(world.get<Text>("key").view(), "E");
}

TEST(JsonPut, MakesWhatIsMissingAndGrowsListsByOne) {
  const auto put = [](const std::string& x, const std::string& pointer) {
    Driven world(Sketch()
                     .node("put", "JsonPut", "json", "\"x\": " + x + ", \"value\": 7, \"pointer\": \"" + pointer + "\"",
                           "x:json, value:int64")
                     .node("show", "Emit", "json")
                     .wire("put", "out", "show", "x")
                     .json());
    const std::string fault = world.fault("put");
    return fault.empty() ? std::string(world.get<Text>("put").view()) : fault;
  };
  EXPECT_EQ(put("null", ""), "7");
  EXPECT_EQ(put("null", "/a/b"), R"({"a":{"b":7}})");
  EXPECT_EQ(put(R"({"b":1})", "/a"), R"({"a":7,"b":1})");
  EXPECT_EQ(put("[1]", "/-"), "[1,7]");
  EXPECT_EQ(put("[1]", "/0"), "[7]");
  EXPECT_EQ(put("[1]", "/999999999"), "not_found");
  EXPECT_EQ(put("3", "/a"), "not_found");
}

}  // namespace
}  // namespace yard::graph::testing
