// The tables of a generated header: what a graph is, for hosts and for its machine.
#pragma once

#include <string>

#include "engine/aot/plan.h"

namespace yard::graph::aot {

// Appends to `out` what the code reads: the cells that inputs are driven by, and how large everything is.
void write_wiring(const Image& image, const Plan& plan, std::string& out);

// Appends the descriptors of nodes and ports, the order of running, edges, initial values, and `struct Graph`.
void write_descriptors(const Image& image, const Plan& plan, std::string& out);

}  // namespace yard::graph::aot
