#include "tools/abc/source.h"

#include <algorithm>

namespace yard::abc {
namespace {

bool starts_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U; }

std::uint32_t characters(std::string_view text) {
  return static_cast<std::uint32_t>(std::ranges::count_if(text, starts_character));
}

}  // namespace

SourceMap::SourceMap(std::string_view text) : text_(text) {
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool newline = text[i] == '\n' || (text[i] == '\r' && !text.substr(i + 1).starts_with('\n'));
    if (newline) line_starts_.push_back(static_cast<std::uint32_t>(i + 1));
  }
}

Span SourceMap::span(std::size_t begin, std::size_t end) {
  begin = std::min(begin, text_.size());
  end = std::clamp(end, begin, text_.size());
  const bool same_line =
      begin >= line_starts_[line_] && (line_ + 1 == line_starts_.size() || begin < line_starts_[line_ + 1]);
  if (!same_line) {
    line_ = static_cast<std::size_t>(std::ranges::upper_bound(line_starts_, begin) - line_starts_.begin()) - 1;
    at_ = line_starts_[line_];
    column_ = 1;
  }
  if (begin >= at_) {
    column_ += characters(text_.substr(at_, begin - at_));
  } else {
    column_ -= characters(text_.substr(begin, at_ - begin));
  }
  at_ = begin;
  return {.offset = static_cast<std::uint32_t>(begin),
          .length = static_cast<std::uint32_t>(end - begin),
          .line = static_cast<std::uint32_t>(line_ + 1),
          .column = column_};
}

}  // namespace yard::abc
