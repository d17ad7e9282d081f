// The rewriting of one pair, for the loops of the sequential and the parallel reducer. Internal.
#pragma once

#include <array>

#include "engine/nets/state.h"

namespace yard::nets {

inline constexpr std::size_t kEndsMax = 2 * kRightEnds;

// Where an end's peer would be: the end is connected to another end of the same pair, whose number is in the low bits.
inline constexpr Wire kOwn = 0xFFFF'FF00;
static_assert(kAgentsMax < agent_of(kOwn));

using Ids = std::array<AgentId, kCreatedMax + 2>;

// What stays the same over many rewritings, in registers: for all a compiler knows, writing a word might change them.
struct Ground {
  Store store;
  const RuleBook& book;
  const std::uint32_t* table;
  std::size_t row_size;

  Ground(Store all, const RuleBook& rules)
      : store(all), book(rules), table(rules.table()), row_size(rules.row_size()) {}
};

// Where an end's own pair is at the other end of its wire. `first`: the slot that a rule's ends begin with.
[[gnu::noinline, gnu::cold]] inline void mark_own_ends(const Redex& redex, const FlatRule& rule, Wire* ends,
                                                       std::uint32_t first) {
  const auto mark = [&](std::uint32_t ports, std::uint32_t base) {
    for (std::uint32_t end = base + first; end < base + ports; ++end) {
      if (agent_of(ends[end]) == agent_of(redex.left))
        ends[end] = kOwn | slot_of(ends[end]);
      else if (agent_of(ends[end]) == agent_of(redex.right))
        ends[end] = kOwn | (kRightEnds + slot_of(ends[end]));
    }
  };
  mark(rule.left_ports, 0);
  mark(rule.right_ports, kRightEnds);
}

// Reads what the pair is connected to. True: a peer is marked, so another pair of this generation has that wire, too;
// only asked for by kShared.
template <bool kLafont, bool kShared>
bool read_ends(const Store store, const Redex& redex, const FlatRule& rule, Wire* ends) {
  const AgentId left = agent_of(redex.left);
  const AgentId right = agent_of(redex.right);
  const Wire* left_ports = store.ports(left);
  const Wire* right_ports = store.ports(right);
  std::uint32_t headers = 0;
  bool is_own = false;
  const auto read = [&](const Wire* ports, std::uint32_t slot, std::uint32_t base) {
    const Wire peer = ports[slot];
    if constexpr (kShared) headers |= store.header(agent_of(peer));
    is_own |= agent_of(peer) == left || agent_of(peer) == right;
    ends[base + slot] = peer;
  };
  if (kLafont && !kShared && store.shift == 2) {  // all that a record has, there or not, is sooner read than counted
    for (const std::uint32_t slot : {1u, 2u}) {
      read(left_ports, slot, 0);
      read(right_ports, slot, kRightEnds);
    }
  } else {
    for (std::uint32_t slot = kLafont ? 1 : 0; slot < rule.left_ports; ++slot) read(left_ports, slot, 0);
    for (std::uint32_t slot = kLafont ? 1 : 0; slot < rule.right_ports; ++slot) read(right_ports, slot, kRightEnds);
  }
  if (is_own) [[unlikely]]
    mark_own_ends(redex, rule, ends, kLafont ? 1 : 0);
  return (headers & kMarked) != 0;
}

// Tells `sink` of two connected ports if they have a rule.
template <bool kLafont, typename Sink>
[[gnu::always_inline]] inline void meet(const Ground& ground, Wire a, Wire b, Sink& sink) {
  const Store& store = ground.store;
  if constexpr (kLafont) {
    const std::uint32_t entry = ground.table[store.symbol(agent_of(a)) * ground.row_size + store.symbol(agent_of(b))];
    if (entry == 0) return;
    const bool is_swapped = ((entry - 1) & 1) != 0;
    sink.push(is_swapped ? b : a, is_swapped ? a : b, (entry - 1) >> 1);
  } else {
    const auto match = ground.book.match(store.symbol(agent_of(a)), slot_of(a), store.symbol(agent_of(b)), slot_of(b));
    if (match) sink.push(match->is_swapped ? b : a, match->is_swapped ? a : b, match->rule);
  }
}

// Connects a port, given with its place, to another one.
template <bool kLafont, typename Sink>
[[gnu::always_inline]] inline void join(const Ground& ground, Wire a, Wire& at_a, Wire b, Wire& at_b, Sink& sink) {
  at_a = b;
  at_b = a;
  if (!kLafont || slot_of(a | b) == 0) meet<kLafont>(ground, a, b, sink);
}

template <bool kLafont, typename Sink>
[[gnu::always_inline]] inline void join_ends(const Ground& ground, Wire* ends, const Join& wire, Sink& sink) {
  const Wire a = ends[wire.a];
  const Wire b = ends[wire.b];
  if (a < kOwn && b < kOwn) [[likely]]
    return join<kLafont>(ground, a, ground.store.port(a), b, ground.store.port(b), sink);
  if (a == (kOwn | wire.b)) return;  // a wire that is a loop, and gone
  if (a >= kOwn) ends[a & 0xFF] = b;
  if (b >= kOwn) ends[b & 0xFF] = a;
}

// Replaces the pair by what the program creates. `ids`: the pair's own, then as many as the program needs.
template <bool kLafont, typename Sink>
void run_program(const Ground ground, const ProgramView program, const AgentId* ids, const graph::Cell* values,
                 Wire* ends, Sink& sink) {
  const Store store = ground.store;
  for (std::size_t i = 0; i < program.created; ++i) {
    const NewAgent& agent = program.create[i];
    store.header(ids[i]) = agent.symbol;
    if constexpr (!kLafont) {  // whose rules may leave ports connected to nothing
      for (std::size_t slot = 0; slot < ground.book.symbol(agent.symbol).ports.size(); ++slot)
        store.ports(ids[i])[slot] = kNowhere;
    }
    if (agent.value != kNoValue && store.values != nullptr && values != nullptr)
      store.values[ids[i]] = values[agent.value];
  }
  const Join* wire = program.joins;
  for (const Join* end = wire + program.inner; wire < end; ++wire) {
    const AgentId a = ids[wire->a];
    const AgentId b = ids[wire->b];
    join<kLafont>(ground, make_wire(a, wire->a_slot), store.ports(a)[wire->a_slot], make_wire(b, wire->b_slot),
                  store.ports(b)[wire->b_slot], sink);
  }
  for (const Join* end = wire + program.outer; wire < end; ++wire) {
    const AgentId agent = ids[wire->a];
    const Wire port = make_wire(agent, wire->a_slot);
    const Wire peer = ends[wire->b];
    if (peer >= kOwn) [[unlikely]]
      ends[peer & 0xFF] = port;
    else
      join<kLafont>(ground, port, store.ports(agent)[wire->a_slot], peer, store.port(peer), sink);
  }
  for (const Join* end = wire + program.through; wire < end; ++wire) join_ends<kLafont>(ground, ends, *wire, sink);
}

// Leaves an end connected to nothing.
inline void drop_end(const Store& store, Wire* ends, std::uint8_t end) {
  const Wire peer = ends[end];
  if (peer >= kOwn)
    ends[peer & 0xFF] = kNowhere;
  else
    store.port(peer) = kNowhere;
}

// Which case of a rule applies, with its values. None: the scratch memory says why.
struct Chosen {
  const Case* one = nullptr;
  ProgramView program = {};
  const graph::Cell* values = nullptr;
};

// Scratch memory of a worker.
struct Scratch {
  std::array<graph::Cell, kCreatedMax> values;
  Patch patch;
  std::string why;
};

[[nodiscard]] Chosen choose(const RuleBook& book, const Rule& rule, const Meeting& meeting, Scratch& scratch);

}  // namespace yard::nets
