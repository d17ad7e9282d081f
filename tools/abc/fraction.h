// Exact fractions for note lengths.
#pragma once

#include <cstdint>

namespace yard::abc {

// Reduced, the denominator positive. Arithmetic saturates instead of overflowing: see kFractionMax.
struct Fraction {
  std::int64_t numerator = 0;
  std::int64_t denominator = 1;

  bool operator==(const Fraction&) const = default;
};

// Neither part ever exceeds this; the sum of two products stays within 64 bits. A result that would not fit is rounded
// to coarser parts, so that hostile lengths cost precision and nothing else.
inline constexpr std::int64_t kFractionMax = 1'800'000'000;

// The reduced fraction; a denominator of 0 counts as 1.
[[nodiscard]] Fraction make_fraction(std::int64_t numerator, std::int64_t denominator);

[[nodiscard]] Fraction operator*(const Fraction& a, const Fraction& b);
[[nodiscard]] Fraction operator+(const Fraction& a, const Fraction& b);

[[nodiscard]] bool operator<(const Fraction& a, const Fraction& b);

}  // namespace yard::abc
