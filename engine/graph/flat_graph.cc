#include "engine/graph/flat_graph.h"

#include <algorithm>

#include "engine/graph/pointer.h"

namespace yard::graph {

std::string FlatGraph::pointer_of(std::uint32_t node) const {
  const auto behind = std::ranges::upper_bound(origins, node, {}, [](const auto& origin) { return origin.first; });
  const auto& [first, above] = *(behind - 1);
  return make_pointer(above, "nodes", node - first);
}

}  // namespace yard::graph
