// The texts of headers that become part of what is generated. A header's text is what stands in its namespace.
#pragma once

#include <span>
#include <string_view>

#include "engine/aot/emission.h"

namespace yard::graph::aot {

// Of `runtime/`, in the order in which they build on each other; the machine comes behind the tables it asks for.
[[nodiscard]] std::span<const std::string_view> runtime_texts();
[[nodiscard]] std::string_view formula_runtime_text();
[[nodiscard]] std::string_view machine_text();
[[nodiscard]] std::string_view snapshot_text();
[[nodiscard]] std::string_view random_stream_text();
// Of the kernels of a family; none of kFormula, whose kernels each graph has for itself.
[[nodiscard]] std::string_view family_text(Family family);
// The program around a generated header.
[[nodiscard]] std::string_view host_text();

}  // namespace yard::graph::aot
