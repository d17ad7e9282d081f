// Arena: where nodes and links live, and the surgery on their lists.
#pragma once

#include <vector>

#include "engine/base/check.h"
#include "engine/reactive/node.h"

namespace yard::reactive {

// Places are used again, so that a graph whose shape keeps changing doesn't grow.
// References are valid until a node or link is made.
// Threads: one.
class Arena {
 public:
  // Both far beyond what fits a machine's memory (64 and 32 bytes each), and within 32 bits.
  static constexpr std::size_t kNodesMax = std::size_t{1} << 30;
  static constexpr std::size_t kLinksMax = std::size_t{1} << 31;

  Arena() : nodes_(1), generations_(1), last_subs_(1), last_deps_(1), links_(1) {}

  // No bounds are checked here: ids come from this arena, handles are checked by their generation.
  [[nodiscard]] Node& node(NodeId id) { return nodes_.data()[id]; }
  [[nodiscard]] const Node& node(NodeId id) const { return nodes_.data()[id]; }
  [[nodiscard]] Link& link(LinkId id) { return links_.data()[id]; }
  // Of the place; handles of its former tenants don't match.
  [[nodiscard]] std::uint32_t generation(NodeId id) const { return generations_[id]; }
  [[nodiscard]] std::size_t node_places() const { return nodes_.size(); }

  [[nodiscard]] NodeId make_node();

  // The node has neither readers nor inputs left.
  void free_node(NodeId id);

  // `sub` reads `dep`, right before its input `before` (0: after all of them).
  LinkId connect(NodeId dep, NodeId sub, LinkId before);
  void disconnect(LinkId id);

 private:
  std::vector<Node> nodes_;
  std::vector<std::uint32_t> generations_;
  std::vector<LinkId> last_subs_;  // of each node
  std::vector<LinkId> last_deps_;
  std::vector<Link> links_;
  NodeId free_nodes_ = 0;  // chained by next_queued
  LinkId free_links_ = 0;  // chained by next_sub
};

}  // namespace yard::reactive
