// Comparison. Numbers as IEEE 754 compares them: NaN is neither less nor greater nor equal. Texts by bytes.
#include <functional>
#include <string>
#include <string_view>

#include "engine/kinds/comparison_kernels.h"
#include "engine/kinds/families.h"

namespace yard::graph {
namespace {

using namespace kernels;

template <typename Compare>
Kind comparison(std::string_view name, std::string_view summary) {
  return {.name = std::string(name),
          .summary = std::string(summary),
          .inputs = {{"a"}, {"b"}},
          .outputs = {"out"},
          .overloads = {overload<Comparison<std::int64_t, Compare>>(), overload<Comparison<double, Compare>>(),
                        overload<TextComparison<DataType::kString, Compare>>()}};
}

template <typename Compare>
Kind equality(std::string_view name, std::string_view summary) {
  Kind kind = comparison<Compare>(name, summary);
  kind.overloads.push_back(overload<Comparison<bool, Compare>>());
  kind.overloads.push_back(overload<TextComparison<DataType::kBytes, Compare>>());
  kind.overloads.push_back(overload<TextComparison<DataType::kJson, Compare>>());
  return kind;
}

}  // namespace

void add_comparison(std::vector<Kind>& kinds) {
  kinds.push_back(equality<std::equal_to<>>("Equal", "Whether a equals b."));
  kinds.push_back(equality<std::not_equal_to<>>("NotEqual", "Whether a differs from b."));
  kinds.push_back(comparison<std::less<>>("Less", "Whether a < b."));
  kinds.push_back(comparison<std::less_equal<>>("LessEqual", "Whether a <= b."));
  kinds.push_back(comparison<std::greater<>>("Greater", "Whether a > b."));
  kinds.push_back(comparison<std::greater_equal<>>("GreaterEqual", "Whether a >= b."));
}

}  // namespace yard::graph
