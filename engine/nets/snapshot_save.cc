// Writing snapshots. Arrays are little-endian; cells that are texts are numbers in the snapshot's own list of them.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/base/little_endian.h"
#include "engine/base/pack_json.h"
#include "engine/nets/parse_json.h"
#include "engine/nets/snapshot.h"

namespace yard::nets {
namespace {

SymbolSpec spec_of(const Symbol& symbol) {
  SymbolSpec spec{.name = symbol.name};
  for (const std::string& port : symbol.ports)
    spec.ports.push_back({.name = port, .is_principal = spec.ports.size() < symbol.principals});
  if (symbol.value) spec.value_type = graph::name_of(*symbol.value);
  return spec;
}

template <typename T>
Bytes bytes_of(std::span<const T> items) {
  return Bytes(reinterpret_cast<const char*>(items.data()), items.size_bytes());
}

}  // namespace

class SnapshotWriter {
 public:
  SnapshotWriter(const State& state, const TextPool& texts) : state_(state), pool_(texts) {}

  Bytes write(const std::vector<DerivedSpec>& derived) {
    Bytes bytes(kSnapshotMagic);
    PackWriter writer(bytes);
    PackMap map(writer);
    write_json(map.value("book"), book());
    const Heap& heap = state_.heap;
    map.natural("agents", heap.fresh_);
    map.binary("words", words()).binary("values", values());
    write_json(map.value("texts"), texts_);
    map.binary("births", bytes_of(std::span<const std::uint32_t>(heap.births_)
                                      .first(std::min<std::size_t>(heap.births_.size(), heap.fresh_))));
    map.binary("free", bytes_of(std::span<const AgentId>(heap.free_)))
        .binary("freed", bytes_of(std::span<const AgentId>(heap.freed_)));
    const RedexQueue& queue = state_.queue;
    map.binary("now", bytes_of(std::span<const Redex>(queue.now).subspan(queue.at)))
        .binary("next", bytes_of(std::span<const Redex>(queue.next)));
    map.natural("interactions", state_.interactions).natural("edits", state_.edits);
    map.raw("rest", pack(rest(derived)));
    return bytes;
  }

 private:
  nlohmann::json book() const {
    nlohmann::json symbols = nlohmann::json::array();
    for (const Symbol& symbol : state_.book->symbols().subspan(kFirstUsed)) symbols.push_back(to_json(spec_of(symbol)));
    nlohmann::json rules = nlohmann::json::array();
    for (const Rule& rule : state_.book->rules()) rules.push_back(to_json(rule.spec));
    return {{"discipline", state_.book->is_lafont() ? "lafont" : "annette"},
            {"agents", std::move(symbols)},
            {"rules", std::move(rules)}};
  }

  // Of each agent its header, and as many ports as its type has: the rest of a record is what was there before.
  [[nodiscard]] Bytes words() const {
    std::vector<std::uint32_t> words;
    for (AgentId agent = 1; agent < state_.heap.end(); ++agent) {
      words.push_back(state_.heap.header(agent));
      if (state_.heap.symbol(agent) == kNothing) continue;
      for (std::uint32_t slot = 0; slot < state_.book->symbol(state_.heap.symbol(agent)).ports.size(); ++slot)
        words.push_back(state_.heap.peer(make_wire(agent, slot)));
    }
    return bytes_of(std::span<const std::uint32_t>(words));
  }

  Bytes values() {
    std::vector<std::uint64_t> cells;
    if (!state_.heap.has_values_) return {};
    std::map<std::uint64_t, std::uint64_t> places;
    for (AgentId agent = 1; agent < state_.heap.end(); ++agent) {
      const auto type = state_.book->symbol(state_.heap.symbol(agent)).value;
      std::uint64_t bits = type ? state_.heap.value(agent).bits() : 0;
      if (type && !graph::is_scalar(*type)) {
        const auto [found, is_new] = places.try_emplace(bits, texts_.size());
        if (is_new) texts_.push_back(pool_.view(graph::Cell::from_bits(bits)));
        bits = found->second;
      }
      cells.push_back(bits);
    }
    return bytes_of(std::span<const std::uint64_t>(cells));
  }

  nlohmann::json rest(const std::vector<DerivedSpec>& derived) const {
    nlohmann::json names = nlohmann::json::object();
    for (const auto& [name, agent] : state_.names)
      if (state_.find_name(name) != 0) names[name] = agent;
    nlohmann::json free = nlohmann::json::array();
    for (const auto& [name, agent] : state_.free) free.push_back({name, agent});
    nlohmann::json stuck = nlohmann::json::array();
    for (const Stuck& pair : state_.stuck) stuck.push_back({pair.left, pair.right, pair.why});
    nlohmann::json formulas = nlohmann::json::array();
    for (const DerivedSpec& spec : derived) formulas.push_back({spec.name, spec.formula});
    std::vector<std::uint64_t> by_case = state_.by_case;
    by_case.resize(state_.book->case_count());
    return {{"names", std::move(names)},
            {"free", std::move(free)},
            {"stuck", std::move(stuck)},
            {"by_case", by_case},
            {"derived", std::move(formulas)}};
  }

  const State& state_;
  const TextPool& pool_;
  nlohmann::json texts_ = nlohmann::json::array();
};

Bytes save(const State& state, const TextPool& texts, const std::vector<DerivedSpec>& derived) {
  return SnapshotWriter(state, texts).write(derived);
}

}  // namespace yard::nets
