#include "engine/world/intent.h"

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/tickets/identity.h"

namespace yard::graph {
namespace {

void write_text(PackWriter& writer, std::string_view text, DataType type) {
  if (type == DataType::kBytes) return writer.binary(text);
  if (type == DataType::kString) return writer.string(text);
  const auto value = parse_json(text.empty() ? "null" : text);
  value ? writer.raw(pack(*value)) : writer.nil();
}

}  // namespace

Bytes pack_value(const ParameterValue& value, DataType type) {
  Bytes bytes;
  PackWriter writer(bytes);
  if (const auto* boolean = std::get_if<bool>(&value))
    writer.boolean(*boolean);
  else if (const auto* integer = std::get_if<std::int64_t>(&value))
    writer.integer(*integer);
  else if (const auto* real = std::get_if<double>(&value))
    writer.real(*real);
  else
    write_text(writer, std::get<Text>(value).view(), type);
  return bytes;
}

Hash128 intent_of(std::string_view channel, BytesView params, std::uint64_t event_id, std::string_view node) {
  const Bytes key = tickets::idempotency_key(event_id, 0, node);
  return tickets::intent_hash({.kind = channel, .params = params, .cap = {}, .key = key});
}

std::string json_of_packed(BytesView packed) {
  return to_json(PackView(packed)).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace yard::graph
