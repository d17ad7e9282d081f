// The order in which nodes may run, and in which they lie in memory.
//
// Drivers come before their readers. Beyond that: what belongs together lies together (by cluster: connected nodes),
// then by rank, and within a rank nodes of the same kernel are next to each other, so that one loop runs them. Nodes
// with very many connections do not make clusters: all that hangs on a common clock is not one neighbourhood. They cut
// the graph into stages instead.
#pragma once

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace yard::graph {

// Nodes are 0 to n - 1. Borrowed.
struct OrderInput {
  std::span<const std::uint32_t> in_first;  // of n + 1
  std::span<const std::uint32_t> driver;    // by input: the node that drives it, or kNoDriver
  std::span<const std::uint16_t> kernel;    // by node
  static constexpr std::uint32_t kNoDriver = UINT32_MAX;

  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(in_first.size() - 1); }
};

struct Order {
  std::vector<std::uint32_t> nodes;                            // by place
  std::vector<std::pair<std::uint32_t, std::uint32_t>> loops;  // places [first, second): nodes in a cycle together
  std::vector<std::vector<std::uint32_t>> cycles;              // one path a cycle, from its least node on
};

// With `iterates_cycles` the nodes of a cycle lie together; else, where there are cycles, only those are found.
[[nodiscard]] Order find_order(const OrderInput& input, bool iterates_cycles);

}  // namespace yard::graph
