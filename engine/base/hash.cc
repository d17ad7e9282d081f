#include "engine/base/hash.h"

#include <xxhash.h>

#include <charconv>

namespace yard {
namespace {

std::string hex(std::uint64_t number) {
  std::string digits(16, '0');
  for (std::size_t i = 0; i < 16; ++i) digits[i] = "0123456789abcdef"[number >> (60 - 4 * i) & 15];
  return digits;
}

}  // namespace

std::uint64_t hash64(BytesView bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hash128 hash128(BytesView bytes) {
  const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
  return {hash.high64, hash.low64};
}

std::string to_hex(const Hash128& hash) { return hex(hash.high) + hex(hash.low); }

std::optional<Hash128> parse_hash128(std::string_view hex) {
  if (hex.size() != 32) return std::nullopt;
  Hash128 hash;
  const char* middle = hex.data() + 16;
  const auto [high_end, high_error] = std::from_chars(hex.data(), middle, hash.high, 16);
  const auto [low_end, low_error] = std::from_chars(middle, middle + 16, hash.low, 16);
  if (high_end != middle || low_end != middle + 16) return std::nullopt;
  return hash;
}

}  // namespace yard
