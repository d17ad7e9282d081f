// Binding: the parameters of a node become its settings and the values of inputs that nothing drives.
#pragma once

#include <functional>
#include <memory>

#include "engine/graph/scope.h"

namespace yard::graph {

// Where a parameter's value stands, once {"param": name} is looked up in the instance and the module.
struct Source {
  std::string_view json;
  bool is_elsewhere = false;  // in the instance, at `pointer`
  std::string pointer = {};
};

// A parameter that names one of the module's: its name, or an empty view for any other value.
[[nodiscard]] std::string_view parameter_reference(std::string_view json);

struct Bound {
  std::shared_ptr<const void> settings;
  ParameterValue initial;  // of a source
  bool has_initial = false;
  std::uint64_t hash = 0;  // of the parameters that are no inputs
};

// One per load: it keeps its buffers from node to node.
class Binder {
 public:
  // Called for an input that has a value, of the node being bound; the others have 0, false, the empty text or null.
  // kGivenInput is set in `input` where the document gives the value, not the kind.
  static constexpr std::uint32_t kGivenInput = 1u << 31;
  using OnInput = std::function<void(std::uint32_t input, DataType type, ParameterValue value)>;
  using Resolve = std::function<bool(std::string_view reference, Source& source)>;
  using Refuse = std::function<void(std::string_view parameter, const Source& source, std::string message)>;

  Binder(const Document& document, Resolve resolve, Refuse refuse)
      : document_(document), resolve_(std::move(resolve)), refuse_(std::move(refuse)) {}

  // `node` must have an overload. Problems go to `refuse`, all of them.
  [[nodiscard]] Bound bind(const NodeRow& row, const Scope::Node& node, const OnInput& on_input);

 private:
  enum class Found { kNo, kYes, kRefused };
  Found find(const NodeRow& row, std::string_view name, Source& source);
  void bind_inputs(const NodeRow& row, const Scope::Node& node, const OnInput& on_input);
  void bind_parameters(const NodeRow& row, const Scope::Node& node, Bound& bound);
  void check_names(const NodeRow& row, const Scope::Node& node);

  const Document& document_;
  Resolve resolve_;
  Refuse refuse_;
  std::vector<Parameter> parameters_;
  std::vector<InputName> inputs_;
};

}  // namespace yard::graph
