#include "tools/schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "engine/base/pack_json.h"
#include "engine/base/random.h"

namespace yard::tools {
namespace {

using nlohmann::json;

Status check(const Schema& schema, const json& value) {
  const Bytes bytes = pack(value);
  return schema.check(PackView(bytes));
}

struct Case {
  const char* schema;
  std::vector<const char*> valid;
  std::vector<const char*> invalid;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {R"({})", {"null", "1", "[]", "{}"}, {}},
      {R"(true)", {"null", "1", "[]", "{}"}, {}},
      {R"({"type":"null"})", {"null"}, {"0", "false", "\"\""}},
      {R"({"type":"boolean"})", {"true", "false"}, {"0", "null", "\"true\""}},
      {R"({"type":"integer"})", {"0", "-5", "18446744073709551615", "3.0", "1e300"}, {"1.5", "\"1\"", "true"}},
      {R"({"type":"number"})", {"0", "1.5", "-1e300"}, {"\"1\"", "null"}},
      {R"({"type":"string"})", {"\"\"", "\"ä\""}, {"1", "null", "[]"}},
      {R"({"type":"array"})", {"[]", "[1,\"a\"]"}, {"{}", "null"}},
      {R"({"type":"object"})", {"{}", "{\"a\":1}"}, {"[]", "null"}},
      {R"({"type":["string","null"]})", {"\"\"", "null"}, {"1", "false"}},
      {R"({"enum":["a",3,null,true]})",
       {"\"a\"", "3", "3.0", "null", "true"},
       {"\"b\"", "4", "3.5", "false", "1", "[]"}},
      {R"({"const":18446744073709551615})", {"18446744073709551615"}, {"-1", "1e300", "18446744073709551614"}},
      {R"({"const":"x"})", {"\"x\""}, {"\"y\"", "\"\""}},
      {R"({"minLength":2,"maxLength":3})", {"\"ab\"", "\"äöü\"", "\"😀😀\"", "1"}, {"\"a\"", "\"abcd\"", "\"ä\""}},
      {R"({"minimum":1,"maximum":3})", {"1", "3", "1.5", "\"0\""}, {"0", "0.99", "3.01", "18446744073709551615"}},
      {R"({"exclusiveMinimum":1,"exclusiveMaximum":3})", {"2", "1.01", "2.99"}, {"1", "3", "1.0"}},
      {R"({"minItems":1,"maxItems":2})", {"[1]", "[1,2]", "{}"}, {"[]", "[1,2,3]"}},
      {R"({"minProperties":1,"maxProperties":2})", {"{\"a\":1}", "[]"}, {"{}", "{\"a\":1,\"b\":1,\"c\":1}"}},
      {R"({"items":{"type":"integer"}})", {"[]", "[1,2]", "7"}, {"[\"a\"]", "[1,null]"}},
      {R"({"properties":{"a":{"type":"integer"}}})", {"{}", "{\"a\":1}", "{\"b\":\"x\"}", "[]"}, {"{\"a\":\"x\"}"}},
      {R"({"properties":{"a":true,"b":true},"required":["a"]})",
       {"{\"a\":null}", "{\"b\":1,\"a\":1}", "1"},
       {"{}", "{\"b\":1}"}},
      {R"({"properties":{"a":true},"additionalProperties":false})",
       {"{}", "{\"a\":1}"},
       {"{\"b\":1}", "{\"a\":1,\"b\":1}"}},
      {R"({"properties":{"a":true},"additionalProperties":{"type":"null"}})", {"{\"a\":1,\"b\":null}"}, {"{\"b\":1}"}},
      {R"({"anyOf":[{"type":"string"},{"type":"integer","minimum":5}]})", {"\"\"", "5"}, {"4", "null", "5.5"}},
      {R"({"type":"object","properties":{"n":{"anyOf":[{"type":"null"},{"type":"array","items":{"anyOf":[{"const":1},{"const":2}]}}]}}})",
       {"{\"n\":[1,2,1]}", "{\"n\":null}"},
       {"{\"n\":[3]}", "{\"n\":1}"}},
      {R"({"title":"t","description":"d","default":1,"examples":[],"$schema":"s","$comment":"c","format":"date","deprecated":true})",
       {"1"},
       {}},
  };
  return kCases;
}

TEST(Schema, AcceptsTheValidAndRefusesTheInvalid) {
  for (const Case& row : cases()) {
    const auto schema = Schema::compile(row.schema);
    ASSERT_TRUE(schema) << row.schema << ": " << to_string(schema.error());
    for (const char* value : row.valid) {
      const Status status = check(*schema, json::parse(value));
      EXPECT_TRUE(status) << row.schema << " on " << value << ": " << to_string(status.error());
    }
    for (const char* value : row.invalid) {
      const Status status = check(*schema, json::parse(value));
      ASSERT_FALSE(status) << row.schema << " on " << value;
      EXPECT_EQ(status.error().code, ErrorCode::kInvalidArguments);
      EXPECT_FALSE(status.error().message.empty());
    }
  }
}

TEST(Schema, PointsAtTheCulpritAndSaysWhatWasExpected) {
  const auto schema = Schema::compile(R"({
    "type": "object",
    "properties": {
      "tempo": {"type": "number", "minimum": 20, "maximum": 400},
      "notes": {"type": "array", "items": {"type": "object", "properties": {"a/b~": {"enum": ["x", 2]}}}},
      "name": {"type": "string", "minLength": 1}
    },
    "required": ["name"],
    "additionalProperties": false
  })");
  ASSERT_TRUE(schema);
  struct Row {
    const char* value;
    const char* pointer;
    const char* message;
  };
  for (const Row& row : {
           Row{R"([])", "", "expected object, got array"},
           Row{R"({})", "/name", "is required"},
           Row{R"({"name":"n","tempo":10})", "/tempo", "expected at least 20"},
           Row{R"({"name":"n","tempo":400.5})", "/tempo", "expected at most 400"},
           Row{R"({"name":"n","tempo":"x"})", "/tempo", "expected number, got string"},
           Row{R"({"name":""})", "/name", "expected at least 1 characters"},
           Row{R"({"name":"n","notes":[{},{"a/b~":3}]})", "/notes/1/a~1b~0", "expected \"x\" or 2"},
           Row{R"({"name":"n","no~such/":1})", "/no~0such~1", "no such argument"},
       }) {
    const Status status = check(*schema, json::parse(row.value));
    ASSERT_FALSE(status) << row.value;
    EXPECT_EQ(status.error().pointer, row.pointer) << row.value;
    EXPECT_EQ(status.error().message, row.message) << row.value;
  }
}

TEST(Schema, RefusesEveryKeywordItDoesNotCheck) {
  for (const char* keyword : {"$ref",
                              "$id",
                              "$defs",
                              "$anchor",
                              "allOf",
                              "oneOf",
                              "not",
                              "if",
                              "then",
                              "else",
                              "dependentSchemas",
                              "prefixItems",
                              "contains",
                              "patternProperties",
                              "propertyNames",
                              "unevaluatedItems",
                              "unevaluatedProperties",
                              "pattern",
                              "multipleOf",
                              "uniqueItems",
                              "minContains",
                              "maxContains",
                              "dependentRequired",
                              "contentMediaType",
                              "contentSchema",
                              "readOnly",
                              "writeOnly",
                              "definitions",
                              "typo"}) {
    const auto refused = Schema::compile(json{{"properties", {{"a", {{keyword, true}}}}}}.dump());
    ASSERT_FALSE(refused) << keyword;
    EXPECT_EQ(refused.error().code, ErrorCode::kBadRequest);
    EXPECT_NE(refused.error().message.find(keyword), std::string::npos) << refused.error().message;
    EXPECT_TRUE(refused.error().pointer.starts_with("/properties/a/")) << refused.error().pointer;
  }
}

TEST(Schema, RefusesMalformedRules) {
  for (const char* schema : {"",
                             "{",
                             "7",
                             "null",
                             "false",
                             R"({"type":"text"})",
                             R"({"type":7})",
                             R"({"type":[]})",
                             R"({"type":[["string"]]})",
                             R"({"enum":[]})",
                             R"({"enum":"a"})",
                             R"({"enum":[1.5]})",
                             R"({"const":[1]})",
                             R"({"enum":[1],"const":1})",
                             R"({"anyOf":[]})",
                             R"({"anyOf":{}})",
                             R"({"properties":[]})",
                             R"({"properties":{"a":1}})",
                             R"({"required":"a"})",
                             R"({"required":["a"]})",
                             R"({"properties":{"a":true},"required":[1]})",
                             R"({"additionalProperties":1})",
                             R"({"items":[]})",
                             R"({"minItems":-1})",
                             R"({"minLength":1.5})",
                             R"({"maxProperties":"1"})",
                             R"({"minimum":"1"})",
                             R"({"minimum":1,"exclusiveMinimum":1})",
                             R"({"maximum":1,"exclusiveMaximum":1})",
                             R"({"contentEncoding":"base32"})"}) {
    const auto refused = Schema::compile(schema);
    ASSERT_FALSE(refused) << schema;
    EXPECT_EQ(refused.error().code, ErrorCode::kBadRequest) << schema;
  }
}

TEST(Schema, NestingIsBounded) {
  const auto items = [](int levels) {
    std::string schema = "{}";
    for (int i = 0; i < levels; ++i) schema = R"({"items":)" + schema + "}";
    return schema;
  };
  EXPECT_TRUE(Schema::compile(items(32)));
  EXPECT_FALSE(Schema::compile(items(33)));
  EXPECT_FALSE(Schema::compile(R"({"type":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}"));
}

TEST(Schema, PropertiesAreBounded) {
  json schema = {{"properties", json::object()}};
  for (int i = 0; i < 128; ++i) schema["properties"]["p" + std::to_string(i)] = {{"type", "integer"}};
  EXPECT_TRUE(Schema::compile(schema.dump()));
  schema["properties"]["one_more"] = true;
  EXPECT_FALSE(Schema::compile(schema.dump()));
}

TEST(Schema, BytesAreBinaryOrBase64) {
  const auto schema = Schema::compile(R"({"type":"string","contentEncoding":"base64","maxLength":4})");
  ASSERT_TRUE(schema);
  EXPECT_TRUE(check(*schema, "AP8="));
  EXPECT_TRUE(check(*schema, json::binary({1, 2, 3, 4})));
  EXPECT_FALSE(check(*schema, json::binary({1, 2, 3, 4, 5})));
  EXPECT_FALSE(check(*schema, 7));
  const auto nullable = Schema::compile(R"({"type":["string","null"],"contentEncoding":"base64"})");
  ASSERT_TRUE(nullable);
  EXPECT_TRUE(check(*nullable, nullptr));
  EXPECT_TRUE(check(*nullable, json::binary({1})));
  EXPECT_FALSE(check(*Schema::compile(R"({"type":"string"})"), json::binary({1})));
}

// ---- against valijson

bool oracle(const json& schema, const json& value) {
  valijson::Schema compiled;
  valijson::SchemaParser parser;
  parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(schema), compiled);
  return valijson::Validator().validate(compiled, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
}

TEST(SchemaDifferential, ValijsonAgreesWithTheTable) {
  for (const Case& row : cases()) {
    const json schema = json::parse(row.schema);
    // Booleans are newer than valijson, and it takes formats for rules.
    if (schema.is_boolean() || schema.contains("format")) continue;
    for (const bool valid : {true, false}) {
      for (const char* text : valid ? row.valid : row.invalid) {
        const json value = json::parse(text);
        if (value.is_number_float() || schema.contains("const") || value == 18446744073709551615u)
          continue;  // see Maker
        EXPECT_EQ(oracle(schema, value), valid) << row.schema << " on " << text;
      }
    }
  }
}

// Small alphabets, so that a value often meets its schema.
class Maker {
 public:
  explicit Maker(std::uint64_t seed) : random_(seed) {}

  json schema(int depth) {
    json made = json::object();
    static constexpr const char* kTypes[] = {"null", "boolean", "integer", "number", "string", "array", "object"};
    if (chance(3))
      made["type"] = kTypes[below(7)];
    else if (chance(3))
      made["type"] = {kTypes[below(3)], kTypes[3 + below(4)]};
    if (chance(6)) {
      made["enum"] = json::array();
      for (auto left = 1 + below(3); left > 0; --left) made["enum"].push_back(scalar());
    }
    if (chance(4)) made[chance(2) ? "minimum" : "exclusiveMinimum"] = number();
    if (chance(4)) made[chance(2) ? "maximum" : "exclusiveMaximum"] = number();
    if (chance(5)) made["minLength"] = below(3);
    if (chance(5)) made["maxLength"] = below(3);
    if (chance(5)) made["minItems"] = below(3);
    if (chance(5)) made["maxItems"] = below(4);
    if (chance(6)) made["minProperties"] = below(3);
    if (chance(6)) made["maxProperties"] = below(4);
    if (depth == 0) return made;
    if (chance(3)) made["items"] = schema(depth - 1);
    if (chance(2)) {
      made["properties"] = json::object();
      for (auto left = 1 + below(3); left > 0; --left) made["properties"][key()] = schema(depth - 1);
      if (chance(2)) made["required"] = {made["properties"].begin().key()};
      if (chance(3)) made["additionalProperties"] = chance(2) ? json(false) : schema(depth - 1);
    }
    if (chance(5)) {
      made["anyOf"] = json::array();
      for (auto left = 1 + below(3); left > 0; --left) made["anyOf"].push_back(schema(depth - 1));
    }
    return made;
  }

  // valijson takes 3.0 for no integer and sees integers above INT64_MAX as negative: not made here.
  json value(int depth) {
    switch (below(depth > 0 ? 8 : 5)) {
      case 0:
      case 1: return scalar();
      case 2:
      case 3:
      case 4: return chance(2) ? json(number()) : scalar();
      case 5: {
        json array = json::array();
        for (auto left = below(4); left > 0; --left) array.push_back(value(depth - 1));
        return array;
      }
      default: {
        json object = json::object();
        for (auto left = below(4); left > 0; --left) object[key()] = value(depth - 1);
        return object;
      }
    }
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_.next() % end; }
  bool chance(std::uint64_t one_in) { return below(one_in) == 0; }
  std::string key() { return std::string(1, "abcd"[below(4)]); }
  double number() { return static_cast<double>(below(9)) - 4.5; }

  json scalar() {
    static constexpr const char* kTexts[] = {"", "a", "ä", "ab", "a😀"};
    switch (below(4)) {
      case 0: return nullptr;
      case 1: return chance(2);
      case 2: return static_cast<std::int64_t>(below(9)) - 4;
      default: return kTexts[below(5)];
    }
  }

  SeededRandom random_;
};

TEST(SchemaDifferential, AgreesWithValijsonOnRandomSchemas) {
  constexpr std::uint64_t kSeed = 0x5eed'0003;
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  Maker make(kSeed);
  int valid = 0;
  int invalid = 0;
  for (int round = 0; round < 400; ++round) {
    const json schema = make.schema(3);
    const auto compiled = Schema::compile(schema.dump());
    ASSERT_TRUE(compiled) << schema << ": " << to_string(compiled.error());
    for (int i = 0; i < 25; ++i) {
      const json value = make.value(3);
      const bool expected = oracle(schema, value);
      ASSERT_EQ(check(*compiled, value).has_value(), expected)
          << "round " << round << ": " << schema << " on " << value;
      ++(expected ? valid : invalid);
    }
  }
  EXPECT_GT(valid, 1000);
  EXPECT_GT(invalid, 1000);
}

}  // namespace
}  // namespace yard::tools
