// A fast hash of bytes, for tables and for telling bodies apart; not against an adversary.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"

namespace yard {

// XXH3, 64 bits: the same on every machine.
[[nodiscard]] std::uint64_t hash64(BytesView bytes, std::uint64_t seed = 0);

// Wide enough to name a content by.
struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  auto operator<=>(const Hash128&) const = default;
};

// XXH3, 128 bits.
[[nodiscard]] Hash128 hash128(BytesView bytes);

// 32 digits.
[[nodiscard]] std::string to_hex(const Hash128& hash);
// Of 32 hex digits, else nothing.
[[nodiscard]] std::optional<Hash128> parse_hash128(std::string_view hex);

}  // namespace yard
