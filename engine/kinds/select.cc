// Choosing among values.
#include "engine/kinds/families.h"
#include "engine/kinds/select_kernels.h"

namespace yard::graph {
namespace {

using namespace kernels;

template <template <typename> typename Plain, template <DataType> typename OfText>
std::vector<Overload> for_each_type() {
  return {overload<Plain<bool>>(),
          overload<Plain<std::int64_t>>(),
          overload<Plain<double>>(),
          overload<OfText<DataType::kString>>(),
          overload<OfText<DataType::kBytes>>(),
          overload<OfText<DataType::kJson>>()};
}

}  // namespace

void add_select(std::vector<Kind>& kinds) {
  kinds.push_back({.name = "Select",
                   .summary = "yes where the condition holds, else no.",
                   .inputs = {{"condition"}, {"yes"}, {"no"}},
                   .outputs = {"out"},
                   .overloads = for_each_type<Select, SelectText>()});
  kinds.push_back({.name = "Switch",
                   .summary = "The input of this index, from 0 on.",
                   .inputs = {{"index"}, {"a"}, {"b"}},
                   .outputs = {"out"},
                   .overloads = for_each_type<Switch, SwitchText>()});
}

}  // namespace yard::graph
