// StateView: the values at one moment, as a step or an invariant sees them.
#pragma once

#include <ranges>

#include "engine/tickets/changes.h"
#include "engine/tickets/step_result.h"

namespace yard::tickets {

// Borrows all that it is made of. What is read stays valid during the call that got the view.
//
// Threads: as many as look at the same snapshot; with changes, the committer's.
class StateView {
 public:
  // Later ones go before earlier ones; either may be missing.
  StateView(const EntityTable& table, const std::vector<std::uint64_t>& budgets, const Changes* changes = nullptr,
            const StepResult* result = nullptr)
      : table_(table), budgets_(budgets), changes_(changes), result_(result) {}

  // Empty for an entity that never was.
  [[nodiscard]] BytesView state(const EntityName& name) const { return value(table_.find(name)); }
  [[nodiscard]] BytesView cell(CellId cell) const { return value(cell.value()); }

  // What is left. What the step at hand takes is not counted.
  [[nodiscard]] std::uint64_t budget(BudgetId budget) const { return budgets_[budget.value()]; }

  [[nodiscard]] Slot find(const EntityName& name) const { return table_.find(name); }
  [[nodiscard]] BytesView value(Slot slot) const {
    if (slot == kNoSlot) return {};
    if (result_ != nullptr)
      for (const StepResult::Write& write : result_->writes | std::views::reverse)
        if (write.slot == slot) return result_->view(write.value);
    if (changes_ != nullptr)
      if (const Changes::Change* change = changes_->find(slot)) return change->value;
    return table_[slot].value;
  }

  // The ticket that changed it last.
  [[nodiscard]] std::uint64_t version(Slot slot) const {
    if (slot == kNoSlot) return 0;
    if (changes_ != nullptr)
      if (const Changes::Change* change = changes_->find(slot)) return change->version;
    return table_[slot].version;
  }

 private:
  const EntityTable& table_;
  const std::vector<std::uint64_t>& budgets_;
  const Changes* changes_;
  const StepResult* result_;
};

}  // namespace yard::tickets
