// A graph as C++: one header that needs nothing but the standard library.
#pragma once

#include <cstdint>
#include <expected>
#include <string>

#include "engine/aot/plan.h"
#include "engine/graph/image.h"
#include "engine/graph/problem.h"

namespace yard::graph::aot {

struct GenerateOptions {
  std::string name = "nodeflow";  // the namespace of all of it
  std::string made_from = {};     // said in the file's first lines
};

// Writes the header. In it are the graph's descriptors with the same handles as the image's, its state as plain arrays
// in the image's order, and nodeflow_init, _reset, _set_input, _step, _tick and _get_output. What it does is what a
// world does in which everything is looked at: the same values, faults, effects and numbers of steps.
//
// Errors: every node whose kind cannot be written, as make_plan() has it; kBadOption for a name that is none in C++.
[[nodiscard]] std::expected<std::string, Problems> generate(const Image& image, const GenerateOptions& options);

// The program that runs a generated header, line by line, for who begins to write a host: `header` is how it includes
// it.
[[nodiscard]] std::string host_template(const std::string& header, const std::string& name);

// Of where everything lies: nodes, cells, state, chunks. What a library and an image have to agree on.
[[nodiscard]] std::uint64_t layout_hash(const Image& image, const Plan& plan);

}  // namespace yard::graph::aot
