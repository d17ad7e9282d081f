// Choosing among values.
#include "engine/kinds/families.h"

namespace yard::graph {
namespace {

template <typename T>
struct Select {
  T operator()(bool condition, T yes, T no) const { return condition ? yes : no; }
};
template <DataType kType>
struct SelectText {
  Out<kType> operator()(bool condition, In<kType> yes, In<kType> no) const { return {condition ? yes.text : no.text}; }
};

// The index counts from 0.
template <typename T>
struct Switch {
  OrFault<T> operator()(std::int64_t index, Many<T> values) const {
    if (index < 0 || index >= static_cast<std::int64_t>(values.size()))
      return fault(FaultCode::kNotFound, "no input of index " + std::to_string(index));
    return values[static_cast<std::uint32_t>(index)];
  }
};
template <DataType kType>
struct SwitchText {
  OrFault<Out<kType>> operator()(std::int64_t index, Many<In<kType>> values) const {
    if (index < 0 || index >= static_cast<std::int64_t>(values.size()))
      return fault(FaultCode::kNotFound, "no input of index " + std::to_string(index));
    return Out<kType>{values[static_cast<std::uint32_t>(index)].text};
  }
};

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
