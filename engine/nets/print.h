// A net in its textual syntax, the same for the same net whatever its agents' ids.
#pragma once

#include <string>
#include <vector>

#include "engine/nets/state.h"
#include "engine/nets/text_pool.h"

namespace yard::nets {

struct PrintedNet {
  std::vector<std::string> equations;  // from the free wires on, in their order: `result ~ S^34(Z)`
  std::vector<std::string> rest;       // what no free wire leads to: cycles, and what is cut off
  bool is_cut = false;                 // there is more than `bytes_max`
};

// Terms follow the wires from the free ones in, so nothing depends on ids as long as a free wire leads there. A wire
// that joins two agents which both stand somewhere already is called w1, w2 …; an unconnected port is _.
[[nodiscard]] PrintedNet print_net(const State& state, const TextPool& texts,
                                   std::size_t bytes_max = std::size_t{1} << 20);

// "Add ~ S", as rules are called.
[[nodiscard]] std::string print_pair(const State& state, const TextPool& texts, Wire left, Wire right);

// An agent's value as JSON; empty: it has none.
[[nodiscard]] std::string print_value(const State& state, const TextPool& texts, AgentId agent);

}  // namespace yard::nets
