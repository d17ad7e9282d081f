// From checked scopes to one flat graph: instances become their modules' nodes, called instance/node.
#pragma once

#include <span>

#include "engine/graph/document.h"
#include "engine/graph/flat_graph.h"
#include "engine/graph/scope.h"

namespace yard::graph {

// Checks what only shows here: parameters, recursion, what is too large. Where there are problems the graph has holes,
// which is good enough to look for cycles in, and nothing else.
[[nodiscard]] FlatGraph expand(const Document& document, std::span<const Scope> scopes, const Options& options,
                               Problems& problems);

}  // namespace yard::graph
