// Reading snapshots. What a heap says of itself is checked against itself: wires have two ends, ids are used once, and
// what is queued is there.
#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/pack_json.h"
#include "engine/nets/compile.h"
#include "engine/nets/parse_json.h"
#include "engine/nets/snapshot.h"

namespace yard::nets {

using nlohmann::json;

class SnapshotReader {
 public:
  SnapshotReader(PackView map, TextPool& texts) : map_(map), texts_(texts) {}

  Result<Loaded> read() {
    YARD_TRY_STATUS(read_book());
    YARD_TRY_STATUS(read_agents());
    YARD_TRY_STATUS(read_values());
    YARD_TRY_STATUS(read_ids());
    YARD_TRY_STATUS(read_queue());
    YARD_TRY_STATUS(read_rest());
    state_.interactions = natural("interactions");
    state_.edits = natural("edits");
    return std::move(loaded_);
  }

 private:
  static std::unexpected<Error> refuse(const char* what) {
    return fail(ErrorCode::kBadRequest, "the snapshot's " + std::string(what) + " cannot be");
  }
  [[nodiscard]] std::uint64_t natural(std::string_view name) const {
    return static_cast<std::uint64_t>(map_.find(name).integer_or(0));
  }
  template <typename T>
  [[nodiscard]] std::vector<T> array(std::string_view name) const {
    const BytesView bytes = map_.find(name).binary().value_or(BytesView());
    std::vector<T> items(bytes.size() / sizeof(T));
    if (!items.empty()) std::memcpy(items.data(), bytes.data(), items.size() * sizeof(T));
    return items;
  }

  Status read_book() {
    const json book = to_json(map_.find("book"));
    const bool is_known = book.is_object() && book.contains("discipline") && book.contains("agents") &&
                          book["agents"].is_array() && book.contains("rules") && book["rules"].is_array();
    if (!is_known) return refuse("book");
    auto rules =
        std::make_shared<RuleBook>(book["discipline"] == "annette" ? Discipline::kAnnette : Discipline::kLafont);
    Problems problems;
    Compiler compiler(*rules, texts_, problems);
    for (const json& symbol : book["agents"]) compiler.add_symbol(parse_symbol(symbol, "", problems));
    for (const json& rule : book["rules"]) {
      const RuleSpec spec = parse_rule(rule, "", problems);
      if (!spec.function.empty())
        return fail(ErrorCode::kUnsupported, "the rule " + spec.function + " is in C++, which a snapshot cannot hold");
      compiler.add_rule(spec);
    }
    if (!problems.empty()) return fail(ErrorCode::kBadRequest, "the snapshot's book: " + problems.front().message);
    state_.book = rules;
    state_.heap.fit(rules->ports_most(), rules->has_values(), !rules->is_lafont());
    return {};
  }

  Status read_agents() {
    const std::uint64_t agents = natural("agents");
    const auto words = array<std::uint32_t>("words");
    if (agents < 1 || agents > kAgentsMax || words.size() + 1 < agents) return refuse("number of agents");
    Heap& heap = state_.heap;
    if (!heap.reserve(agents)) return refuse("number of agents");
    heap.fresh_ = static_cast<AgentId>(agents);
    std::size_t at = 0;
    for (AgentId agent = 1; agent < agents; ++agent) {
      if (at == words.size()) return refuse("agents");
      const std::uint32_t header = words[at++];
      const auto symbol = static_cast<SymbolId>(header);
      if ((header & ~(0xFFFFu | kNamed)) != 0 || symbol >= state_.book->symbols().size()) return refuse("agents");
      heap.store().header(agent) = header;
      if (symbol == kNothing) continue;
      for (std::uint32_t slot = 0; slot < ports(agent); ++slot) {
        if (at == words.size()) return refuse("agents");
        heap.store().port(make_wire(agent, slot)) = words[at++];
      }
    }
    if (at != words.size()) return refuse("agents");
    for (AgentId agent = 1; agent < agents; ++agent)
      for (std::uint32_t slot = 0; heap.symbol(agent) != kNothing && slot < ports(agent); ++slot)
        if (!is_wire(make_wire(agent, slot))) return refuse("wires");
    return {};
  }
  [[nodiscard]] std::size_t ports(AgentId agent) const {
    return state_.book->symbol(state_.heap.symbol(agent)).ports.size();
  }
  [[nodiscard]] bool is_port(Wire wire) const {
    return agent_of(wire) != 0 && state_.heap.is_live(agent_of(wire)) && slot_of(wire) < ports(agent_of(wire));
  }
  [[nodiscard]] bool is_wire(Wire wire) const {
    const Wire peer = state_.heap.peer(wire);
    return peer == kNowhere || (peer != wire && is_port(peer) && state_.heap.peer(peer) == wire);
  }

  Status read_values() {
    const auto cells = array<std::uint64_t>("values");
    const json texts = to_json(map_.find("texts"));
    Heap& heap = state_.heap;
    if (!heap.has_values_) return cells.empty() ? Status() : refuse("values");
    if (cells.size() + 1 != heap.fresh_ || !texts.is_array()) return refuse("values");
    for (AgentId agent = 1; agent < heap.fresh_; ++agent) {
      const std::uint64_t bits = cells[agent - 1];
      const auto type = state_.book->symbol(heap.symbol(agent)).value;
      if (type && !graph::is_scalar(*type)) {
        if (bits >= texts.size() || !texts[bits].is_string()) return refuse("values");
        YARD_TRY(const graph::Cell cell, texts_.intern(texts[bits].get_ref<const std::string&>()));
        heap.set_value(agent, cell);
      } else {
        heap.set_value(agent, graph::Cell::from_bits(bits));
      }
    }
    return {};
  }

  Status read_ids() {
    Heap& heap = state_.heap;
    if (heap.counts_births_) {
      const auto births = array<std::uint32_t>("births");
      if (births.size() != heap.fresh_) return refuse("births");
      std::ranges::copy(births, heap.births_.begin());
    }
    heap.free_ = array<AgentId>("free");
    heap.freed_ = array<AgentId>("freed");
    std::vector<bool> is_used(heap.fresh_);
    for (const auto* ids : {&heap.free_, &heap.freed_}) {
      for (const AgentId agent : *ids) {
        if (agent == 0 || agent >= heap.fresh_ || heap.symbol(agent) != kNothing || is_used[agent])
          return refuse("ids");
        is_used[agent] = true;
      }
    }
    return {};
  }

  Status read_queue() {
    state_.queue.now = array<Redex>("now");
    state_.queue.next = array<Redex>("next");
    std::set<Wire> seen;
    for (const auto* redexes : {&state_.queue.now, &state_.queue.next})
      for (const Redex& redex : *redexes)
        if (!is_redex(redex) || (state_.book->is_lafont() && !seen.insert(redex.left).second)) return refuse("queue");
    return {};
  }
  // Under Annette's discipline what is gone may be queued still; that it isn't there any more is seen later.
  [[nodiscard]] bool is_redex(const Redex& redex) const {
    if (redex.rule >= state_.book->rules().size()) return false;
    for (const Wire wire : {redex.left, redex.right})
      if (agent_of(wire) == 0 || agent_of(wire) >= state_.heap.end()) return false;
    const bool is_there = is_port(redex.left) && state_.heap.peer(redex.left) == redex.right &&
                          state_.heap.births(redex.left, redex.right) == redex.births;
    const Rule& rule = state_.book->rules()[redex.rule];
    const bool fits = is_there && state_.heap.symbol(agent_of(redex.left)) == rule.left &&
                      state_.heap.symbol(agent_of(redex.right)) == rule.right &&
                      slot_of(redex.left) == rule.left_slot && slot_of(redex.right) == rule.right_slot;
    return fits || (!is_there && !state_.book->is_lafont());
  }

  Status read_rest() {
    const json rest = to_json(map_.find("rest"));
    try {
      for (const auto& [name, agent] : rest.at("names").items()) {
        const auto id = agent.get<AgentId>();
        if (!state_.heap.is_live(id) || state_.heap.symbol(id) == kFree) return refuse("names");
        state_.set_name(name, id);
      }
      for (const json& free : rest.at("free")) {
        const auto id = free.at(1).get<AgentId>();
        if (!state_.heap.is_live(id) || state_.heap.symbol(id) != kFree) return refuse("free wires");
        state_.free.emplace_back(free.at(0).get<std::string>(), id);
      }
      for (const json& pair : rest.at("stuck")) {
        state_.stuck.push_back({pair.at(0).get<Wire>(), pair.at(1).get<Wire>(), pair.at(2).get<std::string>()});
        if (!is_port(state_.stuck.back().left) || !is_port(state_.stuck.back().right)) return refuse("stuck pairs");
      }
      state_.by_case = rest.at("by_case").get<std::vector<std::uint64_t>>();
      for (const json& spec : rest.at("derived"))
        loaded_.derived.push_back({spec.at(0).get<std::string>(), spec.at(1).get<std::string>()});
    } catch (const json::exception&) {
      return refuse("names");
    }
    return state_.by_case.size() == state_.book->case_count() ? Status() : refuse("counts");
  }

  PackView map_;
  TextPool& texts_;
  Loaded loaded_;
  State& state_ = loaded_.state;
};

Result<Loaded> load(BytesView bytes, TextPool& texts) {
  if (!bytes.starts_with(kSnapshotMagic)) return fail(ErrorCode::kBadRequest, "this is no snapshot of a net");
  bytes.remove_prefix(kSnapshotMagic.size());
  // A name and its agent, a text: a few nodes for each of what an agent may have.
  constexpr PackLimits kLimits{.nodes_max = 16u << 20};
  YARD_TRY_STATUS(check_pack(bytes, kLimits));
  return SnapshotReader(PackView(bytes), texts).read();
}

}  // namespace yard::nets
