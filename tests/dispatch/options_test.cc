#include "dispatch/options.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::dispatch {
namespace {

using nlohmann::json;

constexpr const char* kJob = "00112233445566778899aabbccddeeff";

Result<CallOptions> parse(const json& value) {
  const Bytes bytes = pack(value);
  return parse_options(PackView(bytes));
}

TEST(CallOptions, NothingStatedIsNothing) {
  for (const auto& options : {parse_options({}), parse(json::object())}) {
    ASSERT_TRUE(options);
    EXPECT_EQ(options->delay, Millis::zero());
    EXPECT_EQ(options->queue_ttl, Millis::zero());
    EXPECT_EQ(options->attempt_timeout, Millis::zero());
    EXPECT_EQ(options->deadline, Millis::zero());
    EXPECT_TRUE(options->after.empty());
    EXPECT_EQ(options->on_parent_failure, jobs::ParentPolicy::kFail);
  }
}

TEST(CallOptions, ReadsEachOne) {
  const auto options = parse({{"queue_ttl_ms", 2},
                              {"attempt_timeout_ms", 3},
                              {"deadline_ms", 4},
                              {"after", {kJob}},
                              {"on_parent_failure", "continue"},
                              {"parent", kJob}});
  ASSERT_TRUE(options) << to_string(options.error());
  EXPECT_EQ(options->queue_ttl, Millis(2));
  EXPECT_EQ(options->attempt_timeout, Millis(3));
  EXPECT_EQ(options->deadline, Millis(4));
  ASSERT_EQ(options->after.size(), 1u);
  EXPECT_EQ(to_hex(options->after[0].value()), kJob);
  EXPECT_EQ(options->on_parent_failure, jobs::ParentPolicy::kContinue);
  EXPECT_EQ(to_hex(options->parent.value()), kJob);
  EXPECT_EQ(parse({{"delay_ms", 5}})->delay, Millis(5));
  EXPECT_EQ(parse({{"on_parent_failure", "fail"}})->on_parent_failure, jobs::ParentPolicy::kFail);
}

TEST(CallOptions, UnknownOnesAreRefusedByName) {
  const auto options = parse({{"retries", 3}});
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, ErrorCode::kBadRequest);
  EXPECT_EQ(options.error().message, "option retries is unknown");
}

TEST(CallOptions, DurationsAreWholeMillisecondsUpTo366Days) {
  constexpr std::int64_t kMost = 366ll * 24 * 3'600 * 1'000;
  for (const char* name : {"delay_ms", "queue_ttl_ms", "attempt_timeout_ms", "deadline_ms"}) {
    EXPECT_TRUE(parse({{name, 0}})) << name;
    EXPECT_TRUE(parse({{name, kMost}})) << name;
    for (const json& bad :
         {json(-1), json(kMost + 1), json(1.5), json("1"), json(true), json(nullptr), json(std::uint64_t{1} << 63)}) {
      const auto options = parse({{name, bad}});
      ASSERT_FALSE(options) << name << " " << bad;
      EXPECT_EQ(options.error().code, ErrorCode::kBadRequest);
    }
  }
}

TEST(CallOptions, AfterListsAtMost64JobIds) {
  json ids = json::array();
  for (int i = 0; i < 64; ++i) ids.push_back(kJob);
  EXPECT_EQ(parse({{"after", ids}})->after.size(), 64u);
  ids.push_back(kJob);
  EXPECT_FALSE(parse({{"after", ids}}));
  EXPECT_TRUE(parse({{"after", json::array()}}));
  for (const json& bad : {json("x"), json(kJob), json::array({"x"}), json::array({kJob, 7}), json(1)})
    EXPECT_FALSE(parse({{"after", bad}})) << bad;
}

TEST(CallOptions, PolicyIsOneOfTwoWords) {
  for (const json& bad : {json("Fail"), json(""), json(1), json(nullptr)})
    EXPECT_FALSE(parse({{"on_parent_failure", bad}})) << bad;
}

TEST(CallOptions, DelayAndParentsExcludeEachOther) {
  EXPECT_FALSE(parse({{"after", {kJob}}, {"delay_ms", 1}}));
  EXPECT_TRUE(parse({{"after", {kJob}}, {"delay_ms", 0}}));
}

TEST(CallOptions, AreAMap) {
  for (const json& bad : {json(1), json("x"), json::array(), json(nullptr)}) EXPECT_FALSE(parse(bad)) << bad;
}

}  // namespace
}  // namespace yard::dispatch
