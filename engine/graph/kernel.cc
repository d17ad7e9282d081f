#include "engine/graph/kernel.h"

namespace yard::graph::internal {

bool put_fault(const Run& run, const Fault& fault) {
  bool changed = false;
  const std::uint32_t end = run.frame.wiring.out_cell[run.node + 1];
  for (std::uint32_t cell = run.out; cell < end; ++cell) changed |= run.frame.cells.put(cell, fault);
  return changed;
}

bool hand_on_fault(const Run& run) {
  std::uint32_t input = 0;
  while ((run.marks[run.in[input]] & kFaulty) == 0) ++input;
  // A copy: putting faults may move the one that is handed on.
  const Fault fault = run.frame.cells.faults.at(run.in[input]);
  return put_fault(run, fault);
}

}  // namespace yard::graph::internal
