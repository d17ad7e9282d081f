#include "engine/graph/options.h"

#include "engine/base/text.h"
#include "engine/graph/pointer.h"
#include "engine/graph/value.h"

namespace yard::graph {
namespace {

// One of two words: whether it is the second; nothing: neither.
std::optional<bool> choose(std::string_view json, std::string_view first, std::string_view second) {
  const auto word = parse_value(json, DataType::kString);
  if (!word) return std::nullopt;
  const std::string_view text = std::get<Text>(*word).view();
  if (text != first && text != second) return std::nullopt;
  return text == second;
}

std::optional<std::int64_t> number(std::string_view json, std::int64_t least, std::int64_t most) {
  const auto value = parse_value(json, DataType::kInt64);
  if (!value || std::get<std::int64_t>(*value) < least || std::get<std::int64_t>(*value) > most) return std::nullopt;
  return std::get<std::int64_t>(*value);
}

// What is wrong with it; empty: nothing.
std::string read_option(const ParameterRow& row, Options& options) {
  if (row.name == "cycles") {
    const auto chosen = choose(row.json, "reject", "iterate");
    options.iterates_cycles = chosen.value_or(false);
    return chosen ? "" : "has to be reject or iterate";
  }
  if (row.name == "mode") {
    const auto chosen = choose(row.json, "push", "pull");
    options.is_pull = chosen.value_or(true);
    return chosen ? "" : "has to be push or pull";
  }
  if (row.name == "seed") {
    const auto seed = number(row.json, 0, INT64_MAX);
    options.seed = static_cast<std::uint64_t>(seed.value_or(0));
    return seed ? "" : "has to be a whole number from 0 on";
  }
  if (row.name == "lanes") {
    const auto lanes = number(row.json, 1, kLanesMax);
    options.lanes = static_cast<std::uint32_t>(lanes.value_or(1));
    return lanes ? "" : "has to be a whole number from 1 to " + std::to_string(kLanesMax);
  }
  return printable(row.name) + " is no option: there are cycles, mode, seed and lanes";
}

}  // namespace

Options read_options(const Document& document, Problems& problems) {
  Options options;
  for (std::uint32_t i = 0; i < document.options.count; ++i) {
    const ParameterRow& row = document.parameters[document.options.first + i];
    std::string wrong = read_option(row, options);
    if (!wrong.empty())
      problems.push_back(
          {ProblemCode::kBadOption, make_pointer("/options", row.name), std::move(wrong), document.options_place});
  }
  return options;
}

}  // namespace yard::graph
