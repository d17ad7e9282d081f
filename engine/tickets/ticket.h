// Ticket: one step with its place in the order.
#pragma once

#include <cstdint>

#include "engine/tickets/step_context.h"

namespace yard::tickets {

enum class Verdict : std::uint8_t { kCommitted, kFailed, kSkipped, kBroken };

// Kept from batch to batch for its result's memory.
struct Ticket {
  std::uint64_t event_id = 0;
  Slot slot = kNoSlot;
  Event event;
  StepResult result;
  Verdict verdict = Verdict::kSkipped;
  bool recomputed = false;  // something that it had read was changed by an earlier ticket of its batch
};

}  // namespace yard::tickets
