// Running: events, computations and effects in turns, until nothing is left.
#include "engine/reactive/scheduler.h"

namespace yard::reactive {

bool Scheduler::settle() {
  if (settling_ || batches_ > 0 || graph_.frame().running != 0) return false;
  const Restore settling(settling_, true);
  graph_.begin_settle();
  if (!yielded_.empty()) resume_yielded();
  std::size_t events_left = kEventsMax;
  do {
    if (!events_.empty()) deliver_events(events_left);
    graph_.run_computations();
    graph_.run_effects();
  } while (graph_.has_work());
  if (!yielded_.empty()) end_yielded();
  if (!probation_.empty()) end_backoffs();
  if (graph_.has_graves()) graph_.sweep_queued();
  return !yielded_.empty() || (events_left == 0 && !events_.empty());
}

bool Scheduler::advance(Nanos now) {
  now_ = std::max(now_, now);
  wake();
  return settle();
}

void Scheduler::deliver_events(std::size_t& left) {
  for (; left > 0 && !events_.empty(); --left) {
    const NodeRef handler = events_.front();
    if (graph_.is_alive(handler) && !graph_.settle_inputs(handler.id)) return;
    events_.pop_front();
    if (graph_.is_alive(handler)) graph_.run_effect(handler.id);
  }
}

bool Scheduler::idle() const {
  if (graph_.has_work() || !events_.empty() || !yielded_.empty()) return false;
  return std::ranges::none_of(gates_, [this](const auto& entry) {
    constexpr std::uint32_t kWaits = kInvalid | kLive | kHeld;
    const auto& [id, gate] = entry;
    return (graph_.node(id).marks & (kWaits | kDead)) == kWaits && gate.backoff_until <= now_;
  });
}

}  // namespace yard::reactive
