#include "engine/world/state.h"

#include "engine/base/hash.h"
#include "engine/world/byte_fields.h"
#include "engine/world/recorder.h"

namespace yard::graph {
namespace {

constexpr std::uint32_t kVersion = 2;

template <typename Visit>
void each_live_cell(const Image& image, const Demand& demand, Visit&& visit) {
  const std::uint32_t* out_cell = image.wiring().out_cell;
  for (std::uint32_t node = 0; node < image.node_count(); ++node) {
    if (!demand.is_live(node) && image.kernel(node).run_one != nullptr) continue;
    const std::vector<PortType>& outputs = image.kernel(node).outputs;
    for (std::uint32_t i = 0; i < outputs.size(); ++i) visit(out_cell[node] + i, outputs[i].type);
  }
}

void read_cell(ByteReader& reader, std::uint32_t cell, DataType type, Cells& cells) {
  const auto said = reader.number<std::uint8_t>();
  if (said == kFaultType) {
    const auto code = fault_code(reader.number<std::uint8_t>());
    const BytesView text = reader.text();
    if (!code) return reader.refuse();
    cells.put(cell, Fault{*code, std::string(text)});
  } else if (said != static_cast<std::uint8_t>(type)) {
    reader.refuse();
  } else if (is_scalar(type)) {
    cells.values[cell] = Cell::from_bits(reader.number<std::uint64_t>());
  } else {
    cells.texts[cells.values[cell].bits()] = Text(std::string(reader.text()));
  }
  cells.marks[cell] &= static_cast<Mark>(~kChanged);
}

void append_calls(Bytes& out, const OpenCalls& calls) {
  append_number(out, std::uint64_t{calls.size()});
  for (const auto& [intent, call] : calls) {
    append_number(out, intent.high);
    append_number(out, intent.low);
    append_number(out, call.node);
    append_number(out, call.event_id);
    append_text(out, call.tool);
    append_text(out, call.arguments);
  }
}

void read_calls(ByteReader& reader, std::uint32_t node_count, OpenCalls& calls) {
  for (std::size_t left = reader.count(44); left > 0; --left) {
    const auto high = reader.number<std::uint64_t>();
    const Hash128 intent{high, reader.number<std::uint64_t>()};
    OpenCall call{.node = reader.number<std::uint32_t>(), .event_id = reader.number<std::uint64_t>()};
    call.tool = reader.text();
    call.arguments = reader.text();
    if (call.node >= node_count && call.node != OpenCall::kGone) return reader.refuse();
    calls.emplace(intent, std::move(call));
  }
}

std::unexpected<Error> damaged() { return fail(ErrorCode::kBadFrame, "state: damaged"); }

}  // namespace

Bytes write_state(const Image& image, const Demand& demand, const State& state) {
  Bytes out;
  append_number(out, kVersion);
  append_number(out, image.hash().high);
  append_number(out, image.hash().low);
  append_number(out, state.now_ns);
  append_number(out, state.next_event_id);
  const std::vector<std::uint32_t> looked_at = demand.looked_at();
  append_number(out, std::uint64_t{looked_at.size()});
  for (const std::uint32_t node : looked_at) append_number(out, node);
  const auto wakes = state.wakes.sorted();
  append_number(out, std::uint64_t{wakes.size()});
  for (const auto& [at_ns, node] : wakes) {
    append_number(out, at_ns);
    append_number(out, node);
  }
  each_live_cell(image, demand, [&](std::uint32_t cell, DataType type) { append_cell(out, type, cell, state.cells); });
  for (const std::uint64_t word : state.cells.state) append_number(out, word);
  for (const Text& text : state.cells.text_state) append_text(out, text.view());
  append_calls(out, state.open_calls);
  append_number(out, std::uint8_t{state.check_point.has_value()});
  if (state.check_point) append_text(out, *state.check_point);
  return seal_state(std::move(out));
}

Bytes seal_state(Bytes unsealed) {
  append_number(unsealed, hash64(unsealed));
  return unsealed;
}

Result<ReadState> read_state(BytesView bytes, const Image& image, bool is_pull) {
  if (bytes.size() < sizeof(std::uint64_t) ||
      hash64(bytes.substr(0, bytes.size() - 8)) != load_le<std::uint64_t>(bytes, bytes.size() - 8))
    return damaged();
  ByteReader reader(bytes.substr(0, bytes.size() - 8));
  if (reader.number<std::uint32_t>() != kVersion) return fail(ErrorCode::kUnsupported, "state: of another version");
  const auto high = reader.number<std::uint64_t>();
  if (Hash128{high, reader.number<std::uint64_t>()} != image.hash())
    return fail(ErrorCode::kConflict, "state: of another graph");
  ReadState read;
  State& state = read.state;
  state.now_ns = reader.number<std::int64_t>();
  state.next_event_id = reader.number<std::uint64_t>();
  for (std::size_t left = reader.count(4); left > 0; --left) {
    read.looked_at.push_back(reader.number<std::uint32_t>());
    if (read.looked_at.back() >= image.node_count()) return damaged();
  }
  const Demand demand = Demand::of(image, is_pull, read.looked_at);
  for (std::size_t left = reader.count(12); left > 0; --left) {
    const auto at_ns = reader.number<std::int64_t>();
    const auto node = reader.number<std::uint32_t>();
    if (node >= image.node_count()) return damaged();
    state.wakes.set(node, at_ns);
  }
  state.cells = image.make_cells();
  each_live_cell(image, demand, [&](std::uint32_t cell, DataType type) { read_cell(reader, cell, type, state.cells); });
  for (std::uint64_t& word : state.cells.state) word = reader.number<std::uint64_t>();
  for (Text& text : state.cells.text_state) text = Text(std::string(reader.text()));
  read_calls(reader, image.node_count(), state.open_calls);
  if (reader.number<std::uint8_t>() != 0) state.check_point = Bytes(reader.text());
  if (!reader.is_done()) return damaged();
  return read;
}

}  // namespace yard::graph
