#include "tools/schema.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace yard::tools {

using nlohmann::json;

namespace {

// The six types of JSON Schema and one of ours, as a set of bits.
enum TypeBit : unsigned {
  kNull = 1,
  kBooleanBit = 2,
  kIntegerBit = 4,
  kNumberBit = 8,
  kStringBit = 16,
  kArrayBit = 32,
  kObjectBit = 64,
  kBytesBit = 128,
  kAny = 255,
};

struct TypeName {
  std::string_view name;
  unsigned bits;
};

constexpr std::array kTypeNames = {
    TypeName{"null", kNull},        TypeName{"boolean", kBooleanBit}, TypeName{"integer", kIntegerBit},
    TypeName{"number", kNumberBit}, TypeName{"string", kStringBit},   TypeName{"array", kArrayBit},
    TypeName{"object", kObjectBit},
};

constexpr std::array<std::string_view, 8> kAnnotations = {"title",   "description", "default", "examples",
                                                          "$schema", "$comment",    "format",  "deprecated"};

constexpr double kUnbounded = std::numeric_limits<double>::infinity();
constexpr std::size_t kPropertiesMax = 128;  // one bit each while checking
constexpr std::size_t kSchemaDepthMax = 32;

}  // namespace

struct Schema::Node {
  struct Property {
    std::string name;
    std::unique_ptr<const Node> schema;
    bool required = false;
  };

  unsigned types = kAny;
  std::string expected = "any value";  // for messages
  std::vector<Bytes> choices;          // enum and const, as canonical msgpack; empty: no such rule
  std::vector<std::unique_ptr<const Node>> any_of;

  std::vector<Property> properties;
  bool additional_allowed = true;
  std::unique_ptr<const Node> additional;  // null: anything
  std::uint64_t pairs_min = 0;
  std::uint64_t pairs_max = std::numeric_limits<std::uint64_t>::max();

  std::unique_ptr<const Node> items;  // null: anything
  std::uint64_t items_min = 0;
  std::uint64_t items_max = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t length_min = 0;
  std::uint64_t length_max = std::numeric_limits<std::uint64_t>::max();

  double minimum = -kUnbounded;
  double maximum = kUnbounded;
  bool minimum_exclusive = false;
  bool maximum_exclusive = false;
};

namespace {

using Node = Schema::Node;

std::string pointer_token(std::string_view key) {
  std::string token = "/";
  for (const char c : key) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

// ---- compiling

class Compiler {
 public:
  Result<std::unique_ptr<const Node>> compile(const json& schema, const std::string& at, std::size_t depth) {
    if (depth > kSchemaDepthMax) return fail(ErrorCode::kBadRequest, "nested too deep", at);
    auto node = std::make_unique<Node>();
    if (schema.is_boolean()) {
      if (!schema.get<bool>())
        return fail(ErrorCode::kBadRequest, "the schema false accepts nothing; leave the property out", at);
      return node;
    }
    if (!schema.is_object()) return fail(ErrorCode::kBadRequest, "a schema is an object", at);
    for (const auto& [keyword, rule] : schema.items()) {
      YARD_TRY_STATUS(apply(*node, keyword, rule, at + pointer_token(keyword), depth));
    }
    if (schema.contains("required")) YARD_TRY_STATUS(require(*node, schema["required"], at + "/required"));
    if ((node->types & kStringBit) != 0 && schema.contains("contentEncoding")) node->types |= kBytesBit;
    return node;
  }

 private:
  Status apply(Node& node, const std::string& keyword, const json& rule, const std::string& at, std::size_t depth) {
    if (std::ranges::find(kAnnotations, keyword) != kAnnotations.end()) return {};
    if (keyword == "type") return types(node, rule, at);
    if (keyword == "enum" || keyword == "const")
      return choices(node, keyword == "enum" ? rule : json::array({rule}), at);
    if (keyword == "anyOf") return alternatives(node, rule, at, depth);
    if (keyword == "properties") return properties(node, rule, at, depth);
    if (keyword == "required") return {};
    if (keyword == "additionalProperties") return additional(node, rule, at, depth);
    if (keyword == "items") return child(node.items, rule, at, depth);
    if (keyword == "contentEncoding") {
      if (rule != "base64") return fail(ErrorCode::kBadRequest, "only base64 is understood", at);
      return {};
    }
    if (keyword == "minItems") return count(node.items_min, rule, at);
    if (keyword == "maxItems") return count(node.items_max, rule, at);
    if (keyword == "minProperties") return count(node.pairs_min, rule, at);
    if (keyword == "maxProperties") return count(node.pairs_max, rule, at);
    if (keyword == "minLength") return count(node.length_min, rule, at);
    if (keyword == "maxLength") return count(node.length_max, rule, at);
    if (keyword == "minimum") return bound(node.minimum, node.minimum_exclusive, false, rule, at);
    if (keyword == "maximum") return bound(node.maximum, node.maximum_exclusive, false, rule, at);
    if (keyword == "exclusiveMinimum") return bound(node.minimum, node.minimum_exclusive, true, rule, at);
    if (keyword == "exclusiveMaximum") return bound(node.maximum, node.maximum_exclusive, true, rule, at);
    return fail(ErrorCode::kBadRequest, "keyword \"" + keyword + "\" is outside the supported subset", at);
  }

  static Status types(Node& node, const json& rule, const std::string& at) {
    const json names = rule.is_array() ? rule : json::array({rule});
    if (names.empty()) return fail(ErrorCode::kBadRequest, "no type at all accepts nothing", at);
    node.types = 0;
    node.expected.clear();
    for (const json& name : names) {
      if (!name.is_string()) return fail(ErrorCode::kBadRequest, "a type is a name", at);
      const auto* row = std::ranges::find_if(kTypeNames, [&](const TypeName& t) { return name == t.name; });
      if (row == kTypeNames.end()) return fail(ErrorCode::kBadRequest, "unknown type " + name.dump(), at);
      node.types |= row->bits;
      node.expected += (node.expected.empty() ? "" : " or ") + std::string(row->name);
    }
    return {};
  }

  static Status choices(Node& node, const json& rule, const std::string& at) {
    if (!rule.is_array() || rule.empty()) return fail(ErrorCode::kBadRequest, "enum is a list of values", at);
    if (!node.choices.empty()) return fail(ErrorCode::kBadRequest, "enum and const exclude each other", at);
    for (const json& value : rule) {
      if (value.is_structured() || value.is_number_float()) {
        return fail(ErrorCode::kBadRequest, "enum and const take text, integers, booleans and null", at);
      }
      node.choices.push_back(pack(value));
    }
    return {};
  }

  Status alternatives(Node& node, const json& rule, const std::string& at, std::size_t depth) {
    if (!rule.is_array() || rule.empty()) return fail(ErrorCode::kBadRequest, "anyOf is a list of schemas", at);
    for (std::size_t i = 0; i < rule.size(); ++i) {
      YARD_TRY(auto alternative, compile(rule[i], at + "/" + std::to_string(i), depth + 1));
      node.any_of.push_back(std::move(alternative));
    }
    return {};
  }

  Status properties(Node& node, const json& rule, const std::string& at, std::size_t depth) {
    if (!rule.is_object() || rule.size() > kPropertiesMax)
      return fail(ErrorCode::kBadRequest, "properties is an object of at most 128", at);
    for (const auto& [name, schema] : rule.items()) {
      YARD_TRY(auto compiled, compile(schema, at + pointer_token(name), depth + 1));
      node.properties.push_back({.name = name, .schema = std::move(compiled)});
    }
    return {};
  }

  static Status require(Node& node, const json& names, const std::string& at) {
    if (!names.is_array()) return fail(ErrorCode::kBadRequest, "required is a list of names", at);
    for (const json& name : names) {
      if (!name.is_string()) return fail(ErrorCode::kBadRequest, "required is a list of names", at);
      const auto property =
          std::ranges::find_if(node.properties, [&](const Node::Property& p) { return name == p.name; });
      if (property == node.properties.end())
        return fail(ErrorCode::kBadRequest, "required names " + name.dump() + ", which is no property", at);
      property->required = true;
    }
    return {};
  }

  Status additional(Node& node, const json& rule, const std::string& at, std::size_t depth) {
    if (rule.is_boolean()) {
      node.additional_allowed = rule.get<bool>();
      return {};
    }
    return child(node.additional, rule, at, depth);
  }

  Status child(std::unique_ptr<const Node>& slot, const json& rule, const std::string& at, std::size_t depth) {
    YARD_TRY(slot, compile(rule, at, depth + 1));
    return {};
  }

  static Status count(std::uint64_t& slot, const json& rule, const std::string& at) {
    if (!rule.is_number_unsigned()) return fail(ErrorCode::kBadRequest, "expected a count", at);
    slot = rule.get<std::uint64_t>();
    return {};
  }

  static Status bound(double& slot, bool& exclusive_slot, bool exclusive, const json& rule, const std::string& at) {
    if (!rule.is_number()) return fail(ErrorCode::kBadRequest, "expected a number", at);
    if (std::isfinite(slot)) return fail(ErrorCode::kBadRequest, "a second bound on the same side", at);
    slot = rule.get<double>();
    exclusive_slot = exclusive;
    return {};
  }
};

// ---- checking

unsigned bits_of(const PackToken& token) {
  switch (token.type) {
    case PackType::kNil: return kNull;
    case PackType::kBoolean: return kBooleanBit;
    case PackType::kInteger: return kIntegerBit | kNumberBit;
    // As JSON Schema has it, 3.0 is an integer.
    case PackType::kReal: return std::trunc(token.real) == token.real ? kNumberBit | kIntegerBit : kNumberBit;
    case PackType::kString: return kStringBit;
    case PackType::kBinary: return kBytesBit;
    case PackType::kArray: return kArrayBit;
    case PackType::kMap: return kObjectBit;
  }
  return 0;
}

double number_of(const PackToken& token) {
  if (token.type == PackType::kReal) return token.real;
  return token.above_int64 ? static_cast<double>(token.natural) : static_cast<double>(token.integer);
}

std::string number_text(double value) {
  return json(value == std::trunc(value) && std::abs(value) < 1e15 ? json(static_cast<std::int64_t>(value))
                                                                   : json(value))
      .dump();
}

std::uint64_t characters(std::string_view text) {
  return static_cast<std::uint64_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

// Errors are built from the inside out: each level puts its own token in front of the pointer.
std::unexpected<Error> refuse(std::string expected) { return fail(ErrorCode::kInvalidArguments, std::move(expected)); }

Status behind(Status status, std::string_view token) {
  if (!status) status.error().pointer.insert(0, token);
  return status;
}

Status check_value(const Node& node, BytesView bytes, PackCursor& cursor);

Status check_number(const Node& node, double value) {
  if (node.minimum_exclusive ? value <= node.minimum : value < node.minimum) {
    return refuse(std::string("expected ") + (node.minimum_exclusive ? "more than " : "at least ") +
                  number_text(node.minimum));
  }
  if (node.maximum_exclusive ? value >= node.maximum : value > node.maximum) {
    return refuse(std::string("expected ") + (node.maximum_exclusive ? "less than " : "at most ") +
                  number_text(node.maximum));
  }
  return {};
}

Status check_range(std::uint64_t size, std::uint64_t least, std::uint64_t most, std::string_view unit) {
  if (size < least) return refuse("expected at least " + std::to_string(least) + " " + std::string(unit));
  if (size > most) return refuse("expected at most " + std::to_string(most) + " " + std::string(unit));
  return {};
}

bool has_length_rule(const Node& node) {
  return node.length_min > 0 || node.length_max != std::numeric_limits<std::uint64_t>::max();
}

Status check_array(const Node& node, std::uint32_t count, BytesView bytes, PackCursor& cursor) {
  YARD_TRY_STATUS(check_range(count, node.items_min, node.items_max, "items"));
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!node.items) {
      if (!cursor.skip()) return refuse("torn value");
    } else if (auto status = check_value(*node.items, bytes, cursor); !status) {
      return behind(std::move(status), "/" + std::to_string(i));
    }
  }
  return {};
}

Status check_object(const Node& node, std::uint32_t count, BytesView bytes, PackCursor& cursor) {
  YARD_TRY_STATUS(check_range(count, node.pairs_min, node.pairs_max, "properties"));
  std::bitset<kPropertiesMax> seen;
  PackToken key;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (!cursor.next(key)) return refuse("torn value");
    const auto property =
        std::ranges::find_if(node.properties, [&](const Node::Property& p) { return p.name == key.bytes; });
    const Node* schema = node.additional.get();
    if (property != node.properties.end()) {
      seen.set(static_cast<std::size_t>(property - node.properties.begin()));
      schema = property->schema.get();
    } else if (!node.additional_allowed) {
      return behind(refuse("no such argument"), pointer_token(printable(key.bytes)));
    }
    if (schema == nullptr) {
      if (!cursor.skip()) return refuse("torn value");
    } else if (auto status = check_value(*schema, bytes, cursor); !status) {
      return behind(std::move(status), pointer_token(printable(key.bytes)));
    }
  }
  for (std::size_t i = 0; i < node.properties.size(); ++i) {
    if (node.properties[i].required && !seen[i])
      return behind(refuse("is required"), pointer_token(node.properties[i].name));
  }
  return {};
}

// The value as the choices were packed: 3.0 equals 3, and short forms equal long ones.
Bytes canonical(BytesView value) {
  json as_json = to_json(PackView(value));
  if (as_json.is_number_float()) {
    const double real = as_json.get<double>();
    constexpr double kTwoTo63 = 9223372036854775808.0;
    if (std::trunc(real) == real && real >= -kTwoTo63 && real < kTwoTo63) as_json = static_cast<std::int64_t>(real);
    if (std::trunc(real) == real && real >= kTwoTo63 && real < 2 * kTwoTo63) as_json = static_cast<std::uint64_t>(real);
  }
  return pack(as_json);
}

Status check_choices(const Node& node, BytesView value) {
  const bool listed = std::ranges::any_of(node.choices, [&](const Bytes& choice) { return choice == value; }) ||
                      std::ranges::find(node.choices, canonical(value)) != node.choices.end();
  if (listed) return {};
  std::string expected = "expected ";
  for (std::size_t i = 0; i < node.choices.size(); ++i) {
    expected += (i == 0                         ? ""
                 : i + 1 == node.choices.size() ? " or "
                                                : ", ") +
                to_json(PackView(node.choices[i])).dump();
  }
  return refuse(expected);
}

Status check_alternatives(const Node& node, BytesView bytes, std::size_t start) {
  Status last;
  for (const auto& alternative : node.any_of) {
    PackCursor again(bytes.substr(start));
    last = check_value(*alternative, bytes.substr(start), again);
    if (last) return {};
  }
  return last;
}

Status check_value(const Node& node, BytesView bytes, PackCursor& cursor) {
  const std::size_t start = cursor.at();
  PackToken token;
  if (!cursor.next(token)) return refuse("torn value");
  if ((bits_of(token) & node.types) == 0) {
    return refuse("expected " + node.expected + ", got " + std::string(name_of(token.type)));
  }
  switch (token.type) {
    case PackType::kInteger:
    case PackType::kReal: YARD_TRY_STATUS(check_number(node, number_of(token))); break;
    case PackType::kString:
      if (has_length_rule(node))
        YARD_TRY_STATUS(check_range(characters(token.bytes), node.length_min, node.length_max, "characters"));
      break;
    case PackType::kBinary:
      YARD_TRY_STATUS(check_range(token.bytes.size(), node.length_min, node.length_max, "bytes"));
      break;
    case PackType::kArray: YARD_TRY_STATUS(check_array(node, token.count, bytes, cursor)); break;
    case PackType::kMap: YARD_TRY_STATUS(check_object(node, token.count, bytes, cursor)); break;
    case PackType::kNil:
    case PackType::kBoolean: break;
  }
  if (!node.choices.empty()) YARD_TRY_STATUS(check_choices(node, bytes.substr(start, cursor.at() - start)));
  if (!node.any_of.empty()) YARD_TRY_STATUS(check_alternatives(node, bytes, start));
  return {};
}

}  // namespace

Schema::Schema(std::unique_ptr<const Node> root) : root_(std::move(root)) {}
Schema::Schema(Schema&&) noexcept = default;
Schema& Schema::operator=(Schema&&) noexcept = default;
Schema::~Schema() = default;

Result<Schema> Schema::compile(std::string_view json_schema) {
  // Each level of schema nests twice: itself and its keyword.
  const auto parsed = parse_json(json_schema, 2 * kSchemaDepthMax + 2);
  if (!parsed) return fail(ErrorCode::kBadRequest, "the schema: " + parsed.error().message);
  YARD_TRY(auto root, Compiler{}.compile(*parsed, "", 0));
  return Schema(std::move(root));
}

Status Schema::check(PackView value) const {
  const BytesView bytes = value.bytes();
  PackCursor cursor(bytes);
  return check_value(*root_, bytes, cursor);
}

}  // namespace yard::tools
