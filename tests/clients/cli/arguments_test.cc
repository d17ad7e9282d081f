#include "clients/cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

using nlohmann::json;

const json kSchema = json::parse(R"({"type": "object", "properties": {
  "name": {"type": "string"}, "count": {"type": "integer"}, "bpm": {"type": "number"}, "loop": {"type": "boolean"},
  "keys": {"type": "array"}, "meta": {"type": "object"}, "data": {"type": "string", "contentEncoding": "base64"},
  "either": {"type": ["string", "null"]}}})");

Result<Bytes> fake_file(const std::string& path) {
  if (path == "tune.abc") return Bytes("X:1\nK:C\n");
  if (path == "keys.json") return Bytes("[0, 7]");
  if (path == "bytes") return Bytes("\x00\xff", 2);
  return fail(ErrorCode::kIo, "cannot read " + path);
}

Result<Bytes> packed(const std::vector<std::string>& assignments) {
  return pack_assignments(assignments, kSchema, fake_file);
}

json unpacked(const std::vector<std::string>& assignments) {
  const auto bytes = packed(assignments);
  if (!bytes) return to_string(bytes.error());
  EXPECT_TRUE(check_pack(*bytes));
  return to_json(PackView(*bytes));
}

TEST(CliArguments, AreTypedByTheSchema) {
  EXPECT_EQ(unpacked({"name=7", "count=7", "bpm=7.5", "loop=true", "keys=[1,2]", "meta={\"a\":null}"}),
            json::parse(R"({"name": "7", "count": 7, "bpm": 7.5, "loop": true, "keys": [1, 2], "meta": {"a": null}})"));
}

TEST(CliArguments, StringsAreTakenLiterally) {
  EXPECT_EQ(unpacked({"name=a=b \"c\" [1]"}), json({{"name", "a=b \"c\" [1]"}}));
  EXPECT_EQ(unpacked({"name="}), json({{"name", ""}}));
}

TEST(CliArguments, WhatTheSchemaLeavesOpenIsJsonIfItParses) {
  EXPECT_EQ(unpacked({"unheard=7", "other=seven", "either=null"}),
            json::parse(R"({"unheard": 7, "other": "seven", "either": null})"));
}

TEST(CliArguments, ComeFromFiles) {
  EXPECT_EQ(unpacked({"name=@tune.abc", "keys=@keys.json"}), json::parse(R"({"name": "X:1\nK:C\n", "keys": [0, 7]})"));
  EXPECT_EQ(unpacked({"name=@@tune.abc"}), json({{"name", "@tune.abc"}}));
}

TEST(CliArguments, FilesOfBytesTravelAsBinary) {
  const auto bytes = packed({"data=@bytes"});
  ASSERT_TRUE(bytes);
  EXPECT_EQ(PackView(*bytes).find("data").binary(), BytesView("\x00\xff", 2));
}

TEST(CliArguments, OfTheWrongTypeAreRefusedByName) {
  for (const char* wrong : {"count=seven", "count=1.5", "bpm=fast", "loop=1", "keys={}", "meta=[]", "count="}) {
    const auto bytes = packed({wrong});
    ASSERT_FALSE(bytes) << wrong;
    EXPECT_EQ(bytes.error().code, ErrorCode::kInvalidArguments) << wrong;
    EXPECT_EQ(bytes.error().pointer, "/" + std::string(wrong).substr(0, std::string(wrong).find('='))) << wrong;
  }
}

TEST(CliArguments, ThatAreNoAssignmentsAreRefused) {
  for (const char* wrong : {"name", "=x", ""}) EXPECT_FALSE(packed({wrong})) << wrong;
  EXPECT_FALSE(packed({"name=a", "name=b"}));
  EXPECT_FALSE(packed({"name=@nowhere"}));
  EXPECT_FALSE(packed({"name=@bytes"})) << "no UTF-8";
}

TEST(CliArguments, AreOneJsonObjectInstead) {
  const auto bytes = pack_arguments(R"({"count": 7})", fake_file);
  ASSERT_TRUE(bytes);
  EXPECT_EQ(to_json(PackView(*bytes)), json({{"count", 7}}));
  EXPECT_FALSE(pack_arguments("[1]", fake_file));
  EXPECT_FALSE(pack_arguments("{", fake_file));
  EXPECT_FALSE(pack_arguments("@keys.json", fake_file));
}

}  // namespace
}  // namespace yard::cli
