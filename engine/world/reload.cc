#include "engine/world/reload.h"

#include <algorithm>
#include <string_view>
#include <unordered_map>

namespace yard::graph {
namespace {

class Carrier {
 public:
  Carrier(const Image& from, const State& old, const Image& to, State& fresh)
      : from_(from),
        old_(old),
        to_(to),
        fresh_(fresh),
        old_of_(to.node_count(), kNone),
        new_of_(from.node_count(), kNone) {}

  CarriedOver carry(const std::vector<std::uint32_t>& looked_at) {
    pair_nodes();
    const Cells initial = from_.make_cells();
    for (std::uint32_t node = 0; node < to_.node_count(); ++node)
      if (old_of_[node] != kNone) carry_node(node, old_of_[node], initial);
    for (const auto& [at_ns, node] : old_.wakes.sorted())
      if (new_of_[node] != kNone) fresh_.wakes.set(new_of_[node], at_ns);
    for (const auto& [intent, call] : old_.open_calls) {
      OpenCall& kept = fresh_.open_calls.emplace(intent, call).first->second;
      if (kept.node != OpenCall::kGone) kept.node = new_of_[kept.node];
    }
    CarriedOver over;
    for (std::uint32_t node = 0; node < to_.node_count(); ++node)
      if (has_to_run(node)) over.forced.push_back(node);
    for (const std::uint32_t node : looked_at)
      if (new_of_[node] != kNone) over.looked_at.push_back(new_of_[node]);
    return over;
  }

 private:
  static constexpr std::uint32_t kNone = OpenCall::kGone;

  void pair_nodes() {
    std::unordered_map<std::string_view, const NodeDesc*> by_id;
    for (const NodeDesc& node : from_.get_nodes()) by_id.emplace(from_.id_of(node), &node);
    for (const NodeDesc& node : to_.get_nodes()) {
      const auto found = by_id.find(to_.id_of(node));
      if (found == by_id.end() || found->second->overload != node.overload) continue;
      const std::uint32_t before = from_.place_of(found->second->handle);
      const std::uint32_t after = to_.place_of(node.handle);
      if (from_.state_words(before) != to_.state_words(after)) continue;
      old_of_[after] = before;
      new_of_[before] = after;
    }
  }

  void carry_node(std::uint32_t after, std::uint32_t before, const Cells& initial) {
    const Wiring from = from_.wiring();
    const Wiring to = to_.wiring();
    const bool is_source = to_.kernel(after).run_one == nullptr;
    for (std::uint32_t i = 0; i < to_.kernel(after).outputs.size(); ++i) {
      const std::uint32_t cell = to.out_cell[after] + i;
      const std::uint32_t old_cell = from.out_cell[before] + i;
      const DataType type = to_.kernel(after).outputs[i].type;
      if (is_source && !is_same(initial, old_cell, fresh_.cells, cell, type)) continue;
      copy(old_cell, cell, type);
    }
    const NodeExtra& extra = to.extras[to.extra[after]];
    const NodeExtra& old_extra = from.extras[from.extra[before]];
    if (to_.kernel(after).text_state)
      fresh_.cells.text_state[extra.state] = old_.cells.text_state[old_extra.state];
    else
      std::copy_n(old_.cells.state.begin() + old_extra.state, to_.state_words(after),
                  fresh_.cells.state.begin() + extra.state);
  }

  void copy(std::uint32_t from, std::uint32_t to, DataType type) {
    if ((old_.cells.marks[from] & kFaulty) != 0)
      fresh_.cells.put(to, old_.cells.faults.at(from));
    else if (is_scalar(type))
      fresh_.cells.values[to] = old_.cells.values[from];
    else
      fresh_.cells.texts[fresh_.cells.values[to].bits()] = old_.cells.texts[old_.cells.values[from].bits()];
    fresh_.cells.marks[to] &= static_cast<Mark>(~kChanged);
  }

  // A function of its inputs is computed again, and equal results end it there. What acts or remembers runs only if it
  // is new, or meets another input than before.
  bool has_to_run(std::uint32_t node) const {
    const Kernel& kernel = to_.kernel(node);
    if (kernel.run_one == nullptr) return false;
    const std::uint32_t before = old_of_[node];
    if (before == kNone) return true;
    const bool is_pure =
        to_.kind_of_place(node).role == NodeRole::kCompute && to_.state_words(node) == 0 && !kernel.text_state;
    if (is_pure) return true;
    const Wiring from = from_.wiring();
    const Wiring to = to_.wiring();
    const std::uint32_t inputs = to.in_first[node + 1] - to.in_first[node];
    if (inputs != from.in_first[before + 1] - from.in_first[before]) return true;
    for (std::uint32_t i = 0; i < inputs; ++i)
      if (!is_same(old_.cells, from.drivers[from.in_first[before] + i], fresh_.cells, to.drivers[to.in_first[node] + i],
                   kernel.inputs[std::min<std::size_t>(i, kernel.inputs.size() - 1)].type))
        return true;
    return false;
  }

  static bool is_same(const Cells& one, std::uint32_t at, const Cells& other, std::uint32_t there, DataType type) {
    const bool faulty = (one.marks[at] & kFaulty) != 0;
    if (faulty != ((other.marks[there] & kFaulty) != 0)) return false;
    if (faulty) return one.faults.at(at) == other.faults.at(there);
    if (is_scalar(type)) return one.values[at] == other.values[there];
    return one.texts[one.values[at].bits()] == other.texts[other.values[there].bits()];
  }

  const Image& from_;
  const State& old_;
  const Image& to_;
  State& fresh_;
  std::vector<std::uint32_t> old_of_;  // by place
  std::vector<std::uint32_t> new_of_;
};

}  // namespace

CarriedOver carry_over(const Image& from, const State& old, const std::vector<std::uint32_t>& looked_at,
                       const Image& to, State& fresh) {
  return Carrier(from, old, to, fresh).carry(looked_at);
}

}  // namespace yard::graph
