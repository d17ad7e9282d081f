#include <gtest/gtest.h>

#include "tests/support/call_tool.h"
#include "tools/garden/tools.h"

namespace yard::tools {
namespace {

using nlohmann::json;
using testing::call;
using testing::cast;

class GardenTools : public ::testing::Test {
 protected:
  void SetUp() override {
    const Status added = add_garden_tools(registry_, garden_);
    ASSERT_TRUE(added) << to_string(added.error());
  }

  // The error's name, or "ok".
  std::string run(std::string_view name, const json& arguments = json::object()) {
    const auto acked = cast(registry_, name, arguments, context_);
    if (!acked) return std::string(error_name(acked.error().code));
    EXPECT_EQ(acked->ack["ok"], true);
    return acked->acted ? "ok" : std::string(error_name(acked->acted.error().code));
  }

  json status() {
    const auto answered = call(registry_, "garden_status", json::object(), context_);
    EXPECT_TRUE(answered) << to_string(answered.error());
    return answered ? *answered : json();
  }
  json transport() { return to_json(PackView(context_.values().back().packed)); }

  Garden garden_;
  Registry registry_;
  testing::FakeInlineContext context_;
};

json region(double position, double duration = 4) {
  return {{"position", position}, {"duration", duration}, {"behavior_type", "content"}, {"content_id", "artifact_1"}};
}

TEST_F(GardenTools, EveryTransportChangeIsPublished) {
  EXPECT_EQ(run("garden_play"), "ok");
  ASSERT_EQ(context_.values().size(), 1u);
  EXPECT_EQ(context_.values()[0].key, "garden.transport");
  EXPECT_EQ(transport()["state"], "playing");
  context_.advance(std::chrono::seconds(1));
  EXPECT_EQ(run("garden_pause"), "ok");
  EXPECT_EQ(transport()["state"], "paused");
  EXPECT_EQ(transport()["position_beats"], 2.0);
  EXPECT_EQ(run("garden_set_tempo", {{"bpm", 90}}), "ok");
  EXPECT_EQ(transport()["tempo_bpm"], 90.0);
  EXPECT_EQ(run("garden_seek", {{"beat", 7.5}}), "ok");
  EXPECT_EQ(transport()["position_beats"], 7.5);
  EXPECT_EQ(run("garden_emergency_pause"), "ok");
  EXPECT_EQ(transport()["emergency"], true);
  EXPECT_EQ(run("garden_stop"), "ok");
  EXPECT_EQ(transport()["state"], "stopped");
  EXPECT_EQ(transport()["position_beats"], 0.0);
  EXPECT_EQ(context_.values().size(), 6u);
}

TEST_F(GardenTools, StatusTellsPausedFromStopped) {
  EXPECT_EQ(status()["state"], "stopped");
  run("garden_play");
  run("garden_pause");
  EXPECT_EQ(status()["state"], "paused");
  EXPECT_EQ(status()["region_count"], 0);
}

TEST_F(GardenTools, BadArgumentsAreRefusedAtDispatch) {
  EXPECT_EQ(run("garden_seek", {{"beat", -1}}), "invalid_arguments");
  EXPECT_EQ(run("garden_seek"), "invalid_arguments");
  EXPECT_EQ(run("garden_set_tempo", {{"bpm", 19}}), "invalid_arguments");
  EXPECT_EQ(run("garden_set_tempo", {{"bpm", 1000}}), "invalid_arguments");
  EXPECT_EQ(run("garden_create_region", region(-1)), "invalid_arguments");
  EXPECT_EQ(run("garden_create_region", region(0, 0)), "invalid_arguments");
  EXPECT_EQ(run("garden_play", {{"now", true}}), "invalid_arguments");
  EXPECT_TRUE(context_.values().empty());
}

TEST_F(GardenTools, CreateAcknowledgesWithTheCallsId) {
  const auto acked = cast(registry_, "garden_create_region", region(4), context_);
  ASSERT_TRUE(acked);
  ASSERT_TRUE(acked->acted);
  EXPECT_EQ(acked->ack["region_id"], to_hex(context_.call_id()));
  const auto listed = call(registry_, "garden_get_regions", json::object(), context_);
  ASSERT_TRUE(listed) << to_string(listed.error());
  EXPECT_EQ((*listed)["regions"][0]["region_id"], acked->ack["region_id"]);
  EXPECT_EQ((*listed)["regions"][0]["behavior_type"], "content");
  EXPECT_EQ((*listed)["regions"][0]["created_at"], "1971-01-01T00:00:00.000Z");
}

TEST_F(GardenTools, CreateTakesTheCallersIdInAnyForm) {
  json arguments = region(4);
  arguments["region_id"] = "01234567-89AB-cdef-0123-456789abcdef";
  const auto acked = cast(registry_, "garden_create_region", arguments, context_);
  EXPECT_EQ(acked->ack["region_id"], "0123456789abcdef0123456789abcdef");
  EXPECT_EQ(run("garden_create_region", arguments), "conflict");
  EXPECT_EQ(run("garden_move_region", {{"region_id", "0123456789abcdef0123456789abcdef"}, {"new_position", 1}}), "ok");
  EXPECT_EQ(run("garden_delete_region", {{"region_id", "0123456789abcdef0123456789abcdef"}}), "ok");
  EXPECT_EQ(run("garden_delete_region", {{"region_id", "0123456789abcdef0123456789abcdef"}}), "not_found");
  arguments["region_id"] = std::string(32, 'x');
  EXPECT_EQ(run("garden_create_region", arguments), "invalid_arguments");
}

TEST_F(GardenTools, RegionsAreFilteredByEitherBound) {
  for (const int i : {0, 1, 2}) {
    context_.set_call_id(Uuid{.octets = {static_cast<std::uint8_t>(i + 1)}});
    ASSERT_EQ(run("garden_create_region", region(8.0 * i)), "ok");
  }
  const auto count = [&](const json& arguments) {
    return (*call(registry_, "garden_get_regions", arguments, context_))["count"].get<int>();
  };
  EXPECT_EQ(count(json::object()), 3);
  EXPECT_EQ(count({{"start", 9}}), 2);
  EXPECT_EQ(count({{"end", 8}}), 1);
  EXPECT_EQ(count({{"start", 3}, {"end", 9}}), 2);
  EXPECT_EQ(count({{"limit", 1}}), 1);
  EXPECT_EQ(call(registry_, "garden_get_regions", {{"start", 9}, {"end", 8}}, context_).error().pointer, "/end");
}

TEST_F(GardenTools, CommandsAreAcksAndQueriesImmediate) {
  int acks = 0;
  for (const Tool* tool : registry_.list()) {
    const bool query = tool->spec.name == "garden_status" || tool->spec.name == "garden_get_regions";
    EXPECT_EQ(tool->spec.kind, query ? ToolKind::kImmediate : ToolKind::kAck) << tool->spec.name;
    acks += query ? 0 : 1;
  }
  EXPECT_EQ(acks, 9);
}

}  // namespace
}  // namespace yard::tools
