// Changes: what a batch's earlier tickets changed, beside the snapshot that all of the batch read.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/tickets/entity_table.h"

namespace yard::tickets {

// The snapshot itself stays as it is until the batch is over, so that workers may read it while the committer goes on.
//
// Threads: the committer's.
class Changes {
 public:
  struct Change {
    Slot slot = kNoSlot;
    std::uint64_t version = 0;
    BytesView value;  // lies in the result of the ticket `version`, which outlives the batch
  };

  // Forgets everything; `slots` is the table's size.
  void begin(std::size_t slots, const std::vector<std::uint64_t>& budgets) {
    for (const Change& change : list_) of_slot_[change.slot] = kNone;
    list_.clear();
    of_slot_.resize(slots, kNone);
    budgets_ = budgets;
  }

  void set(const Change& change) {
    std::uint32_t& at = of_slot_[change.slot];
    if (at == kNone) {
      at = static_cast<std::uint32_t>(list_.size());
      list_.push_back(change);
    } else {
      list_[at] = change;
    }
  }

  [[nodiscard]] const Change* find(Slot slot) const {
    return of_slot_[slot] == kNone ? nullptr : &list_[of_slot_[slot]];
  }

  [[nodiscard]] const std::vector<Change>& list() const { return list_; }
  [[nodiscard]] const std::vector<std::uint64_t>& budgets() const { return budgets_; }
  [[nodiscard]] std::uint64_t& budget(BudgetId id) { return budgets_[id.value()]; }

 private:
  static constexpr std::uint32_t kNone = UINT32_MAX;
  std::vector<std::uint32_t> of_slot_;
  std::vector<Change> list_;
  std::vector<std::uint64_t> budgets_;  // what is left
};

}  // namespace yard::tickets
