#include "engine/world/recorder.h"

#include "engine/world/byte_fields.h"

namespace yard::graph {
namespace {

using tickets::RecordKind;

}  // namespace

void append_cell(Bytes& out, DataType type, std::uint32_t cell, const Cells& cells) {
  if ((cells.marks[cell] & kFaulty) != 0) {
    const Fault& fault = cells.faults.at(cell);
    append_number(out, kFaultType);
    append_number(out, static_cast<std::uint8_t>(fault.code));
    append_text(out, fault.text);
  } else if (is_scalar(type)) {
    append_number(out, static_cast<std::uint8_t>(type));
    append_number(out, cells.values[cell].bits());
  } else {
    append_number(out, static_cast<std::uint8_t>(type));
    append_text(out, cells.texts[cells.values[cell].bits()].view());
  }
}

void Recorder::append(RecordKind kind, std::uint64_t event_id, BytesView body) {
  tickets::append_record(part_.bytes, {.kind = kind, .event_id = event_id}, body);
  ++part_.records;
}

void Recorder::effect(std::uint64_t event_id, std::uint32_t node, std::string_view channel, BytesView params,
                      const Hash128& intent) {
  if (!is_on()) return;
  body_.clear();
  append_number(body_, intent.high);
  append_number(body_, intent.low);
  append_number(body_, node);
  append_text(body_, channel);
  append_text(body_, params);
  append(RecordKind::kEffectQueued, event_id, body_);
}

void Recorder::step_scheduled(std::uint64_t event_id, std::uint32_t node) {
  body_.clear();
  append_number(body_, node);
  append(RecordKind::kStepScheduled, event_id, body_);
}

void Recorder::step_committed(std::uint64_t event_id, std::uint32_t node, const Image& image, const Cells& cells) {
  const std::uint32_t* out_cell = image.wiring().out_cell;
  const std::vector<PortType>& outputs = image.kernel(node).outputs;
  body_.clear();
  append_number(body_, node);
  for (std::uint32_t i = 0; i < outputs.size(); ++i) {
    const std::uint32_t cell = out_cell[node] + i;
    if ((cells.marks[cell] & kChanged) == 0) continue;
    append_number(body_, i);
    append_cell(body_, outputs[i].type, cell, cells);
  }
  append(RecordKind::kStepCommitted, event_id, body_);
}

void Recorder::cycle_limit(std::uint64_t event_id, std::uint32_t cycle) {
  if (!is_on()) return;
  body_.clear();
  append_number(body_, cycle);
  append(RecordKind::kCycleLimit, event_id, body_);
}

void Recorder::invariant_broken(std::uint64_t event_id, std::uint32_t node, std::string_view message) {
  if (!is_on()) return;
  body_.clear();
  append_number(body_, node);
  append_text(body_, message);
  append(RecordKind::kInvariantBroken, event_id, body_);
}

void Recorder::settled(std::uint64_t event_id, std::int64_t now_ns) {
  body_.clear();
  append_number(body_, now_ns);
  append(RecordKind::kSettled, event_id, body_);
}

}  // namespace yard::graph
