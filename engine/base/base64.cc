#include "engine/base/base64.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace yard {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNotADigit = 0xff;

constexpr auto kDigits = [] {
  std::array<std::uint8_t, 256> digits{};
  digits.fill(kNotADigit);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  return digits;
}();

}  // namespace

std::string to_base64(BytesView bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t have = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i)
      group = (group << 8) | (i < have ? static_cast<unsigned char>(bytes[at + i]) : 0u);
    for (std::size_t i = 0; i < 4; ++i) text += i <= have ? kAlphabet[(group >> (18 - 6 * i)) & 63] : '=';
  }
  return text;
}

Result<Bytes> from_base64(std::string_view text) {
  const auto refuse = [](const std::string& why) { return fail(ErrorCode::kBadRequest, "base64: " + why); };
  if (text.size() % 4 != 0) return refuse("the length is no multiple of four");
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with("=") ? 1 : 0;
  Bytes bytes;
  bytes.reserve(text.size() / 4 * 3);
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const bool last = at + 4 == text.size();
    const std::size_t digits = last ? 4 - padding : 4;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const std::uint8_t digit = i < digits ? kDigits[static_cast<unsigned char>(text[at + i])] : 0;
      if (digit == kNotADigit) return refuse("a character outside the alphabet at " + std::to_string(at + i));
      group = (group << 6) | digit;
    }
    const std::size_t octets = digits - 1;
    if (octets < 3 && (group & ((1u << (8 * (3 - octets))) - 1)) != 0) return refuse("stray bits before the padding");
    for (std::size_t i = 0; i < octets; ++i) bytes += static_cast<char>(group >> (16 - 8 * i));
  }
  return bytes;
}

}  // namespace yard
