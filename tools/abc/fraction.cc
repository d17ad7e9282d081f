#include "tools/abc/fraction.h"

#include <algorithm>
#include <numeric>

namespace yard::abc {
namespace {

std::int64_t clamped(std::int64_t value) { return std::clamp(value, -kFractionMax, kFractionMax); }

}  // namespace

Fraction make_fraction(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) denominator = 1;
  if (denominator < 0) {
    numerator = -numerator;
    denominator = -denominator;
  }
  const std::int64_t divisor = std::gcd(numerator, denominator);
  numerator /= divisor;
  denominator /= divisor;
  while (denominator > kFractionMax) {
    numerator /= 2;
    denominator /= 2;
  }
  return {.numerator = clamped(numerator), .denominator = denominator};
}

// Parts are below 2^31, so every product below fits, and so does a sum of two.
Fraction operator*(const Fraction& a, const Fraction& b) {
  return make_fraction(a.numerator * b.numerator, a.denominator * b.denominator);
}

Fraction operator+(const Fraction& a, const Fraction& b) {
  return make_fraction(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);
}

bool operator<(const Fraction& a, const Fraction& b) {
  return a.numerator * b.denominator < b.numerator * a.denominator;
}

}  // namespace yard::abc
