#include "tools/tool.h"

#include <array>

namespace yard::tools {

std::string_view name_of(ToolKind kind) {
  constexpr std::array<std::string_view, 3> kNames = {"immediate", "job", "ack"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string_view name_of(TimeoutClass timeout_class) {
  constexpr std::array<std::string_view, 3> kNames = {"short", "medium", "long"};
  return kNames[static_cast<std::size_t>(timeout_class)];
}

}  // namespace yard::tools
