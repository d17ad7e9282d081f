// How deep each node lies, for pictures and tables.
#pragma once

#include <vector>

#include "engine/graph/image.h"

namespace yard::graph {

// By handle: 0 for what nothing drives, else one more than the deepest of its drivers. Within a cycle the way back
// does not count.
[[nodiscard]] std::vector<std::uint32_t> find_ranks(const Image& image);

}  // namespace yard::graph
