// A formula as C++: its program, turned into expressions again.
#pragma once

#include <span>
#include <string>

#include "engine/kinds/formula.h"

namespace yard::graph::aot {

struct FormulaText {
  std::string body;  // of a function whose inputs are in[0], in[1], …
  bool can_fail = false;
};

// `inputs` are the types of the formula's names, in their order; `result` that of what it makes.
[[nodiscard]] FormulaText write_formula(const Formula& formula, std::span<const DataType> inputs);

}  // namespace yard::graph::aot
