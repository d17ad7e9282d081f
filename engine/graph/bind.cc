#include "engine/graph/bind.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "engine/graph/limits.h"
#include "engine/graph/value.h"

namespace yard::graph {
namespace {

std::uint64_t hash_of(const ParameterValue& value, std::uint64_t seed) {
  if (const auto* text = std::get_if<Text>(&value)) return hash64(text->view(), seed);
  const std::uint64_t bits = to_cell(value).bits();
  return hash64({reinterpret_cast<const char*>(&bits), sizeof bits}, seed + 1 + value.index());
}

bool is_within(const ParameterValue& value, const ParameterSpec& spec) {
  double number = 0;
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    number = static_cast<double>(*integer);
  else if (const auto* real = std::get_if<double>(&value))
    number = *real;
  else
    return true;
  return number >= spec.least && number <= spec.most;
}

std::string shortest(double number) { return nlohmann::json(number).dump(); }

}  // namespace

std::string_view parameter_reference(std::string_view json) {
  if (!json.starts_with('{')) return {};
  const auto object = parse_json(json);
  if (!object || !object->is_object() || object->size() != 1 || !object->contains("param")) return {};
  const auto& name = object->at("param");
  if (!name.is_string()) return {};
  // A view into the document, so that it outlives the parsed object: names with escapes are not found, then.
  const std::size_t at = json.rfind(name.get<std::string>());
  return at == std::string_view::npos ? std::string_view{} : json.substr(at, name.get<std::string>().size());
}

Binder::Found Binder::find(const NodeRow& row, std::string_view name, Source& source) {
  for (std::uint32_t i = 0; i < row.parameters.count; ++i) {
    const ParameterRow& parameter = document_.parameters[row.parameters.first + i];
    if (parameter.name != name) continue;
    source = {parameter.json};
    const std::string_view reference = resolve_ ? parameter_reference(parameter.json) : std::string_view();
    if (reference.empty() || resolve_(reference, source)) return Found::kYes;
    refuse_(name, source, "the module has no parameter " + printable(reference));
    return Found::kRefused;
  }
  return Found::kNo;
}

void Binder::bind_inputs(const NodeRow& row, const Scope::Node& node, const OnInput& on_input) {
  const bool is_named = row.inputs.is_there;
  for (std::uint32_t i = 0; i < node.inputs; ++i) {
    const std::string_view name = Scope::input_name(document_, row, node, i);
    const std::vector<InputSpec>& specs = node.kind->inputs;
    // Of the inputs that repeat none has a value of its own in the kind.
    const bool repeats = node.overload->kernel.variadic && i + 1 >= node.overload->kernel.inputs.size();
    Source source{is_named && repeats ? std::string_view()
                                      : std::string_view(specs[std::min<std::size_t>(i, specs.size() - 1)].fallback)};
    const Found found = row.parameters.count > 0 ? find(row, name, source) : Found::kNo;
    if (found == Found::kRefused) continue;
    const bool is_given = found == Found::kYes;
    if (!is_given && source.json.empty()) continue;
    const DataType type = Scope::input_type(document_, row, node, i).type;
    auto value = parse_value(source.json, type);
    if (value)
      on_input(is_given ? i | kGivenInput : i, type, *std::move(value));
    else if (is_given)
      refuse_(name, source, value.error().message);
  }
}

void Binder::bind_parameters(const NodeRow& row, const Scope::Node& node, Bound& bound) {
  parameters_.clear();
  bool is_whole = true;
  for (const ParameterSpec& spec : node.kind->parameters) {
    Source source{spec.fallback ? std::string_view(*spec.fallback) : std::string_view()};
    const Found found = find(row, spec.name, source);
    if (found == Found::kNo && !spec.fallback) refuse_(spec.name, source, spec.name + " is missing");
    if (found == Found::kRefused || (found == Found::kNo && !spec.fallback)) {
      is_whole = false;
      continue;
    }
    const DataType type = spec.as_output ? node.overload->kernel.outputs.front().type : spec.type;
    auto value = source.json.size() > kParameterBytesMax ? fail(ErrorCode::kTooLarge, "is longer than 1 MiB")
                                                         : parse_value(source.json, type);
    if (value && !is_within(*value, spec))
      value =
          fail(ErrorCode::kInvalidArguments, "has to be from " + shortest(spec.least) + " to " + shortest(spec.most));
    if (!value) {
      refuse_(spec.name, source, value.error().message);
      is_whole = false;
      continue;
    }
    bound.hash = hash_of(*value, hash64(spec.name, bound.hash));
    if (spec.as_output && node.kind->role == NodeRole::kSource) {
      bound.initial = *value;
      bound.has_initial = true;
    }
    parameters_.push_back({spec.name, *std::move(value)});
  }
  const auto make = node.overload->kernel.make_settings;
  if (!is_whole || make == nullptr) return;
  inputs_.clear();
  for (std::uint32_t i = 0; i < node.inputs; ++i)
    inputs_.push_back({Scope::input_name(document_, row, node, i), Scope::input_type(document_, row, node, i).type});
  auto settings = make(Parameters(parameters_, inputs_));
  if (settings) {
    bound.settings = *std::move(settings);
    return;
  }
  const std::string& pointer = settings.error().pointer;
  const std::string_view name = pointer.empty() ? std::string_view() : std::string_view(pointer).substr(1);
  Source source;
  if (!name.empty()) static_cast<void>(find(row, name, source));
  refuse_(name, source, settings.error().message);
}

void Binder::check_names(const NodeRow& row, const Scope::Node& node) {
  for (std::uint32_t i = 0; i < row.parameters.count; ++i) {
    const ParameterRow& parameter = document_.parameters[row.parameters.first + i];
    bool is_known =
        std::ranges::find(node.kind->parameters, parameter.name, &ParameterSpec::name) != node.kind->parameters.end();
    for (std::uint32_t input = 0; !is_known && input < node.inputs; ++input)
      is_known = Scope::input_name(document_, row, node, input) == parameter.name;
    if (!is_known)
      refuse_(parameter.name, {parameter.json},
              printable(parameter.name) + " is neither a parameter nor an input of " + node.kind->name);
  }
}

Bound Binder::bind(const NodeRow& row, const Scope::Node& node, const OnInput& on_input) {
  Bound bound;
  if (row.parameters.count > 0) check_names(row, node);
  bind_inputs(row, node, on_input);
  if (!node.kind->parameters.empty() || node.overload->kernel.make_settings != nullptr)
    bind_parameters(row, node, bound);
  return bound;
}

}  // namespace yard::graph
