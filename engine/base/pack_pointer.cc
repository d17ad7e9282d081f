#include "engine/base/pack_pointer.h"

#include <charconv>
#include <string>

namespace yard {
namespace {

// "~1" stands for "/", "~0" for "~".
std::string unescaped(std::string_view token) {
  std::string text;
  for (std::size_t at = 0; at < token.size(); ++at) {
    const bool escape = token[at] == '~' && at + 1 < token.size();
    text.push_back(!escape ? token[at] : token[++at] == '1' ? '/' : '~');
  }
  return text;
}

PackView element(PackView array, std::string_view token) {
  std::size_t index = 0;
  const auto [end, problem] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool canonical =
      problem == std::errc{} && end == token.data() + token.size() && (token == "0" || token[0] != '0');
  PackView found;
  std::size_t at = 0;
  array.each_element([&](PackView value) {
    if (canonical && at++ == index) found = value;
  });
  return found;
}

}  // namespace

PackView at_pointer(PackView value, std::string_view pointer) {
  while (!pointer.empty() && value) {
    pointer.remove_prefix(1);
    const std::string_view token = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(token.size());
    value = value.type() == PackType::kArray ? element(value, token) : value.find(unescaped(token));
  }
  return value;
}

bool is_pointer(std::string_view pointer) {
  if (!pointer.empty() && pointer[0] != '/') return false;
  for (std::size_t at = pointer.find('~'); at != std::string_view::npos; at = pointer.find('~', at + 1)) {
    if (at + 1 == pointer.size() || (pointer[at + 1] != '0' && pointer[at + 1] != '1')) return false;
  }
  return true;
}

}  // namespace yard
