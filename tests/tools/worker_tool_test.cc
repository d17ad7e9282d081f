#include "tools/worker_tool.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "tools/registry.h"

namespace yard::tools {
namespace {

using nlohmann::json;

Result<ToolSpec> read(const json& declaration) {
  const Bytes bytes = pack(declaration);
  return read_worker_tool(PackView(bytes));
}

TEST(WorkerTool, ReadsWhatWriteToolWrites) {
  const json declaration = {{"name", "render"},
                            {"version", 3},
                            {"title", "Render"},
                            {"description", "Renders."},
                            {"kind", "job"},
                            {"timeout_class", "medium"},
                            {"streams", true},
                            {"grade", "buffered"},
                            {"wait_ms", 1'000},
                            {"timeout_ms", 90'000},
                            {"result_ttl_ms", 5'000},
                            {"concurrency_max", 2},
                            {"read_only", true},
                            {"idempotent", true},
                            {"destructive", false},
                            {"open_world", true},
                            {"arguments", {{"type", "object"}, {"required", {"text"}}}},
                            {"result", {{"type", "object"}}}};
  const auto spec = read(declaration);
  ASSERT_TRUE(spec) << to_string(spec.error());
  Bytes bytes;
  PackWriter writer(bytes);
  {
    PackMap map(writer);
    write_tool(map, *spec, /*with_schemas=*/true);
  }
  EXPECT_EQ(to_json(PackView(bytes)), declaration);
}

TEST(WorkerTool, RefusesWhatItDoesNotKnowOrCanNotBe) {
  for (const auto& [field, value] : std::map<std::string, json>{{"colour", "red"},
                                                                {"name", 7},
                                                                {"kind", "immediate"},
                                                                {"timeout_class", "eternal"},
                                                                {"grade", "golden"},
                                                                {"timeout_ms", -1},
                                                                {"concurrency_max", 1ll << 40},
                                                                {"streams", 1},
                                                                {"arguments", "{}"}}) {
    const auto spec = read({{field, value}});
    ASSERT_FALSE(spec) << field;
    EXPECT_EQ(spec.error().code, ErrorCode::kBadRequest);
    EXPECT_NE(spec.error().message.find(field), std::string::npos) << spec.error().message;
  }
  EXPECT_FALSE(read(json::array()));
}

TEST(WorkerTool, IsTheSameWhateverTheOrderOfItsFields) {
  const auto one = read({{"name", "a"}, {"arguments", json::parse(R"({"type": "object", "required": []})")}});
  const auto two = read(json::parse(R"({"arguments": {"required": [], "type": "object"}, "name": "a", "version": 1})"));
  const auto other = read({{"name", "a"}, {"idempotent", true}});
  EXPECT_TRUE(is_same_declaration(*one, *two));
  EXPECT_FALSE(is_same_declaration(*one, *other));
}

TEST(Registry, OverAnotherShowsTheToolsOfBoth) {
  const auto tool = [](std::string name) {
    ToolSpec spec = *read({{"name", std::move(name)}, {"description", "for tests"}});
    return spec;
  };
  Registry base;
  ASSERT_TRUE(base.add(tool("below")));
  Registry over(&base);
  EXPECT_FALSE(over.add(tool("below"))) << "a name is one tool's";
  ASSERT_TRUE(over.add(tool("above")));
  EXPECT_EQ(over.find("below"), base.find("below"));
  EXPECT_EQ(over.list().size(), 2u);
  EXPECT_EQ(base.find("above"), nullptr);
  over.remove("above");
  over.remove("below");
  EXPECT_EQ(over.find("above"), nullptr);
  EXPECT_NE(over.find("below"), nullptr) << "only its own may be taken out";
}

}  // namespace
}  // namespace yard::tools
