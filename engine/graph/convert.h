// How a value of one type becomes one of another on its way along a connection.
#pragma once

#include "engine/graph/kind.h"

namespace yard::graph {

// Whether a connection may lead from `from` to `to`. Numbers widen: bool, int64, double. Into an input for events any
// scalar may go, since that it happened is what counts: double to int64 is rounded, and above 0.5 is true.
[[nodiscard]] bool is_convertible(PortType from, PortType to);

// The kind whose kernels do it. Images put a node of it, which no document knows of, into connections that need one.
[[nodiscard]] Kind convert_kind();

// The overload of `kind`, a convert_kind(), for a connection from `from` to `to`; nullptr: the types are the same.
[[nodiscard]] const Overload* find_conversion(const Kind& kind, PortType from, PortType to);

}  // namespace yard::graph
