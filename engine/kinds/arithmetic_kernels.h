// Arithmetic: what the kinds compute.
#pragma once

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

inline auto overflow() { return fault(FaultCode::kOverflow, "the result does not fit int64"); }
inline auto by_zero() { return fault(FaultCode::kDivisionByZero, "division by zero"); }

template <typename T>
struct Sum;
template <>
struct Sum<double> {
  double operator()(Many<double> terms) const {
    double sum = terms[0];
    for (std::uint32_t i = 1; i < terms.size(); ++i) sum += terms[i];
    return sum;
  }
};
template <>
struct Sum<std::int64_t> {
  OrFault<std::int64_t> operator()(Many<std::int64_t> terms) const {
    std::int64_t sum = terms[0];
    for (std::uint32_t i = 1; i < terms.size(); ++i)
      if (__builtin_add_overflow(sum, terms[i], &sum)) return overflow();
    return sum;
  }
};

template <typename T>
struct Product;
template <>
struct Product<double> {
  double operator()(Many<double> factors) const {
    double product = factors[0];
    for (std::uint32_t i = 1; i < factors.size(); ++i) product *= factors[i];
    return product;
  }
};
template <>
struct Product<std::int64_t> {
  OrFault<std::int64_t> operator()(Many<std::int64_t> factors) const {
    std::int64_t product = factors[0];
    for (std::uint32_t i = 1; i < factors.size(); ++i)
      if (__builtin_mul_overflow(product, factors[i], &product)) return overflow();
    return product;
  }
};

struct SubtractDouble {
  double operator()(double a, double b) const { return a - b; }
};
struct SubtractInt {
  OrFault<std::int64_t> operator()(std::int64_t a, std::int64_t b) const {
    std::int64_t result = 0;
    if (__builtin_sub_overflow(a, b, &result)) return overflow();
    return result;
  }
};

struct DivideDouble {
  double operator()(double a, double b) const { return a / b; }
};

// Towards zero, as C++ does it; the remainder has the sign of `a`.
using Division = OrFault<std::tuple<std::int64_t, std::int64_t>>;
inline Division divide(std::int64_t a, std::int64_t b) {
  if (b == 0) return by_zero();
  if (b == -1) {  // the one quotient that overflows traps the processor
    std::int64_t quotient = 0;
    if (__builtin_sub_overflow(std::int64_t{0}, a, &quotient)) return overflow();
    return std::tuple(quotient, std::int64_t{0});
  }
  return std::tuple(a / b, a % b);
}
struct DivideInt {
  OrFault<std::int64_t> operator()(std::int64_t a, std::int64_t b) const {
    const Division both = divide(a, b);
    if (!both) return fault(both.error());
    return std::get<0>(*both);
  }
};
struct RemainderDouble {
  double operator()(double a, double b) const { return std::fmod(a, b); }
};
struct RemainderInt {
  OrFault<std::int64_t> operator()(std::int64_t a, std::int64_t b) const {
    const Division both = divide(a, b);
    if (!both) return fault(both.error());
    return std::get<1>(*both);
  }
};
// Towards minus infinity: the remainder is never negative for a positive divisor. What musical bars and clocks need.
struct DivideFloor {
  std::tuple<double, double> operator()(double a, double b) const {
    const double quotient = std::floor(a / b);
    return {quotient, a - quotient * b};
  }
};

struct NegateDouble {
  double operator()(double x) const { return -x; }
};
struct NegateInt {
  OrFault<std::int64_t> operator()(std::int64_t x) const { return SubtractInt{}(0, x); }
};
struct AbsoluteDouble {
  double operator()(double x) const { return std::abs(x); }
};
struct AbsoluteInt {
  OrFault<std::int64_t> operator()(std::int64_t x) const { return x < 0 ? SubtractInt{}(0, x) : x; }
};

// NaN if one of them is.
template <typename T, bool kLeast>
struct Extreme {
  T operator()(Many<T> values) const {
    T best = values[0];
    for (std::uint32_t i = 1; i < values.size(); ++i) {
      const T value = values[i];
      if constexpr (std::is_floating_point_v<T>) {
        if (std::isnan(value)) return value;
      }
      if (kLeast ? value < best : value > best) best = value;
    }
    return best;
  }
};

template <typename T>
struct Clamp {
  T operator()(T value, T low, T high) const { return value < low ? low : value > high ? high : value; }
};

struct Power {
  double operator()(double base, double exponent) const { return std::pow(base, exponent); }
};
struct SquareRoot {
  double operator()(double x) const { return std::sqrt(x); }
};
struct Floor {
  double operator()(double x) const { return std::floor(x); }
};
struct Ceiling {
  double operator()(double x) const { return std::ceil(x); }
};
struct Round {
  double operator()(double x) const { return std::round(x); }
};

struct ToInt64 {
  OrFault<std::int64_t> operator()(double x) const {
    if (!(x >= -0x1p63 && x < 0x1p63)) return overflow();
    return static_cast<std::int64_t>(x);
  }
};
struct ToDouble {
  double operator()(std::int64_t x) const { return static_cast<double>(x); }
};

}  // namespace yard::graph::kernels
