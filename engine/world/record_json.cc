#include "engine/world/record_json.h"

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/base64.h"
#include "engine/base/hash.h"
#include "engine/base/pack_json.h"
#include "engine/graph/value.h"
#include "engine/world/byte_fields.h"
#include "engine/world/cause.h"
#include "engine/world/recorder.h"

namespace yard::graph {
namespace {

using json = nlohmann::ordered_json;
using Value = ParameterValue;
using tickets::Record;
using tickets::RecordKind;

json safe_text(std::string_view text) {
  // What is no UTF-8 must not break the document that it is shown in.
  return json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
}

json node_json(const Image* image, std::uint32_t place) {
  if (image == nullptr || place >= image->node_count()) return place;
  const auto handle = image->handle_of(place);
  if (!handle) return "conversion at " + std::to_string(place);
  return safe_text(image->id_of(image->get_nodes()[handle->value()]));
}

json output_json(const Image* image, std::uint32_t output) {
  if (image == nullptr || output >= image->get_output_ports().size()) return output;
  const PortDesc& port = image->get_output_ports()[output];
  return safe_text(std::string(image->id_of(image->get_nodes()[port.node.value()])) + ":" +
                   std::string(image->id_of(port)));
}

json cell_json(ByteReader& reader) {
  const auto said = reader.number<std::uint8_t>();
  if (said == kFaultType) {
    const auto code = fault_code(reader.number<std::uint8_t>());
    return {{"fault", code ? name_of(*code) : "unknown"}, {"text", safe_text(reader.text())}};
  }
  const auto type = static_cast<DataType>(said);
  if (said > static_cast<std::uint8_t>(DataType::kJson)) return reader.refuse(), nullptr;
  if (is_scalar(type)) return to_json(to_value(Cell::from_bits(reader.number<std::uint64_t>()), type), type);
  return to_json(Value(Text(std::string(reader.text()))), type);
}

void add_committed(json& row, ByteReader& reader, const Image* image) {
  const auto node = reader.number<std::uint32_t>();
  row["node"] = node_json(image, node);
  json changed = json::object();
  while (reader.has_more()) {
    const auto output = reader.number<std::uint32_t>();
    std::string name = std::to_string(output);
    if (image != nullptr && node < image->node_count())
      if (const auto handle = image->handle_of(node)) {
        const auto outputs = image->outputs_of(image->get_nodes()[handle->value()]);
        if (output < outputs.size()) name = image->id_of(outputs[output]);
      }
    changed[name] = cell_json(reader);
  }
  row["changed"] = std::move(changed);
}

void add_effect(json& row, ByteReader& reader, const Image* image) {
  const auto high = reader.number<std::uint64_t>();
  row["intent_hash"] = to_hex(Hash128{high, reader.number<std::uint64_t>()});
  row["node"] = node_json(image, reader.number<std::uint32_t>());
  row["channel"] = safe_text(reader.text());
  const BytesView params = reader.text();
  if (check_pack(params)) row["params"] = to_json(PackView(params));
}

DataType value_type(const Image* image, std::uint32_t output, const Value& value) {
  if (image != nullptr && output < image->get_output_ports().size()) return image->get_output_ports()[output].type;
  constexpr std::array kTypes = {DataType::kBool, DataType::kInt64, DataType::kDouble, DataType::kString};
  return kTypes[value.index()];
}

void add_cause(json& row, const Record& record, const Image* image) {
  const auto cause = read_cause(record);
  if (!cause) return;
  if (record.head.joined) row["joined"] = true;
  if (const auto* set = std::get_if<SetCause>(&*cause)) {
    row["output"] = output_json(image, set->output);
    row["value"] = to_json(set->value, value_type(image, set->output, set->value));
  } else if (const auto* emit = std::get_if<EmitCause>(&*cause)) {
    row["output"] = output_json(image, emit->output);
    row["value"] = to_json(emit->value, value_type(image, emit->output, emit->value));
  } else if (const auto* advance = std::get_if<AdvanceCause>(&*cause)) {
    row["to_ns"] = advance->to_ns;
  } else if (const auto* demand = std::get_if<DemandCause>(&*cause)) {
    row["output"] = output_json(image, demand->output);
    row["looked_at"] = demand->looked_at;
  } else if (const auto* reload = std::get_if<ReloadCause>(&*cause)) {
    row["graph_bytes"] = reload->graph.size();
    row["graph_hash"] = to_hex(hash128(reload->graph));
  } else if (const auto* receipt = std::get_if<ReceiptCause>(&*cause)) {
    row["intent_hash"] = to_hex(receipt->intent);
    if (receipt->fault)
      row["fault"] = {{"fault", name_of(*receipt->fault)}, {"text", safe_text(receipt->text)}};
    else
      row["result"] = json::parse(receipt->text, nullptr, false);
  } else if (const auto* began = std::get_if<BeganCause>(&*cause)) {
    row["level"] = name_of(began->level);
    if (began->pull) row["mode"] = *began->pull ? "pull" : "push";
  }
}

void add_body(json& row, const Record& record, const Image* image) {
  ByteReader reader(record.body);
  switch (record.head.kind) {
    case RecordKind::kStepScheduled: row["node"] = node_json(image, reader.number<std::uint32_t>()); break;
    case RecordKind::kStepCommitted: add_committed(row, reader, image); break;
    case RecordKind::kEffectQueued: add_effect(row, reader, image); break;
    case RecordKind::kCycleLimit: row["cycle"] = reader.number<std::uint32_t>(); break;
    case RecordKind::kInvariantBroken:
      row["node"] = node_json(image, reader.number<std::uint32_t>());
      row["message"] = safe_text(reader.text());
      break;
    case RecordKind::kSettled: row["now_ns"] = reader.number<std::int64_t>(); break;
    default: add_cause(row, record, image);
  }
}

}  // namespace

json to_json(const ParameterValue& value, DataType type) {
  if (const auto* boolean = std::get_if<bool>(&value)) return *boolean;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  if (const auto* real = std::get_if<double>(&value)) {
    if (std::isfinite(*real)) return *real;
    return std::isnan(*real) ? "nan" : *real > 0 ? "inf" : "-inf";
  }
  const std::string_view text = std::get<Text>(value).view();
  if (type == DataType::kBytes) return to_base64(text);
  if (type == DataType::kString) return safe_text(text);
  return json::parse(text.empty() ? "null" : text, nullptr, false);
}

json to_json(const Record& record, const Image* image) {
  json row = {{"kind", name_of(record.head.kind)}, {"event_id", record.head.event_id}};
  if (record.head.lane != 0) row["lane_id"] = record.head.lane;
  add_body(row, record, image);
  return row;
}

}  // namespace yard::graph
