// What counts as the same value.
#pragma once

#include <cmath>
#include <concepts>

namespace yard::reactive {

// Whether readers have no reason to run: by ==, except that NaN equals NaN and -0 differs from 0, as everywhere in
// the engine. Values that cannot be compared are never the same. Doubles within other types compare as these do it.
template <typename T>
[[nodiscard]] bool is_same(const T& left, const T& right) {
  if constexpr (std::floating_point<T>)
    return left == right ? std::signbit(left) == std::signbit(right) : std::isnan(left) && std::isnan(right);
  else if constexpr (std::equality_comparable<T>)
    return left == right;
  else
    return false;
}

// How a node compares instead. A plain function: a comparison that depends on anything else is none.
template <typename T>
using Same = bool (*)(const T& left, const T& right);

}  // namespace yard::reactive
