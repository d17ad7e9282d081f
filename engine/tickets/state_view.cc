#include "engine/tickets/state_view.h"

#include <ranges>

namespace yard::tickets {

BytesView StateView::value(Slot slot) const {
  if (slot == kNoSlot) return {};
  if (result_ != nullptr)
    for (const StepResult::Write& write : result_->writes | std::views::reverse)
      if (write.slot == slot) return result_->view(write.value);
  if (changes_ != nullptr)
    if (const Changes::Change* change = changes_->find(slot)) return change->value;
  return table_[slot].value;
}

std::uint64_t StateView::version(Slot slot) const {
  if (slot == kNoSlot) return 0;
  if (changes_ != nullptr)
    if (const Changes::Change* change = changes_->find(slot)) return change->version;
  return table_[slot].version;
}

}  // namespace yard::tickets
