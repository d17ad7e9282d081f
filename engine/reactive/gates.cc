// Who has to wait: debounces, throttles, backoffs and slow cycles.
#include "engine/reactive/scheduler.h"

namespace yard::reactive {

Gate& Scheduler::gate(NodeId id) {
  graph_.node(id).marks |= kGated;
  return gates_[id];
}

void Scheduler::triggered(NodeId id) {
  Gate& one = gate(id);
  one.triggered(now_);
  if (one.eligible_at() > now_) hold(id, one);
}

void Scheduler::hold(NodeId id, Gate& gate) {
  graph_.set_held(id, true);
  const Nanos at = gate.eligible_at();
  if (at >= gate.wakes_at) return;
  gate.wakes_at = at;
  wakes_.add(at, graph_.ref(id));
}

void Scheduler::release(NodeId id) {
  if (gates_.at(id).backoff > Nanos(0)) probation_.push_back(graph_.ref(id));
  graph_.set_held(id, false);
}

void Scheduler::wake() {
  while (const auto at = next_timer()) {
    if (*at > now_) return;
    const NodeId id = wakes_.take().node.id;
    gates_.at(id).wakes_at = Nanos::max();
    release(id);
  }
}

// The first entry that is not out of date.
std::optional<Nanos> Scheduler::next_timer() {
  while (!wakes_.heap.empty()) {
    const Wakes::Wake first = wakes_.heap.front();
    const auto found = graph_.is_alive(first.node) ? gates_.find(first.node.id) : gates_.end();
    const bool known = found != gates_.end() && found->second.wakes_at == first.at;
    if (known && found->second.eligible_at() <= first.at) return first.at;
    wakes_.take();
    if (!known) continue;
    found->second.wakes_at = Nanos::max();
    hold(first.node.id, found->second);
  }
  return std::nullopt;
}

std::optional<Nanos> Scheduler::next_wake() {
  if (graph_.has_work() || !yielded_.empty()) return now_;
  return next_timer();
}

Status Scheduler::set_debounce(NodeRef action, Nanos debounce) {
  if (!graph_.is_alive(action)) return fail(ErrorCode::kGone, "the action is gone");
  Gate& one = gate(action.id);
  one.debounce = debounce;
  if (debounce == Nanos(0)) one.debounce_ready_at = Nanos::min();
  reconsider(action.id, one);
  return {};
}

Status Scheduler::set_throttle(NodeRef action, Nanos throttle) {
  if (!graph_.is_alive(action)) return fail(ErrorCode::kGone, "the action is gone");
  Gate& one = gate(action.id);
  one.throttle = throttle;
  if (throttle == Nanos(0)) one.throttle_ready_at = Nanos::min();
  reconsider(action.id, one);
  return {};
}

void Scheduler::reconsider(NodeId id, const Gate& gate) {
  if ((graph_.node(id).marks & kHeld) != 0 && gate.eligible_at() <= now_) release(id);
}

void Scheduler::exhaust(NodeId id) {
  Gate& one = gate(id);
  const bool first = one.back_off(now_);
  hold(id, one);
  if (!first) return;
  report(ProblemKind::kCycleLimit, id,
         {.code = ErrorCode::kOverQuota,
          .message = graph_.name_of(id) + " still changes after " + std::to_string(options_.iterations_max) + " runs",
          .retry_after_ms = static_cast<std::uint32_t>(one.backoff / Millis(1))});
}

// Whoever came to rest this time starts from the shortest backoff the next time.
void Scheduler::end_backoffs() {
  for (const NodeRef ref : probation_) {
    if (!graph_.is_alive(ref) || (graph_.node(ref.id).marks & (kInvalid | kLive)) == (kInvalid | kLive)) continue;
    gates_.at(ref.id).backoff = Nanos(0);
  }
  probation_.clear();
}

bool Scheduler::may_repeat(NodeId id) {
  const Node& node = graph_.node(id);
  if (node.wave_runs >= options_.iterations_max) {
    exhaust(id);
    return false;
  }
  if (node.wave_runs != 1 || !is_slow_cycle(id)) return true;
  yield(id);
  return false;
}

bool Scheduler::may_repeat_effect(NodeId id) {
  if (graph_.node(id).wave_runs < options_.iterations_max) return true;
  exhaust(id);
  return false;
}

bool Scheduler::is_slow_cycle(NodeId id) {
  if (costs_.empty()) return false;
  Nanos sum{0};
  for (const NodeId member : graph_.cycle_of(id)) sum += cost_of(member);
  return sum >= options_.slow_cycle;
}

void Scheduler::yield(NodeId id) {
  const NodeRef ref = graph_.ref(id);
  auto found = std::ranges::find(yielded_, ref, &Yielded::node);
  if (found == yielded_.end()) found = yielded_.insert(found, {.node = ref});
  found->waits = ++found->iterations < options_.iterations_max;
  if (found->waits)
    graph_.set_held(id, true);
  else
    exhaust(id);
}

void Scheduler::resume_yielded() {
  for (Yielded& one : yielded_) {
    one.waits = false;
    if (graph_.is_alive(one.node)) graph_.set_held(one.node.id, false);
  }
}

void Scheduler::end_yielded() {
  std::erase_if(yielded_, [this](const Yielded& one) { return !one.waits || !graph_.is_alive(one.node); });
}

}  // namespace yard::reactive
