// JSON pointers, made of parts when a problem is reported.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace yard::graph {

inline void append_pointer(std::string& pointer, std::string_view part) {
  pointer += '/';
  for (const char c : part) {
    if (c == '~')
      pointer += "~0";
    else if (c == '/')
      pointer += "~1";
    else
      pointer += c;
  }
}
inline void append_pointer(std::string& pointer, std::size_t index) { pointer += '/' + std::to_string(index); }

// pointer("/modules/0", "nodes", 3, "type") is /modules/0/nodes/3/type; the first part is taken as it is.
template <typename... Parts>
[[nodiscard]] std::string make_pointer(std::string base, const Parts&... parts) {
  (append_pointer(base, parts), ...);
  return base;
}

}  // namespace yard::graph
