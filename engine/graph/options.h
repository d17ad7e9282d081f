// The options of a document.
#pragma once

#include "engine/graph/document.h"
#include "engine/graph/flat_graph.h"

namespace yard::graph {

inline constexpr std::uint32_t kLanesMax = 256;

// Appends to `problems` what is unknown or of no use.
[[nodiscard]] Options read_options(const Document& document, Problems& problems);

}  // namespace yard::graph
