// Strongly connected components: nodes that reach each other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace yard::graph {

// Rows of numbers behind each other: row i is [first[i], first[i + 1]) of `items`.
struct Rows {
  std::vector<std::uint32_t> first;
  std::vector<std::uint32_t> items;

  [[nodiscard]] std::span<const std::uint32_t> operator[](std::uint32_t row) const {
    return {items.data() + first[row], items.data() + first[row + 1]};
  }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(first.size() - 1); }
};

// Groups 0 to keys.size() - 1 by their keys, each below `rows`, in order; `skipped` is no key.
[[nodiscard]] Rows group_by(std::span<const std::uint32_t> keys, std::uint32_t rows, std::uint32_t skipped);

// The component of each node, as the number of its least node.
// Source: R. Tarjan: "Depth-first search and linear graph algorithms", 1972; with a stack of its own.
[[nodiscard]] std::vector<std::uint32_t> find_components(const Rows& readers);

// A shortest cycle through `start` that stays in its component, from `start` on; empty if there is none.
[[nodiscard]] std::vector<std::uint32_t> find_cycle(const Rows& readers, std::span<const std::uint32_t> component,
                                                    std::uint32_t start);

}  // namespace yard::graph
