// The standard library of kinds: what a document can use without a line of C++.
#pragma once

#include <memory>

#include "engine/graph/kind.h"

namespace yard::graph {

// Adds every standard kind. Errors: those of Kinds::add, if a name is taken.
Status add_standard_kinds(Kinds& kinds);

// A new registry with the standard kinds.
[[nodiscard]] std::shared_ptr<const Kinds> standard_kinds();

}  // namespace yard::graph
