#include "engine/graph/ranks.h"

#include <algorithm>

namespace yard::graph {

std::vector<std::uint32_t> find_ranks(const Image& image) {
  std::vector<std::uint32_t> ranks(image.get_nodes().size());
  for (std::uint32_t place = 0; place < image.node_count(); ++place) {
    const auto handle = image.handle_of(place);
    if (!handle) continue;
    const NodeDesc& node = image.get_nodes()[handle->value()];
    const auto inputs = static_cast<std::uint32_t>(image.inputs_of(node).size());
    for (std::uint32_t i = 0; i < inputs; ++i) {
      const auto driver = image.driver_of(node.first_input + i);
      if (!driver) continue;
      const NodeHandle from = image.get_output_ports()[*driver].node;
      if (image.place_of(from) < place)
        ranks[handle->value()] = std::max(ranks[handle->value()], ranks[from.value()] + 1);
    }
  }
  return ranks;
}

}  // namespace yard::graph
