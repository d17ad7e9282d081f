// How each kernel is written in C++: the standard kinds' by the text of their own headers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/graph/kernel.h"

namespace yard::graph::aot {

// A header whose text goes into what is generated, if a graph needs it.
enum class Family : std::uint8_t {
  kConvert,
  kArithmetic,
  kComparison,
  kLogic,
  kSelect,
  kMemory,
  kTiming,
  kRandom,
  kFold,
  kText,
  kOutside,
  kFormula,
};

struct Emission {
  std::string_view type;  // as that header has it; empty: each node has its own
  Family family = Family::kArithmetic;
  bool can_fail = false;   // may make a fault of good inputs
  bool is_pure = false;    // a function of numbers to a number
  bool is_costly = false;  // takes longer than a look at whether it has to run
  bool is_formula = false;
  std::string_view settings_type = {};                      // empty: none
  std::string (*settings)(const void* settings) = nullptr;  // what stands between its braces
};

// nullptr: it cannot be written.
[[nodiscard]] const Emission* find_emission(const Kernel& kernel);

// Literals of C++ that read back as the same value.
[[nodiscard]] std::string literal(bool value);
[[nodiscard]] std::string literal(std::int64_t value);
[[nodiscard]] std::string literal(double value);
[[nodiscard]] std::string literal(std::string_view text);  // a std::string_view
[[nodiscard]] std::string quoted(std::string_view text);   // a string

}  // namespace yard::graph::aot
