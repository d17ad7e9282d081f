// Values: a Cell holds a scalar in 8 bytes, a Text holds bytes that are shared, a Fault is what a kernel made instead.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "engine/graph/types.h"

namespace yard::graph {

// A bool, an int64 or a double; its port knows which. Of a text, its place in the column of texts.
class Cell {
 public:
  constexpr Cell() = default;
  constexpr explicit Cell(bool value) : bits_(value ? 1 : 0) {}
  constexpr explicit Cell(std::int64_t value) : bits_(std::bit_cast<std::uint64_t>(value)) {}
  // Every NaN becomes the same one, so that equal bits are equal values: NaN equals NaN, -0 differs from 0.
  constexpr explicit Cell(double value)
      : bits_(std::bit_cast<std::uint64_t>(value != value ? std::numeric_limits<double>::quiet_NaN() : value)) {}
  static constexpr Cell from_bits(std::uint64_t bits) {
    Cell cell;
    cell.bits_ = bits;
    return cell;
  }

  // T is bool, std::int64_t or double, as the port's type says.
  template <typename T>
  [[nodiscard]] constexpr T get() const {
    if constexpr (std::is_same_v<T, bool>)
      return bits_ != 0;
    else
      return std::bit_cast<T>(bits_);
  }
  [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }

  constexpr bool operator==(const Cell&) const = default;

 private:
  std::uint64_t bits_ = 0;
};

// Immutable bytes: a string, bytes, or JSON in canonical text. Copying shares them.
class Text {
 public:
  Text() = default;
  explicit Text(std::string bytes)
      : bytes_(bytes.empty() ? nullptr : std::make_shared<const std::string>(std::move(bytes))) {}

  [[nodiscard]] std::string_view view() const { return bytes_ ? std::string_view(*bytes_) : std::string_view(); }
  bool operator==(const Text& other) const { return bytes_ == other.bytes_ || view() == other.view(); }

 private:
  std::shared_ptr<const std::string> bytes_;  // owned by all cells that hold this value, and by who read it
};

// Why a kernel has no value. Numbers are kept in journals: they are never reused.
enum class FaultCode : std::uint8_t {
  kOverflow = 1,        // the result does not fit int64
  kDivisionByZero = 2,  // of int64
  kNotFound = 3,        // no such member, index or text
  kBadInput = 4,        // an input that the kernel cannot take
  kTooLarge = 5,        // beyond a bound of the kernel
  kCallFailed = 6,      // the tool that was called failed
};
std::string_view name_of(FaultCode code);
// Nothing: no fault has this number.
std::optional<FaultCode> fault_code(std::uint8_t number);

// A result like any other: the output has it until the kernel runs on good inputs, and readers have it, too, without
// being run.
struct Fault {
  FaultCode code = FaultCode::kBadInput;
  std::string text;  // names the culprit
  bool operator==(const Fault&) const = default;
};

}  // namespace yard::graph
