// Demand: which nodes have to run because somebody wants what they lead to.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/graph/image.h"

namespace yard::graph {

// A node is live if it is an effect, remembers something (what it missed could never be made up for), drives a live
// node, or is looked at. In push mode all nodes are live.
//
// Threads: one.
class Demand {
 public:
  // `image` must outlive it.
  Demand(const Image& image, bool is_pull);
  static Demand of(const Image& image, bool is_pull, std::span<const std::uint32_t> looked_at);

  // Changes how often `node`, by its place, is looked at. What is live now and was not is appended to `revived`; what
  // is no longer stays live until refresh(), so that many may look away at once.
  void look_at(std::uint32_t node, std::vector<std::uint32_t>& revived);
  void look_away(std::uint32_t node);
  [[nodiscard]] bool is_stale() const { return is_stale_; }
  void refresh();

  [[nodiscard]] bool is_live(std::uint32_t node) const { return live_[node >> 6] >> (node & 63) & 1; }
  // A bit a place.
  [[nodiscard]] const std::vector<std::uint64_t>& live() const { return live_; }
  [[nodiscard]] std::uint32_t live_count() const;
  // Nodes that are looked at, rising, each as often as it is.
  [[nodiscard]] std::vector<std::uint32_t> looked_at() const;

 private:
  void add(std::uint32_t node, std::vector<std::uint32_t>& revived);

  const Image& image_;
  bool is_pull_;
  std::vector<std::uint64_t> live_;
  std::unordered_map<std::uint32_t, std::uint32_t> looks_;  // by node
  std::vector<std::uint32_t> stack_;                        // of add()
  bool is_stale_ = false;
};

}  // namespace yard::graph
