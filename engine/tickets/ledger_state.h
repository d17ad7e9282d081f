// LedgerState: what steps change, and what a roll back brings back.
#pragma once

#include <vector>

#include "engine/tickets/definition.h"
#include "engine/tickets/entity_table.h"
#include "engine/tickets/ready_queue.h"

namespace yard::tickets {

struct LedgerState {
  EntityTable table;
  ReadyQueue queue;
  std::vector<std::uint64_t> budgets;  // what is left

  // As it is before anything happened.
  [[nodiscard]] static LedgerState initial(const Definition& definition);

  // Equal states are equal bytes.
  [[nodiscard]] Bytes save() const;

  // Errors: kBadFrame.
  [[nodiscard]] static Result<LedgerState> load(const Definition& definition, BytesView bytes);
};

}  // namespace yard::tickets
