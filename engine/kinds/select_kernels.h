// Choosing: what the kinds compute.
#pragma once

#include <string>

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

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

}  // namespace yard::graph::kernels
