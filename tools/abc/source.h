// Places in the text, and what is to be said about them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yard::abc {

// A stretch of the source text.
struct Span {
  std::uint32_t offset = 0;  // bytes
  std::uint32_t length = 0;  // bytes
  std::uint32_t line = 1;    // counts from 1, over the whole text
  std::uint32_t column = 1;  // counts from 1, in characters (code points)

  bool operator==(const Span&) const = default;

  [[nodiscard]] std::uint32_t end() const { return offset + length; }
};

// The text under a span.
[[nodiscard]] inline std::string_view text_of(std::string_view text, const Span& span) {
  return text.substr(span.offset, span.length);
}

// Turns offsets into spans. Remembers the last place, so that asking in rising order is linear in total.
// Lifetime: borrows the text.
class SourceMap {
 public:
  explicit SourceMap(std::string_view text);

  [[nodiscard]] Span span(std::size_t begin, std::size_t end);

 private:
  std::string_view text_;
  std::vector<std::uint32_t> line_starts_;
  std::size_t line_ = 0;      // index of the line of `at_`
  std::size_t at_ = 0;        // the last offset asked for
  std::uint32_t column_ = 1;  // its column
};

enum class Severity : std::uint8_t { kError, kWarning };

// Something is wrong (kError: the text is not valid ABC) or looks wrong (kWarning: it plays, perhaps not as meant).
struct Diagnostic {
  Severity severity = Severity::kError;
  Span span;
  std::string_view code;  // stable, snake_case, a literal
  std::string message;
};

}  // namespace yard::abc
