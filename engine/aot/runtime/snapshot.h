// Snapshots: from a world of the engine, and back.
#pragma once

#include "engine/aot/runtime/machine.h"

namespace yard::graph::generated {

// Little-endian numbers and texts behind their length, one behind the other: engine/world/state.h has their order.
class SnapshotReader {
 public:
  explicit SnapshotReader(std::string_view bytes) : bytes_(bytes) {}
  std::uint64_t number(std::size_t size) {
    std::uint64_t value = 0;
    if (bytes_.size() < size) is_good_ = false;
    for (std::size_t i = 0; i < size && is_good_; ++i)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes_[i])) << 8 * i;
    bytes_.remove_prefix(is_good_ ? size : bytes_.size());
    return value;
  }
  std::string_view text() {
    const std::uint64_t size = number(8);
    if (size > bytes_.size()) is_good_ = false;
    const std::string_view found = bytes_.substr(0, is_good_ ? size : 0);
    bytes_.remove_prefix(found.size());
    return found;
  }
  [[nodiscard]] bool is_good() const { return is_good_; }
  [[nodiscard]] std::size_t left() const { return bytes_.size(); }

 private:
  std::string_view bytes_;
  bool is_good_ = true;
};

class SnapshotWriter {
 public:
  void number(std::uint64_t value, std::size_t size) {
    for (std::size_t i = 0; i < size; ++i) bytes += static_cast<char>(value >> 8 * i & 0xFF);
  }
  void text(std::string_view value) {
    number(value.size(), 8);
    bytes += value;
  }
  std::string bytes;
};

inline constexpr std::uint64_t kSnapshotVersion = 2;
inline constexpr std::uint64_t kFaultType = 6;

// Goes on from a world's snapshot(), of the same graph and with everything looked at. Only at rest; the world's check
// point stays behind. False, and nothing has changed: it is another graph's, or no such snapshot.
template <typename Graph>
bool load_snapshot(Machine<Graph>& machine, std::string_view snapshot) {
  SnapshotReader in(snapshot);
  if (in.number(4) != kSnapshotVersion || in.number(8) != Graph::hash()[0] || in.number(8) != Graph::hash()[1])
    return false;
  const auto now_ns = static_cast<std::int64_t>(in.number(8));
  const std::uint64_t event_id = in.number(8);
  for (std::uint64_t left = in.number(8); left > 0 && in.is_good(); --left) in.number(4);  // who looks at what
  const auto state = Machine<Graph>::make_state();
  const auto sleepers = Graph::sleepers();
  for (std::uint64_t left = in.number(8); left > 0 && in.is_good(); --left) {
    const auto at_ns = static_cast<std::int64_t>(in.number(8));
    const auto node = static_cast<std::uint32_t>(in.number(4));
    const auto found =
        std::find_if(sleepers.begin(), sleepers.end(), [&](const Sleeper& sleeper) { return sleeper.node == node; });
    if (found == sleepers.end()) return false;
    const auto place = static_cast<std::uint32_t>(found - sleepers.begin());
    state->wake_at[place] = at_ns;
    state->wake_heap.emplace_back(at_ns, place);  // rising, which is a heap
  }
  for (std::uint32_t cell = 0; cell < Graph::cell_types().size() && in.is_good(); ++cell) {
    const std::uint64_t type = in.number(1);
    if (type == kFaultType) {
      const auto code = static_cast<FaultCode>(in.number(1));
      state->faults[cell] = {code, std::string(in.text())};
      state->marks[cell] = state->marks[cell] | kFaulty;
    } else if (type != static_cast<std::uint64_t>(Graph::cell_types()[cell] - '0')) {
      return false;
    } else if (type >= static_cast<std::uint64_t>(DataType::kString)) {
      state->texts[state->values[cell]] = in.text();
    } else {
      state->values[cell] = in.number(8);
    }
  }
  for (std::uint32_t word = 0; word < Graph::kStateWords; ++word) state->words[word] = in.number(8);
  for (std::string& text : state->text_states) text = in.text();
  if (in.number(8) != 0) return false;  // calls, which no graph makes that is written as code
  if (in.number(1) != 0) in.text();
  if (!in.is_good() || in.left() != 8) return false;  // a sum over all of it ends it
  machine.load(*state, now_ns, event_id);
  return true;
}

// What a world restores once the engine's seal_state() has put its sum behind it. Only at rest; without a check point.
template <typename Graph>
std::string save_snapshot(const Machine<Graph>& machine) {
  const auto& state = machine.state();
  SnapshotWriter out;
  out.number(kSnapshotVersion, 4);
  out.number(Graph::hash()[0], 8);
  out.number(Graph::hash()[1], 8);
  out.number(static_cast<std::uint64_t>(machine.now_ns), 8);
  out.number(machine.next_event_id, 8);
  out.number(0, 8);
  std::vector<std::pair<std::int64_t, std::uint32_t>> wakes;
  for (std::uint32_t place = 0; place < Graph::kSleepers; ++place)
    if (state.wake_at[place] != std::numeric_limits<std::int64_t>::max())
      wakes.emplace_back(state.wake_at[place], Graph::sleepers()[place].node);
  std::sort(wakes.begin(), wakes.end());
  out.number(wakes.size(), 8);
  for (const auto& [at_ns, node] : wakes) {
    out.number(static_cast<std::uint64_t>(at_ns), 8);
    out.number(node, 4);
  }
  for (std::uint32_t cell = 0; cell < Graph::cell_types().size(); ++cell) {
    const auto type = static_cast<std::uint64_t>(Graph::cell_types()[cell] - '0');
    const Fault* fault = machine.fault(cell);
    out.number(fault != nullptr ? kFaultType : type, 1);
    if (fault != nullptr) {
      out.number(static_cast<std::uint64_t>(fault->code), 1);
      out.text(fault->text);
    } else if (type >= static_cast<std::uint64_t>(DataType::kString)) {
      out.text(machine.text(cell));
    } else {
      out.number(machine.bits(cell), 8);
    }
  }
  for (std::uint32_t word = 0; word < Graph::kStateWords; ++word) out.number(state.words[word], 8);
  for (const std::string& text : state.text_states) out.text(text);
  out.number(0, 8);
  out.number(0, 1);
  return std::move(out.bytes);
}

}  // namespace yard::graph::generated
