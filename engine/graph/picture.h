// Pictures of a graph.
#pragma once

#include <string>

#include "engine/graph/image.h"

namespace yard::graph {

inline constexpr std::size_t kPictureNodesMax = 2'000;  // nobody sees more

// For graphviz: a box a node, with its ports.
[[nodiscard]] std::string to_dot(const Image& image);

// Laid out by ourselves: a column a rank, drivers to the left of their readers.
[[nodiscard]] std::string to_svg(const Image& image);

}  // namespace yard::graph
