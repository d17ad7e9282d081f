#include "clients/cli/arguments.h"

#include <cmath>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "dispatch/wire/message.h"
#include "engine/base/pack.h"
#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace yard::cli {
namespace {

using nlohmann::json;

// What a property may be. Several types, or none stated, leave it to the value.
struct Property {
  std::string type;  // empty: not stated
  bool is_bytes = false;
};

Property property_of(const json& schema, const std::string& key) {
  Property property;
  const auto properties = schema.find("properties");
  if (properties == schema.end() || !properties->is_object()) return property;
  const auto found = properties->find(key);
  if (found == properties->end() || !found->is_object()) return property;
  if (const auto type = found->find("type"); type != found->end() && type->is_string()) property.type = *type;
  property.is_bytes = found->value("contentEncoding", json()) == "base64";
  return property;
}

bool has_type(const json& value, std::string_view type) {
  if (type == "integer")
    return value.is_number_integer() || (value.is_number_float() && value == std::floor(value.get<double>()));
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  if (type == "null") return value.is_null();
  return true;
}

Status write_text(PackWriter& writer, const std::string& key, std::string_view text) {
  if (!is_utf8(text)) {
    return fail(ErrorCode::kInvalidArguments, "the value is no UTF-8 text", "/" + key);
  }
  writer.string(text);
  return {};
}

Status write_value(PackWriter& writer, const std::string& key, std::string_view text, const Property& property) {
  if (property.type == "string") return write_text(writer, key, text);
  const auto value = parse_json(text);
  if (property.type.empty()) {
    if (!value) return write_text(writer, key, text);
    write_json(writer, *value);
    return {};
  }
  if (!value || !has_type(*value, property.type)) {
    return fail(ErrorCode::kInvalidArguments, "\"" + printable(text) + "\" is no " + property.type, "/" + key);
  }
  write_json(writer, *value);
  return {};
}

Status write_assignment(PackWriter& writer, const std::string& key, std::string_view value, const Property& property,
                        const ReadFile& read) {
  if (value.starts_with("@@")) return write_value(writer, key, value.substr(1), property);
  if (!value.starts_with("@")) return write_value(writer, key, value, property);
  YARD_TRY(const Bytes content, read(std::string(value.substr(1))));
  if (!property.is_bytes) return write_value(writer, key, content, property);
  writer.binary(content);
  return {};
}

}  // namespace

Result<Bytes> read_file(const std::string& path) { return read_file_up_to(path, wire::kFrameBytesMax); }

Result<Bytes> read_file_up_to(const std::string& path, std::size_t bytes_max) {
  std::ifstream file;
  if (path != "-") file.open(path, std::ios::binary);
  std::istream& in = path == "-" ? std::cin : file;
  if (!in) return fail(ErrorCode::kIo, "cannot read " + path);
  Bytes content;
  char buffer[65'536];
  while (in.read(buffer, sizeof buffer), in.gcount() > 0) {
    content.append(buffer, static_cast<std::size_t>(in.gcount()));
    if (content.size() > bytes_max)
      return fail(ErrorCode::kTooLarge, path + " has more than " + std::to_string(bytes_max >> 20) + " MiB");
  }
  if (in.bad()) return fail(ErrorCode::kIo, "cannot read " + path);
  return content;
}

Result<Bytes> pack_assignments(std::span<const std::string> assignments, const json& schema, const ReadFile& read) {
  Bytes packed;
  PackWriter writer(packed);
  writer.map(static_cast<std::uint32_t>(assignments.size()));
  std::set<std::string> keys;
  for (const std::string& assignment : assignments) {
    const std::size_t equals = assignment.find('=');
    if (equals == 0 || equals == std::string::npos) {
      return fail(ErrorCode::kBadRequest, "\"" + printable(assignment) + "\" is no key=value");
    }
    const std::string key = assignment.substr(0, equals);
    if (!is_utf8(key)) return fail(ErrorCode::kBadRequest, "a key is no UTF-8 text");
    if (!keys.insert(key).second) return fail(ErrorCode::kBadRequest, printable(key) + " is given twice", "/" + key);
    writer.string(key);
    const std::string_view value = std::string_view(assignment).substr(equals + 1);
    YARD_TRY_STATUS(write_assignment(writer, key, value, property_of(schema, key), read));
  }
  return packed;
}

Result<Bytes> pack_arguments(std::string_view text, const ReadFile& read) {
  Bytes content(text);
  if (text.starts_with("@")) {
    YARD_TRY(content, read(std::string(text.substr(1))));
  }
  YARD_TRY(const json value, parse_json(content));
  if (!value.is_object()) return fail(ErrorCode::kBadRequest, "--args takes a JSON object");
  return pack(value);
}

}  // namespace yard::cli
