#include "engine/base/id.h"

#include "engine/base/check.h"

namespace yard {
namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_hyphen_place(std::size_t index) { return index == 8 || index == 13 || index == 18 || index == 23; }

}  // namespace

Uuid uuid_from_bytes(BytesView bytes) {
  Uuid uuid;
  YARD_CHECK(bytes.size() == uuid.octets.size());
  std::memcpy(uuid.octets.data(), bytes.data(), uuid.octets.size());
  return uuid;
}

HexText hex_text(const Uuid& uuid) {
  // Both digits of an octet at once: several of these are written for every job.
  static constexpr auto kPairs = [] {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::array<char, 512> pairs{};
    for (std::size_t octet = 0; octet < 256; ++octet) {
      pairs[2 * octet] = kDigits[octet >> 4];
      pairs[2 * octet + 1] = kDigits[octet & 15];
    }
    return pairs;
  }();
  HexText text;
  for (std::size_t i = 0; i < uuid.octets.size(); ++i) {
    std::memcpy(text.digits.data() + 2 * i, kPairs.data() + std::size_t{2} * uuid.octets[i], 2);
  }
  return text;
}

std::string to_hex(const Uuid& uuid) { return std::string(hex_text(uuid)); }

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 32 && text.size() != 36) return std::nullopt;
  const bool hyphens = text.size() == 36;
  Uuid uuid;
  std::size_t nibbles = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (hyphens && is_hyphen_place(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int digit = hex_digit(text[i]);
    if (digit < 0) return std::nullopt;
    auto& octet = uuid.octets[nibbles / 2];
    octet = static_cast<std::uint8_t>((octet << 4) | digit);
    ++nibbles;
  }
  return uuid;
}

}  // namespace yard
