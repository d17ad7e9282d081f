// base64 is one to one, and UTF-8 agrees with a decoder written the slow way.
#include <cstdint>
#include <string_view>

#include "engine/base/base64.h"
#include "engine/base/check.h"
#include "engine/base/id.h"
#include "engine/base/utf8.h"
#include "tests/fuzz/fuzz.h"

namespace yard {
namespace {

// Decodes scalar by scalar and refuses what does not encode back to the same length.
bool is_utf8_slowly(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    std::size_t more = 0;
    std::uint32_t scalar = lead;
    if (lead >= 0xF8) return false;
    if (lead >= 0xF0)
      more = 3, scalar = lead & 7u;
    else if (lead >= 0xE0)
      more = 2, scalar = lead & 15u;
    else if (lead >= 0xC0)
      more = 1, scalar = lead & 31u;
    else if (lead >= 0x80)
      return false;
    const std::size_t length = more + 1;
    for (; more > 0; --more) {
      if (at == text.size()) return false;
      const auto next = static_cast<unsigned char>(text[at++]);
      if (next < 0x80 || next > 0xBF) return false;
      scalar = (scalar << 6) | (next & 63u);
    }
    const std::size_t shortest = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
    if (length != shortest || scalar > 0x10FFFF || (scalar >= 0xD800 && scalar <= 0xDFFF)) return false;
  }
  return true;
}

}  // namespace
}  // namespace yard

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yard;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  YARD_CHECK(is_utf8(text) == is_utf8_slowly(text));
  const auto decoded = from_base64(to_base64(text));
  YARD_CHECK(decoded && *decoded == text);
  if (const auto bytes = from_base64(text)) YARD_CHECK(to_base64(*bytes) == text);
  if (const auto uuid = parse_uuid(text)) YARD_CHECK(parse_uuid(to_hex(*uuid)) == uuid);
  return 0;
}
