#include <array>
#include <charconv>

#include "engine/aot/emission.h"

namespace yard::graph::aot {

std::string literal(bool value) { return value ? "true" : "false"; }

std::string literal(std::int64_t value) {
  if (value == INT64_MIN) return "(-9223372036854775807 - 1)";  // there is no negative literal
  return std::to_string(value);
}

// The shortest that reads back the same.
std::string literal(double value) {
  std::array<char, 32> digits{};
  std::string text(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
  return text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

// What is not plain ASCII in octal, whose digits, other than hexadecimal ones, end by themselves.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '?') {  // a question mark might begin a trigraph
      (out += '\\') += c;
    } else if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '\\';
      for (const int shift : {6, 3, 0}) out += static_cast<char>('0' + (byte >> shift & 7));
    }
  }
  return out + "\"";
}

// A view, since zeros may be within it.
std::string literal(std::string_view text) {
  return "std::string_view(" + quoted(text) + ", " + std::to_string(text.size()) + ")";
}

}  // namespace yard::graph::aot
