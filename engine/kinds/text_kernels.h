// Strings: what the kinds compute. UTF-8, counted in characters (code points).
#pragma once

#include <algorithm>
#include <charconv>
#include <string>

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

using String = In<DataType::kString>;
using StringOut = Out<DataType::kString>;

// Of a text that a kernel makes: a loop of Concat must not eat the memory.
inline constexpr std::size_t kConcatBytesMax = 1 << 20;

inline bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

struct Concat {
  OrFault<StringOut> operator()(Many<String> parts) const {
    std::string whole;
    for (std::uint32_t i = 0; i < parts.size(); ++i) {
      if (whole.size() + parts[i].view().size() > kConcatBytesMax)
        return fault(FaultCode::kTooLarge, "the text is longer than 1 MiB");
      whole += parts[i].view();
    }
    return StringOut{Text(std::move(whole))};
  }
};

struct Length {
  std::int64_t operator()(String x) const { return std::ranges::count_if(x.view(), begins_character); }
};

// Where character `index` begins, or the text's end.
inline std::size_t character_at(std::string_view text, std::int64_t index) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if (begins_character(text[at]) && index-- == 0) break;
  return at;
}
struct Substring {
  StringOut operator()(String x, std::int64_t start, std::int64_t count) const {
    std::string_view text = x.view();
    text.remove_prefix(character_at(text, std::max<std::int64_t>(start, 0)));
    return {Text(std::string(text.substr(0, character_at(text, std::max<std::int64_t>(count, 0)))))};
  }
};

struct Contains {
  bool operator()(String x, String part) const { return x.view().find(part.view()) != std::string_view::npos; }
};

template <typename T>
struct ToText {
  StringOut operator()(T x) const {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;  // shortest that reads back the same
    return {Text(std::string(digits, end))};
  }
};
template <>
struct ToText<bool> {
  StringOut operator()(bool x) const { return {Text(x ? "true" : "false")}; }
};

template <typename T>
struct ParseNumber {
  OrFault<T> operator()(String x) const {
    T number{};
    const std::string_view text = x.view();
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec == std::errc::result_out_of_range) return fault(FaultCode::kOverflow, "the number does not fit");
    if (read.ec != std::errc() || read.ptr != text.data() + text.size())
      return fault(FaultCode::kBadInput, "the text is no number");
    return number;
  }
};

}  // namespace yard::graph::kernels
