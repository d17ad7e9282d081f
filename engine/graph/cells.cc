#include "engine/graph/cells.h"

namespace yard::graph {

std::string_view name_of(FaultCode code) {
  switch (code) {
    case FaultCode::kOverflow: return "overflow";
    case FaultCode::kDivisionByZero: return "division_by_zero";
    case FaultCode::kNotFound: return "not_found";
    case FaultCode::kBadInput: return "bad_input";
    case FaultCode::kTooLarge: return "too_large";
    case FaultCode::kCallFailed: return "call_failed";
  }
  return "unknown";
}

std::optional<FaultCode> fault_code(std::uint8_t number) {
  using enum FaultCode;
  for (const FaultCode code : {kOverflow, kDivisionByZero, kNotFound, kBadInput, kTooLarge, kCallFailed})
    if (number == static_cast<std::uint8_t>(code)) return code;
  return std::nullopt;
}

Fault Faults::at(std::uint32_t cell) const {
  const MutexLock lock(mutex_);
  return by_cell_.at(cell);
}

bool Faults::put(std::uint32_t cell, Fault fault) {
  const MutexLock lock(mutex_);
  const auto [place, is_new] = by_cell_.try_emplace(cell, fault);
  if (is_new) return true;
  if (place->second == fault) return false;
  place->second = std::move(fault);
  return true;
}

void Faults::erase(std::uint32_t cell) {
  const MutexLock lock(mutex_);
  by_cell_.erase(cell);
}

bool Cells::put(std::uint32_t cell, Fault fault) {
  const bool was_faulty = (marks[cell] & kFaulty) != 0;
  marks[cell] |= kFaulty;
  return mark(cell, faults.put(cell, std::move(fault)) || !was_faulty);
}

void Cells::settle() {
  for (Mark& mark : marks) mark &= static_cast<Mark>(~kChanged);
  for (auto& [cell, queue] : events) queue.clear();
}

}  // namespace yard::graph
