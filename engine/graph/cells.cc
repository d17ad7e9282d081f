#include "engine/graph/cells.h"

namespace yard::graph {

std::string_view name_of(FaultCode code) {
  switch (code) {
    case FaultCode::kOverflow: return "overflow";
    case FaultCode::kDivisionByZero: return "division_by_zero";
    case FaultCode::kNotFound: return "not_found";
    case FaultCode::kBadInput: return "bad_input";
    case FaultCode::kTooLarge: return "too_large";
  }
  return "unknown";
}

bool Cells::put(std::uint32_t cell, Fault fault) {
  Fault& place = faults[cell];
  const bool changed = (marks[cell] & kFaulty) == 0 || !(place == fault);
  marks[cell] |= kFaulty;
  if (changed) place = std::move(fault);
  return mark(cell, changed);
}

void Cells::settle() {
  for (Mark& mark : marks) mark &= static_cast<Mark>(~kChanged);
  for (auto& [cell, queue] : events) queue.clear();
}

}  // namespace yard::graph
