#include "engine/base/pack_json.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/base64.h"

namespace yard {

using nlohmann::json;

namespace {

// How deep the brackets of `text` nest; those within strings don't count.
std::size_t bracket_depth(std::string_view text) {
  std::size_t depth = 0;
  std::size_t deepest = 0;
  bool in_string = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '"')
      in_string = !in_string;
    else if (in_string)
      at += c == '\\';
    else if (c == '[' || c == '{')
      deepest = std::max(deepest, ++depth);
    else if ((c == ']' || c == '}') && depth > 0)
      --depth;
  }
  return deepest;
}

}  // namespace

Result<json> parse_json(std::string_view text, std::size_t depth_max) {
  if (bracket_depth(text) > depth_max) {
    return fail(ErrorCode::kTooLarge, "JSON: nested deeper than " + std::to_string(depth_max));
  }
  json parsed = json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return fail(ErrorCode::kBadRequest, "no JSON");
  return parsed;
}

json to_json(PackView view) {
  const auto type = view.type();
  if (!type) return nullptr;
  switch (*type) {
    case PackType::kNil: return nullptr;
    case PackType::kBoolean: return *view.boolean();
    case PackType::kInteger: {
      PackCursor cursor(view.bytes());
      PackToken token;
      if (!cursor.next(token)) return nullptr;
      return token.above_int64 ? json(token.natural) : json(token.integer);
    }
    case PackType::kReal: return *view.real();
    case PackType::kString: return std::string(*view.string());
    case PackType::kBinary: return to_base64(*view.binary());
    case PackType::kArray: {
      json array = json::array();
      view.each_element([&](PackView element) { array.push_back(to_json(element)); });
      return array;
    }
    case PackType::kMap: {
      json object = json::object();
      view.each_pair([&](std::string_view key, PackView value) { object[std::string(key)] = to_json(value); });
      return object;
    }
  }
  return nullptr;
}

namespace {

// Writes a scalar, or the head of a container.
void write_head(PackWriter& writer, const json& value) {
  switch (value.type()) {
    case json::value_t::null:
    case json::value_t::discarded: return writer.nil();
    case json::value_t::boolean: return writer.boolean(value.get<bool>());
    case json::value_t::number_integer: return writer.integer(value.get<std::int64_t>());
    case json::value_t::number_unsigned: return writer.natural(value.get<std::uint64_t>());
    case json::value_t::number_float: return writer.real(value.get<double>());
    case json::value_t::string: return writer.string(value.get_ref<const std::string&>());
    case json::value_t::binary: {
      const auto& binary = value.get_binary();
      return writer.binary({reinterpret_cast<const char*>(binary.data()), binary.size()});
    }
    case json::value_t::array: return writer.array(static_cast<std::uint32_t>(value.size()));
    case json::value_t::object: return writer.map(static_cast<std::uint32_t>(value.size()));
  }
}

// The elements of one open container that are still to be written.
struct Rest {
  json::const_iterator at;
  json::const_iterator end;
  bool has_keys;
};

}  // namespace

// With a stack of its own: a caller's JSON may nest as deep as it is long.
void write_json(PackWriter& writer, const json& value) {
  std::vector<Rest> open;
  const auto enter = [&](const json& next) {
    write_head(writer, next);
    if (next.is_structured()) open.push_back({next.begin(), next.end(), next.is_object()});
  };
  enter(value);
  while (!open.empty()) {
    Rest& rest = open.back();
    if (rest.at == rest.end) {
      open.pop_back();
      continue;
    }
    const json::const_iterator element = rest.at++;
    if (rest.has_keys) writer.string(element.key());
    enter(*element);
  }
}

Bytes pack(const json& value) {
  Bytes bytes;
  PackWriter writer(bytes);
  write_json(writer, value);
  return bytes;
}

}  // namespace yard
