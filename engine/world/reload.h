// What goes on when a graph is replaced by another one.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/graph/image.h"
#include "engine/world/state.h"

namespace yard::graph {

struct CarriedOver {
  std::vector<std::uint32_t> forced;     // places: they have to run, the others only if an input changes
  std::vector<std::uint32_t> looked_at;  // places
};

// Takes over, from a world at rest, what nodes of the same id and the same kind and types hold: values, what they
// remember, when they want to be woken. A source whose own value is another in the new graph has that one.
// `to`'s cells are fresh.
[[nodiscard]] CarriedOver carry_over(const Image& from, const State& old, const std::vector<std::uint32_t>& looked_at,
                                     const Image& to, State& fresh);

}  // namespace yard::graph
