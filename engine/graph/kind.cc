#include "engine/graph/kind.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/graph/convert.h"

namespace yard::graph {
namespace {

bool fits(const Kind& kind, const Kernel& kernel) {
  const bool inputs =
      kernel.variadic ? kind.inputs.size() >= kernel.inputs.size() : kind.inputs.size() == kernel.inputs.size();
  return inputs && kind.outputs.size() == kernel.outputs.size() &&
         kernel.variadic == kind.overloads.front().kernel.variadic;
}

bool has_input(const Kind& kind, std::string_view name) {
  return std::ranges::any_of(kind.inputs, [&](const InputSpec& input) { return input.name == name; });
}

}  // namespace

Overload source(PortType output) { return {Kernel{.outputs = {output}}}; }

Kinds::Kinds() { YARD_CHECK(add(convert_kind())); }

Status Kinds::add(Kind kind) {
  if (by_name_.contains(kind.name)) return fail(ErrorCode::kConflict, "there is a kind " + kind.name + " already");
  if (kind.overloads.empty() || kind.overloads.size() > 64 || overloads_.size() + kind.overloads.size() > kOverloadsMax)
    return fail(ErrorCode::kInvalidArguments, kind.name + ": no overload, or too many");
  for (const Overload& overload : kind.overloads)
    if (!fits(kind, overload.kernel))
      return fail(ErrorCode::kInvalidArguments, kind.name + ": names other ports than a kernel has");
  for (const ParameterSpec& parameter : kind.parameters)
    if (has_input(kind, parameter.name))
      return fail(ErrorCode::kInvalidArguments, kind.name + ": " + parameter.name + " is an input and a parameter");

  Kind& added = kinds_.emplace_back(std::move(kind));
  by_name_.emplace(added.name, &added);
  for (Overload& overload : added.overloads) {
    overload.id = static_cast<std::uint16_t>(overloads_.size());
    overloads_.push_back(&overload);
  }
  return {};
}

const Kind* Kinds::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

}  // namespace yard::graph
