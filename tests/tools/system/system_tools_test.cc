#include <gtest/gtest.h>

#include "tests/support/call_tool.h"
#include "tools/system/iso_time.h"
#include "tools/system/tools.h"

namespace yard::tools {
namespace {

using nlohmann::json;
using testing::call;

class SystemTools : public ::testing::Test {
 protected:
  void SetUp() override {
    const Environment environment{.configuration = R"({"paths": {"state": "/var/lib/x"}, "listen": ["ipc://a"]})"};
    const Status added = add_system_tools(registry_, environment);
    ASSERT_TRUE(added) << to_string(added.error());
  }

  Registry registry_;
};

TEST_F(SystemTools, ConfigGetReturnsASettingASectionOrAll) {
  EXPECT_EQ((*call(registry_, "config_get", {{"section", "paths"}, {"key", "state"}}))["value"], "/var/lib/x");
  EXPECT_EQ((*call(registry_, "config_get", {{"section", "listen"}}))["value"], json::array({"ipc://a"}));
  const auto all = call(registry_, "config_get", json::object());
  ASSERT_TRUE(all) << to_string(all.error());
  EXPECT_EQ((*all)["value"]["paths"]["state"], "/var/lib/x");
  EXPECT_EQ((*all)["section"], nullptr);
}

TEST_F(SystemTools, ConfigGetSaysWhatThereIs) {
  const auto section = call(registry_, "config_get", {{"section", "path"}});
  EXPECT_EQ(section.error().code, ErrorCode::kNotFound);
  EXPECT_NE(section.error().message.find("listen, paths"), std::string::npos);
  const auto key = call(registry_, "config_get", {{"section", "paths"}, {"key", "cas"}});
  EXPECT_EQ(key.error().code, ErrorCode::kNotFound);
  EXPECT_NE(key.error().message.find("state"), std::string::npos);
  EXPECT_EQ(call(registry_, "config_get", {{"section", "listen"}, {"key", "0"}}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(call(registry_, "config_get", {{"key", "state"}}).error().pointer, "/section");
}

TEST(SystemToolsConfiguration, MustBeAnObject) {
  for (const std::string bad : {"", "[]", "{", "7"}) {
    Registry registry;
    EXPECT_EQ(add_system_tools(registry, {.configuration = bad}).error().code, ErrorCode::kBadRequest) << bad;
  }
}

TEST_F(SystemTools, JobToolsAreVerbs) {
  const std::pair<std::string_view, VerbAlias> kVerbs[] = {{"job_status", VerbAlias::kStatus},
                                                           {"job_list", VerbAlias::kList},
                                                           {"job_poll", VerbAlias::kWait},
                                                           {"job_cancel", VerbAlias::kCancel},
                                                           {"job_why", VerbAlias::kWhy}};
  for (const auto& [name, alias] : kVerbs) {
    const Tool* tool = registry_.find(name);
    ASSERT_NE(tool, nullptr) << name;
    ASSERT_TRUE(std::holds_alternative<VerbAlias>(tool->spec.handler)) << name;
    EXPECT_EQ(std::get<VerbAlias>(tool->spec.handler), alias);
    EXPECT_EQ(tool->spec.read_only, name != "job_cancel");
  }
}

TEST_F(SystemTools, JobPollBoundsItsArguments) {
  const Schema& schema = registry_.find("job_poll")->arguments;
  const std::string id(32, 'a');
  const auto check = [&](const json& arguments) { return schema.check(PackView(pack(arguments))).has_value(); };
  EXPECT_TRUE(check({{"job_ids", {id}}}));
  EXPECT_TRUE(check({{"job_ids", {id}}, {"mode", "all"}, {"timeout_ms", 30'000}}));
  EXPECT_FALSE(check({{"job_ids", json::array()}}));
  EXPECT_FALSE(check({{"job_ids", std::vector<std::string>(65, id)}}));
  EXPECT_FALSE(check({{"job_ids", {id}}, {"timeout_ms", 30'001}}));
  EXPECT_FALSE(check({{"job_ids", {id}}, {"mode", "some"}}));
  EXPECT_FALSE(check({}));
}

TEST_F(SystemTools, JobListRefusesUnknownStates) {
  const Schema& schema = registry_.find("job_list")->arguments;
  EXPECT_TRUE(schema.check(PackView(pack({{"state", "running"}}))));
  EXPECT_FALSE(schema.check(PackView(pack({{"state", "complete"}}))));
}

TEST(IsoTime, IsUtcWithMilliseconds) {
  EXPECT_EQ(iso_time(WallTime{}), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(iso_time(WallTime{Nanos(951'782'400'999'999'999)}), "2000-02-29T00:00:00.999Z");
  EXPECT_EQ(iso_time(WallTime{Nanos(-1)}), "1969-12-31T23:59:59.999Z");
}

}  // namespace
}  // namespace yard::tools
