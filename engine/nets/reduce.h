// Reducing a state: one interaction after the other, or a generation's pairs on several workers.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/nets/state.h"
#include "engine/tickets/worker_pool.h"

namespace yard::nets {

struct Reduction {
  std::uint64_t interactions = 0;  // of this call
  bool is_normal = false;          // nothing is left to do; else the limit was reached, and another call goes on
  bool is_out_of_room = false;     // there would have been more than kAgentsMax agents
};

// Interacts at most `max` times. The state afterwards is the same however a reduction is cut into calls.
//
// Source: Lafont, "Interaction nets" (1990), for the discipline; the order is first in, first out.
[[nodiscard]] Reduction reduce(State& state, std::uint64_t max);

// The same, byte for byte. Generations that are too small, and Annette's discipline, stay on the caller.
//
// How: the pairs of a generation are marked; then workers rewrite those that share no wire with another marked pair,
// which commute; then the caller rewrites the rest in order. A new agent has the id that the sequential reducer would
// have given it, since ids are counted out by the rules before.
[[nodiscard]] Reduction reduce(State& state, std::uint64_t max, tickets::WorkerPool& pool);

// The pair that interacts next.
[[nodiscard]] std::optional<Redex> next_redex(const State& state);

}  // namespace yard::nets
