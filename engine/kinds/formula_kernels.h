// What the kind Formula computes.
#pragma once

#include <utility>

#include "engine/graph/settings.h"
#include "engine/kinds/formula.h"

namespace yard::graph::kernels {

// The node: inputs of any scalar types, and one result.
template <typename T>
struct FormulaNode {
  struct Settings {
    Formula formula;
    static Result<Settings> make(const Parameters& parameters) {
      std::vector<FormulaName> names;
      for (const InputName& input : parameters.inputs()) names.push_back({input.name, input.type});
      auto formula = Formula::compile(parameters.text("formula"), names, Fetch<T>::kType);
      if (!formula) return fail(formula.error().code, formula.error().message, "/formula");
      return Settings{*std::move(formula)};
    }
  };
  OrFault<T> operator()(const Settings& settings, Many<Cell> inputs) const {
    const OrFault<Cell> result = settings.formula.run(inputs);
    if (!result) return std::unexpected(result.error());
    return result->get<T>();
  }
};

}  // namespace yard::graph::kernels
