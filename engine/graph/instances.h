// The tree of a document's instances, and where connections lead through it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/graph/document.h"
#include "engine/graph/scope.h"

namespace yard::graph {

// A scope that is there once for each of its instances; the first is the document itself.
struct Placed {
  std::uint32_t scope = 0;
  std::uint32_t parent = 0;       // among the placed
  std::uint32_t row = 0;          // in the parent's instances
  std::uint32_t first_child = 0;  // in InstanceTree::children, in the order of the scope's instances
  std::uint32_t first_node = 0;   // in the flat graph
  std::uint32_t depth = 0;
  std::string prefix;  // "instance/", before the ids of its nodes
};

// An output of a node in the flat graph.
struct FlatOutput {
  std::uint32_t placed = Endpoint::kNone;  // kNone: nothing drives
  std::uint32_t node = 0;                  // in the placed scope
  std::uint32_t port = 0;
};

class InstanceTree {
 public:
  // Appends to `problems` what is recursive or becomes too large; the tree ends there.
  InstanceTree(const Document& document, std::span<const Scope> scopes, Problems& problems);

  [[nodiscard]] const std::vector<Placed>& all() const { return all_; }
  [[nodiscard]] std::size_t node_count() const { return node_count_; }

  // What drives input `input` of the scope placed at `placed`, through all boundaries. `is_loop` becomes true where
  // the way never ends.
  [[nodiscard]] FlatOutput driver(std::uint32_t placed, std::uint32_t input, bool& is_loop) const;

 private:
  bool find_recursion(Problems& problems);
  void place(std::uint32_t at, Problems& problems);

  const Document& document_;
  std::span<const Scope> scopes_;
  std::vector<Placed> all_;
  std::vector<std::uint32_t> children_;  // in all_; kNone: of no module
  std::size_t node_count_ = 0;
  std::size_t prefix_bytes_ = 0;
  bool is_full_ = false;
};

}  // namespace yard::graph
