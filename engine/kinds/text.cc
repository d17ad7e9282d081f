// Strings: UTF-8, counted in characters (code points).
#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/kinds/families.h"

namespace yard::graph {
namespace {

using String = In<DataType::kString>;
using StringOut = Out<DataType::kString>;

bool begins_character(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }

struct Concat {
  OrFault<StringOut> operator()(Many<String> parts) const {
    std::string whole;
    for (std::uint32_t i = 0; i < parts.size(); ++i) {
      if (whole.size() + parts[i].view().size() > kMadeTextBytesMax)
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
std::size_t character_at(std::string_view text, std::int64_t index) {
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
  bool operator()(String x, String part) const { return x.view().contains(part.view()); }
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

}  // namespace

void add_text(std::vector<Kind>& kinds) {
  using std::int64_t;
  kinds.push_back({.name = "Concat",
                   .summary = "All inputs, one behind the other.",
                   .inputs = {{"a"}, {"b"}},
                   .outputs = {"out"},
                   .overloads = {overload<Concat>()}});
  kinds.push_back({.name = "Length",
                   .summary = "How many characters x has.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<Length>()}});
  kinds.push_back({.name = "Substring",
                   .summary = "Of x, count characters from start on, as far as there are any.",
                   .inputs = {{"x"}, {"start", "0"}, {"count", "1"}},
                   .outputs = {"out"},
                   .overloads = {overload<Substring>()}});
  kinds.push_back({.name = "Contains",
                   .summary = "Whether part is within x.",
                   .inputs = {{"x"}, {"part"}},
                   .outputs = {"out"},
                   .overloads = {overload<Contains>()}});
  kinds.push_back({.name = "ToText",
                   .summary = "x as text, the shortest that reads back the same.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<ToText<bool>>(), overload<ToText<int64_t>>(), overload<ToText<double>>()}});
  kinds.push_back({.name = "ParseNumber",
                   .summary = "The number that x spells.",
                   .inputs = {{"x"}},
                   .outputs = {"out"},
                   .overloads = {overload<ParseNumber<int64_t>>(), overload<ParseNumber<double>>()}});
}

}  // namespace yard::graph
