// Randomness that can be had again: each node draws from a stream of its own, seeded by the graph.
#include "engine/kinds/families.h"
#include "engine/kinds/random_kernels.h"

namespace yard::graph {

using namespace kernels;

void add_random(std::vector<Kind>& kinds) {
  kinds.push_back({.name = "Random",
                   .summary = "A number from low to below high; another one with every event of the trigger.",
                   .inputs = {{"trigger"}, {"low", "0"}, {"high", "1"}},
                   .outputs = {"out"},
                   .overloads = {overload<Random<double>>(), overload<Random<std::int64_t>>()}});
}

}  // namespace yard::graph
