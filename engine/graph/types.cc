#include "engine/graph/types.h"

#include <array>
#include <utility>

namespace yard::graph {
namespace {

constexpr std::array kTypeNames = {std::string_view("bool"),   std::string_view("int64"), std::string_view("double"),
                                   std::string_view("string"), std::string_view("bytes"), std::string_view("json")};

}  // namespace

std::string_view name_of(DataType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

std::optional<DataType> data_type(std::string_view name) {
  for (std::size_t i = 0; i < kTypeNames.size(); ++i)
    if (kTypeNames[i] == name) return static_cast<DataType>(i);
  if (name == "int") return DataType::kInt64;
  if (name == "float") return DataType::kDouble;
  return std::nullopt;
}

std::string_view name_of(PortClass port_class) { return port_class == PortClass::kLevel ? "level" : "event"; }

std::string_view name_of(NodeRole role) {
  switch (role) {
    case NodeRole::kSource: return "source";
    case NodeRole::kCompute: return "compute";
    case NodeRole::kEffect: return "effect";
    case NodeRole::kTimer: return "timer";
  }
  return "?";
}

}  // namespace yard::graph
