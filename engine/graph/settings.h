// Parameters of a node, typed and checked against what its kind declares, before the kernel makes its settings of them.
#pragma once

#include <span>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/result.h"
#include "engine/graph/cell.h"

namespace yard::graph {

using ParameterValue = std::variant<bool, std::int64_t, double, Text>;

struct Parameter {
  std::string_view name;
  ParameterValue value;
};

// An input of the node, for kernels that refer to inputs by name.
struct InputName {
  std::string_view name;
  DataType type;
};

// Borrowed while the settings are made.
class Parameters {
 public:
  Parameters(std::span<const Parameter> all, std::span<const InputName> inputs) : all_(all), inputs_(inputs) {}

  // `name` must be a declared parameter of type T: every declared one is there, with its default if need be.
  template <typename T>
  [[nodiscard]] const T& get(std::string_view name) const {
    return std::get<T>(find(name));
  }
  [[nodiscard]] std::string_view text(std::string_view name) const { return get<Text>(name).view(); }
  [[nodiscard]] std::span<const InputName> inputs() const { return inputs_; }

 private:
  [[nodiscard]] const ParameterValue& find(std::string_view name) const;

  std::span<const Parameter> all_;
  std::span<const InputName> inputs_;
};

}  // namespace yard::graph
