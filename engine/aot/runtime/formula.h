// What formulas are written with beside the standard library.
#pragma once

#include "engine/aot/runtime/vocabulary.h"

namespace yard::graph::generated {

inline double least(double a, double b) { return a != a || a < b ? a : b; }
inline double greatest(double a, double b) { return a != a || a > b ? a : b; }

// Each: whether the result fits int64.
namespace fits {

inline bool add(std::int64_t a, std::int64_t b, std::int64_t& sum) { return !__builtin_add_overflow(a, b, &sum); }
inline bool subtract(std::int64_t a, std::int64_t b, std::int64_t& rest) {
  return !__builtin_sub_overflow(a, b, &rest);
}
inline bool multiply(std::int64_t a, std::int64_t b, std::int64_t& product) {
  return !__builtin_mul_overflow(a, b, &product);
}
inline bool negate(std::int64_t x, std::int64_t& negated) { return subtract(0, x, negated); }
inline bool absolute(std::int64_t x, std::int64_t& magnitude) {
  if (x < 0) return negate(x, magnitude);
  magnitude = x;
  return true;
}
// `b` is not 0. The one quotient that does not fit traps the processor.
inline bool quotient(std::int64_t a, std::int64_t b, std::int64_t& result) {
  if (b == -1) return negate(a, result);
  result = a / b;
  return true;
}
inline bool rest(std::int64_t a, std::int64_t b, std::int64_t& result) {
  result = b == -1 ? 0 : a % b;
  return true;
}
inline bool narrow(double x, std::int64_t& whole) {
  if (!(x >= -0x1p63 && x < 0x1p63)) return false;
  whole = static_cast<std::int64_t>(x);
  return true;
}

}  // namespace fits

}  // namespace yard::graph::generated
