// The functions of a generated header: its kernels, and a function a chunk of nodes.
#pragma once

#include <string>

#include "engine/aot/plan.h"

namespace yard::graph::aot {

// Appends to `out`: kernels that only this graph has, settings, chunks, and the table of chunks.
void write_code(const Image& image, const Plan& plan, std::string& out);

}  // namespace yard::graph::aot
