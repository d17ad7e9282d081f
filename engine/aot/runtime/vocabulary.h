// The words that kernels are written in: what engine/graph/signature.h and cell.h are to the engine.
#pragma once

#include <bit>
#include <cmath>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "engine/aot/runtime/abi.h"

namespace yard::graph::generated {

enum class DataType : std::uint8_t { kBool, kInt64, kDouble, kString, kBytes, kJson };

// A bool, an int64 or a double. Every NaN is the same one: NaN equals NaN, -0 differs from 0.
class Cell {
 public:
  constexpr Cell() = default;
  constexpr explicit Cell(bool value) : bits_(value ? 1 : 0) {}
  constexpr explicit Cell(std::int64_t value) : bits_(std::bit_cast<std::uint64_t>(value)) {}
  constexpr explicit Cell(double value) : bits_(std::bit_cast<std::uint64_t>(value)) {
    if (value != value) [[unlikely]]
      bits_ = std::bit_cast<std::uint64_t>(std::numeric_limits<double>::quiet_NaN());
  }
  static constexpr Cell from_bits(std::uint64_t bits) {
    Cell cell;
    cell.bits_ = bits;
    return cell;
  }
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

// Bytes, the kernel's own or those of a cell.
class Text {
 public:
  Text() = default;
  explicit Text(std::string bytes) : own_(std::move(bytes)) {}
  static Text of(Bytes bytes) {
    Text text;
    text.borrowed_ = std::string_view(bytes.data, bytes.size);
    return text;
  }
  [[nodiscard]] std::string_view view() const { return borrowed_.empty() ? std::string_view(own_) : borrowed_; }

 private:
  std::string own_;
  std::string_view borrowed_;
};
inline Bytes bytes_of(std::string_view text) { return {text.data(), text.size()}; }

enum class FaultCode : std::uint8_t { kOverflow = 1, kDivisionByZero, kNotFound, kBadInput, kTooLarge };

// What a kernel made instead of a value.
struct Fault {
  FaultCode code = FaultCode::kBadInput;
  std::string text;
};
inline Fault fault(FaultCode code, std::string text) { return {code, std::move(text)}; }
inline Fault fault(Fault same) { return same; }

template <typename T>
class OrFault {
 public:
  OrFault(T value) : value_(std::move(value)) {}
  OrFault(Fault fault) : fault_(std::move(fault)) {}
  explicit operator bool() const { return !fault_; }
  const T& operator*() const { return value_; }
  [[nodiscard]] const Fault& error() const { return *fault_; }

 private:
  T value_{};
  std::optional<Fault> fault_;
};

using SettingsText = std::string_view;

// ---- arguments

template <DataType kType>
struct In {
  Text text;
  [[nodiscard]] std::string_view view() const { return text.view(); }
};
template <DataType kType>
struct Out {
  Text text;
};

template <typename T>
struct Fetch {
  static constexpr DataType kType = std::is_same_v<T, bool>           ? DataType::kBool
                                    : std::is_same_v<T, std::int64_t> ? DataType::kInt64
                                                                      : DataType::kDouble;
  static T from(const Columns& c, std::uint32_t cell) { return Cell::from_bits(c.values[cell]).get<T>(); }
};
template <>
struct Fetch<Cell> {
  static Cell from(const Columns& c, std::uint32_t cell) { return Cell::from_bits(c.values[cell]); }
};
template <DataType kOf>
struct Fetch<In<kOf>> {
  static constexpr DataType kType = kOf;
  static In<kOf> from(const Columns& c, std::uint32_t cell) { return {Text::of(c.host->text(c.host->self, cell))}; }
};

// The last input, as often as the node has it.
template <typename T>
class Many {
 public:
  Many(const Columns& c, const std::uint32_t* in, std::uint32_t size) : c_(c), in_(in), size_(size) {}
  [[nodiscard]] std::uint32_t size() const { return size_; }
  T operator[](std::uint32_t at) const { return Fetch<T>::from(c_, in_[at]); }

 private:
  const Columns& c_;
  const std::uint32_t* in_;
  std::uint32_t size_;
};

// The events at an input; a level is one event each time it changes.
template <typename T>
class Events {
 public:
  Events(const Columns& c, std::uint32_t cell) : is_level_((c.marks[cell] & kEvent) == 0) {
    if (!is_level_)
      words_ = c.host->events(c.host->self, cell);
    else if ((c.marks[cell] & kChanged) != 0)
      words_ = {c.values + cell, 1};
  }
  [[nodiscard]] std::size_t size() const { return words_.size; }
  [[nodiscard]] bool is_level() const { return is_level_; }
  T operator[](std::size_t at) const { return Cell::from_bits(words_.data[at]).template get<T>(); }

 private:
  Words words_{nullptr, 0};
  bool is_level_;
};

struct Slots {
  std::span<std::uint64_t> words;
};

class Outside {
 public:
  Outside(const Columns& c, std::uint32_t node, const std::uint32_t* in) : c_(c), node_(node), in_(in) {}
  [[nodiscard]] std::int64_t now_ns() const { return c_.now_ns; }
  void wake(std::int64_t at_ns) const { c_.host->wake(c_.host->self, node_, at_ns); }
  void effect(std::string_view channel, DataType type) const {
    c_.host->effect(c_.host->self, node_, bytes_of(channel), static_cast<std::uint8_t>(type), in_[0]);
  }
  void breach(std::string_view message, bool roll_back) const {
    c_.host->breach(c_.host->self, node_, bytes_of(message), roll_back);
  }

 private:
  const Columns& c_;
  std::uint32_t node_;
  const std::uint32_t* in_;
};

template <typename T>
class Emit {
 public:
  Emit(const Columns& c, std::uint32_t cell) : c_(c), cell_(cell) {}
  void operator()(T value) const { c_.host->emit(c_.host->self, cell_, Cell(value).bits()); }

 private:
  const Columns& c_;
  std::uint32_t cell_;
};

}  // namespace yard::graph::generated
