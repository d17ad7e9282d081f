#include "engine/base/pack_json.h"

#include <nlohmann/json.hpp>

#include "engine/base/base64.h"

namespace yard {

using nlohmann::json;

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

void write_json(PackWriter& writer, const json& value) {
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
    case json::value_t::array:
      writer.array(static_cast<std::uint32_t>(value.size()));
      for (const json& element : value) write_json(writer, element);
      return;
    case json::value_t::object:
      writer.map(static_cast<std::uint32_t>(value.size()));
      for (const auto& [key, element] : value.items()) {
        writer.string(key);
        write_json(writer, element);
      }
  }
}

Bytes pack(const json& value) {
  Bytes bytes;
  PackWriter writer(bytes);
  write_json(writer, value);
  return bytes;
}

}  // namespace yard
