#include "tools/registry.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::tools {
namespace {

ToolSpec spec(std::string name = "echo") {
  return {.name = std::move(name),
          .title = "Echo",
          .description = "Returns its arguments.",
          .arguments = R"({"type": "object"})",
          .result = R"({"type": "object"})",
          .handler = ImmediateHandler([](PackView, InlineContext&, PackWriter&) { return Status(); })};
}

// What `change` makes of a good spec is refused with a message that contains `culprit`.
template <typename Change>
void expect_refused(Change&& change, std::string_view culprit) {
  ToolSpec changed = spec();
  change(changed);
  Registry registry;
  const Status status = registry.add(std::move(changed));
  ASSERT_FALSE(status) << culprit;
  EXPECT_EQ(status.error().code, ErrorCode::kBadRequest);
  EXPECT_NE(status.error().message.find(culprit), std::string::npos) << status.error().message;
  EXPECT_TRUE(registry.list().empty());
}

TEST(Registry, FindsWhatWasAddedAtAStableAddress) {
  Registry registry;
  ASSERT_TRUE(registry.add(spec("b")));
  const Tool* tool = registry.find("b");
  ASSERT_NE(tool, nullptr);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(registry.add(spec("a" + std::to_string(i))));
  EXPECT_EQ(registry.find("b"), tool);
  EXPECT_EQ(tool->spec.title, "Echo");
  EXPECT_EQ(registry.find("c"), nullptr);
}

TEST(Registry, ListsByName) {
  Registry registry;
  for (const char* name : {"c", "a", "b"}) ASSERT_TRUE(registry.add(spec(name)));
  std::string names;
  for (const Tool* tool : registry.list()) names += tool->spec.name;
  EXPECT_EQ(names, "abc");
}

TEST(Registry, RefusesASecondToolOfTheSameName) {
  Registry registry;
  ASSERT_TRUE(registry.add(spec()));
  const Status again = registry.add(spec());
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("echo"), std::string::npos);
}

TEST(Registry, RefusesNamesOutsideThePattern) {
  for (const std::string name : {"", "Echo", "1echo", "_echo", "e-cho", "e.cho", "e cho", "é"}) {
    expect_refused([&](ToolSpec& tool) { tool.name = name; }, "a name is");
  }
  expect_refused([](ToolSpec& tool) { tool.name = std::string(65, 'a'); }, "a name is");
  EXPECT_TRUE(Registry().add(spec(std::string(64, 'a'))));
}

TEST(Registry, RefusesAToolWithoutDescription) {
  expect_refused([](ToolSpec& tool) { tool.description.clear(); }, "description");
}

TEST(Registry, RefusesHandlersOfAnotherKind) {
  expect_refused([](ToolSpec& tool) { tool.handler = std::monostate{}; }, "handler");
  expect_refused([](ToolSpec& tool) { tool.kind = ToolKind::kJob; }, "job");
  expect_refused([](ToolSpec& tool) { tool.kind = ToolKind::kAck; }, "ack");
  expect_refused(
      [](ToolSpec& tool) { tool.handler = JobHandler([](PackView, auto&, PackWriter&) { return Status(); }); },
      "immediate");
  expect_refused(
      [](ToolSpec& tool) {
        tool.kind = ToolKind::kJob;
        tool.handler = VerbAlias::kWait;
      },
      "job");
}

TEST(Registry, RefusesAThreadForWhatDoesNotLookAtItsStop) {
  const auto job = [](ToolSpec& changed) {
    changed.kind = ToolKind::kJob;
    changed.cooperative = false;
    changed.handler = JobHandler([](PackView, jobs::JobContext&, PackWriter&) { return Status(); });
  };
  expect_refused(job, "make it a command");
  ToolSpec command = spec();
  job(command);
  command.handler = CommandHandler{.command = {.argv = {"sleep", "1"}}};
  EXPECT_TRUE(Registry().add(std::move(command))) << "a process can be killed";
}

TEST(Registry, RefusesEmptyHandlers) {
  expect_refused([](ToolSpec& tool) { tool.handler = ImmediateHandler{}; }, "handler");
  expect_refused(
      [](ToolSpec& tool) {
        tool.kind = ToolKind::kJob;
        tool.handler = JobHandler{};
      },
      "handler");
  expect_refused(
      [](ToolSpec& tool) {
        tool.kind = ToolKind::kAck;
        tool.handler = AckHandler{};
      },
      "handler");
}

TEST(Registry, RefusesSchemasItCannotCheck) {
  expect_refused([](ToolSpec& tool) { tool.arguments = "{"; }, "arguments schema");
  expect_refused([](ToolSpec& tool) { tool.arguments = R"({"type":"object","patternProperties":{}})"; },
                 "patternProperties");
  expect_refused([](ToolSpec& tool) { tool.result = R"({"$ref":"#/x"})"; }, "result schema");
}

TEST(Registry, RefusesSchemasOfAnythingButAnObject) {
  for (const char* schema : {R"({})", "true", R"({"type":"array"})", R"({"type":["object","null"]})"}) {
    expect_refused([&](ToolSpec& tool) { tool.arguments = schema; }, "object");
    expect_refused([&](ToolSpec& tool) { tool.result = schema; }, "object");
  }
}

Bytes written(const ToolSpec& tool, bool with_schemas) {
  Bytes bytes;
  PackWriter writer(bytes);
  {
    PackMap map(writer);
    write_tool(map, tool, with_schemas);
  }
  return bytes;
}

nlohmann::json shown_as(const ToolSpec& tool, bool with_schemas) {
  const Bytes bytes = written(tool, with_schemas);
  EXPECT_TRUE(check_pack(bytes));
  return to_json(PackView(bytes));
}

TEST(WriteTool, ShowsAJobsTimesAndBothSchemas) {
  ToolSpec tool = spec("render");
  tool.kind = ToolKind::kJob;
  tool.timeout_class = TimeoutClass::kMedium;
  tool.timeout = std::chrono::seconds(90);
  tool.streams = true;
  tool.idempotent = true;
  const auto shown = shown_as(tool, /*with_schemas=*/true);
  EXPECT_EQ(shown["name"], "render");
  EXPECT_EQ(shown["kind"], "job");
  EXPECT_EQ(shown["timeout_class"], "medium");
  EXPECT_EQ(shown["timeout_ms"], 90'000);
  EXPECT_EQ(shown["streams"], true);
  EXPECT_EQ(shown["idempotent"], true);
  EXPECT_EQ(shown["arguments"]["type"], "object");
  EXPECT_FALSE(shown.contains("wait_ms"));
}

TEST(WriteTool, LeavesSchemasAndJobsMattersOut) {
  const auto shown = shown_as(spec(), /*with_schemas=*/false);
  EXPECT_EQ(shown["kind"], "immediate");
  for (const char* key : {"arguments", "result", "timeout_class", "streams"}) EXPECT_FALSE(shown.contains(key)) << key;
}

}  // namespace
}  // namespace yard::tools
