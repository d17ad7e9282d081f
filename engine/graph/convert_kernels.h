// How values become values of another type.
#pragma once

#include <cmath>

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

template <typename From, typename To>
To converted(From value) {
  if constexpr (std::is_same_v<To, bool>)
    return static_cast<double>(value) > 0.5;
  else if constexpr (std::is_same_v<From, double>)
    // Rounded, so that what is above a half stays so. Into events only, where no more is asked: see is_convertible.
    return value >= -0x1p63 && value < 0x1p63 ? static_cast<To>(std::nearbyint(value)) : To{};
  else
    return static_cast<To>(value);
}

template <typename From, typename To>
struct ConvertLevel {
  To operator()(From value) const { return converted<From, To>(value); }
};
template <typename From, typename To>
struct ConvertEvents {
  void operator()(Events<From> events, Emit<To> emit) const {
    for (std::size_t i = 0; i < events.size(); ++i) emit(converted<From, To>(events[i]));
  }
};

}  // namespace yard::graph::kernels
