// Which of a kind's overloads a node is, by the ports that the document declares.
#pragma once

#include "engine/graph/document.h"
#include "engine/graph/kind.h"

namespace yard::graph {

// What is wrong with a node's ports: `part` and `index` make the pointer.
struct PortProblem {
  ProblemCode code;
  bool is_output;
  std::uint32_t index;  // kWhole: the list as such
  const char* member;   // "id", "type" or none
  std::string message;

  static constexpr std::uint32_t kWhole = UINT32_MAX;
};

// nullptr after having appended to `problems`.
[[nodiscard]] const Overload* choose_overload(const Document& document, const NodeRow& row, const Kind& kind,
                                              std::vector<PortProblem>& problems);

}  // namespace yard::graph
