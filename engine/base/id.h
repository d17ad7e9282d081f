// Uuid, 128 random bits, and StrongId, which keeps ids of different things apart.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace yard {

// 16 bytes in wire order. As text: 32 lower-case hex digits; all zero means "none".
struct Uuid {
  std::array<std::uint8_t, 16> octets{};

  auto operator<=>(const Uuid&) const = default;
  explicit operator bool() const { return *this != Uuid{}; }
};

// `bytes` must have 16 bytes.
Uuid uuid_from_bytes(BytesView bytes);
std::string to_hex(const Uuid& uuid);

// The same without an allocation.
struct HexText {
  std::array<char, 32> digits;
  operator std::string_view() const { return {digits.data(), digits.size()}; }  // NOLINT: text, by intention
};
HexText hex_text(const Uuid& uuid);

// Accepts 32 hex digits of either case, with or without the customary hyphens.
std::optional<Uuid> parse_uuid(std::string_view text);

// A value of type Rep that is only ever one thing. No implicit way in or out; `value()` marks the edge.
template <typename Tag, typename Rep>
class StrongId {
 public:
  constexpr StrongId() = default;
  constexpr explicit StrongId(Rep value) : value_(value) {}

  [[nodiscard]] constexpr const Rep& value() const { return value_; }
  constexpr explicit operator bool() const { return value_ != Rep{}; }
  auto operator<=>(const StrongId&) const = default;

 private:
  Rep value_{};
};

}  // namespace yard

template <>
struct std::hash<yard::Uuid> {
  // Ids are random already, but a peer chooses them: both halves count, so that equal first
  // halves alone don't make a collision.
  std::size_t operator()(const yard::Uuid& uuid) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, uuid.octets.data(), sizeof halves);
    return static_cast<std::size_t>(halves[0] ^ (halves[1] * 0x9E3779B97F4A7C15ull));
  }
};

template <typename Tag, typename Rep>
struct std::hash<yard::StrongId<Tag, Rep>> {
  std::size_t operator()(const yard::StrongId<Tag, Rep>& id) const noexcept { return std::hash<Rep>{}(id.value()); }
};
