// The rewriting of one pair, for the loops of the sequential and the parallel reducer. Internal.
#pragma once

#include <array>

#include "engine/nets/state.h"

namespace yard::nets {

inline constexpr std::size_t kEndsMax = 2 * kPortsMax;

// Where an end's peer would be: the end is connected to another end of the same pair, whose number is in the low bits.
inline constexpr Wire kOwn = 0xFFFF'FF00;
static_assert(kAgentsMax < agent_of(kOwn));

// What the two that meet are connected to. The new agents take the place of the old, so this has to be read first.
struct Ends {
  std::array<Wire, kEndsMax> at;
};

using Ids = std::array<AgentId, kCreatedMax + 2>;

// Reads what the pair is connected to. True: a peer is marked, so another pair of this generation has that wire, too.
template <bool kLafont>
bool read_ends(const Store& store, const Redex& redex, const Rule& rule, Ends& ends) {
  const AgentId left = agent_of(redex.left);
  const AgentId right = agent_of(redex.right);
  std::uint32_t headers = 0;
  const auto read = [&](AgentId agent, std::uint32_t count, std::uint32_t base) {
    const Wire* ports = store.ports(agent);
    for (std::uint32_t slot = kLafont ? 1 : 0; slot < count; ++slot) {
      Wire peer = ports[slot];
      headers |= store.header(agent_of(peer));
      if (agent_of(peer) == left) [[unlikely]]
        peer = kOwn | slot_of(peer);
      else if (agent_of(peer) == right) [[unlikely]]
        peer = kOwn | (rule.left_ports + slot_of(peer));
      ends.at[base + slot] = peer;
    }
  };
  read(left, rule.left_ports, 0);
  read(right, rule.right_ports, rule.left_ports);
  return (headers & kMarked) != 0;
}

// Connects two ports, and tells `sink` if they have a rule.
template <bool kLafont, typename Sink>
void join(const Store& store, const RuleBook& book, Wire a, Wire b, Sink& sink) {
  store.port(a) = b;
  store.port(b) = a;
  if constexpr (kLafont) {
    if (slot_of(a | b) != 0) return;
    const std::uint32_t entry =
        book.table()[std::size_t{store.symbol(agent_of(a))} * book.row_size() + store.symbol(agent_of(b))];
    if (entry == 0) return;
    const bool is_swapped = ((entry - 1) & 1) != 0;
    sink.push(is_swapped ? b : a, is_swapped ? a : b, (entry - 1) >> 1);
  } else {
    const auto match = book.match(store.symbol(agent_of(a)), slot_of(a), store.symbol(agent_of(b)), slot_of(b));
    if (match) sink.push(match->is_swapped ? b : a, match->is_swapped ? a : b, match->rule);
  }
}

// Replaces the pair by what the program creates. `ids`: the pair's own, then as many as the program needs.
template <bool kLafont, typename Sink>
void run_program(const Store& store, const RuleBook& book, const Program& program, const Ids& ids,
                 const graph::Cell* values, Ends& ends, Sink& sink) {
  std::size_t created = 0;
  for (const NewAgent& agent : program.create) {
    store.header(ids[created]) = agent.symbol;
    if constexpr (!kLafont) {  // whose rules may leave ports connected to nothing
      for (std::size_t slot = 0; slot < book.symbol(agent.symbol).ports.size(); ++slot)
        store.ports(ids[created])[slot] = kNowhere;
    }
    if (agent.value != kNoValue && store.values != nullptr) store.values[ids[created]] = values[agent.value];
    ++created;
  }
  for (const Program::Inner& wire : program.inner)
    join<kLafont>(store, book, make_wire(ids[wire.agent], wire.slot), make_wire(ids[wire.other], wire.other_slot),
                  sink);
  for (const Program::Outer& wire : program.outer) {
    const Wire port = make_wire(ids[wire.agent], wire.slot);
    const Wire peer = ends.at[wire.end];
    if (peer >= kOwn) [[unlikely]]
      ends.at[peer & 0xFF] = port;
    else
      join<kLafont>(store, book, port, peer, sink);
  }
  for (const Program::Through& wire : program.through) {
    const Wire a = ends.at[wire.end];
    const Wire b = ends.at[wire.other];
    if (a < kOwn && b < kOwn) [[likely]] {
      join<kLafont>(store, book, a, b, sink);
    } else if (a == (kOwn | wire.other)) {
      continue;  // a wire that is a loop, and gone
    } else {
      if (a >= kOwn) ends.at[a & 0xFF] = b;
      if (b >= kOwn) ends.at[b & 0xFF] = a;
    }
  }
  for (const std::uint8_t end : program.dropped) {
    const Wire peer = ends.at[end];
    if (peer >= kOwn)
      ends.at[peer & 0xFF] = kNowhere;
    else
      store.port(peer) = kNowhere;
  }
}

// Which case of a rule applies, with its values. `why` says why none does.
struct Chosen {
  const Program* program = nullptr;
  const graph::Cell* values = nullptr;
  std::uint32_t case_id = UINT32_MAX;  // of a rule with cases
};

// Scratch memory of a worker.
struct Scratch {
  std::array<graph::Cell, kCreatedMax> values;
  Patch patch;
  std::string why;
};

[[nodiscard]] Chosen choose(const Rule& rule, const Meeting& meeting, Scratch& scratch);

}  // namespace yard::nets
