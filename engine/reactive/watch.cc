// Looking at how actions run: what they cost, and whether they do the same twice.
#include "engine/reactive/scheduler.h"

namespace yard::reactive {
namespace {

// An effect that costs this much on average, over this many runs, is debounced by as much as follows.
constexpr Nanos kSlowEffect = Millis(50);
constexpr std::uint64_t kSlowEffectRuns = 3;
constexpr Nanos kSlowEffectDebounce = Millis(100);

}  // namespace

Outcome Scheduler::run_watched(NodeId id) {
  const NodeRef ref = graph_.ref(id);
  const Nanos around = std::exchange(nested_, Nanos(0));
  const Nanos began = options_.meter != nullptr ? options_.meter->now() : Nanos(0);
  const Outcome outcome = graph_.execute(id);
  const Nanos elapsed = options_.meter != nullptr ? options_.meter->now() - began : Nanos(0);
  const Nanos own = elapsed - nested_;
  nested_ = around + elapsed;
  if (outcome == Outcome::kAbandoned || !graph_.is_alive(ref)) return outcome;
  if (options_.meter != nullptr) measure(id, own);
  const Node& node = graph_.node(id);
  if ((node.marks & kGated) != 0) gates_.at(id).ran(now_);
  if ((node.marks & kEffect) != 0)
    decide_debounce(ref);
  else if (options_.check_idempotence)
    recheck(ref);
  return outcome;
}

void Scheduler::measure(NodeId id, Nanos elapsed) {
  if (costs_.size() <= id) costs_.resize(graph_.node_places());
  Cost& cost = costs_[id];
  cost.total += elapsed;
  cost.last = elapsed;
  ++cost.runs;
}

Nanos Scheduler::cost_of(NodeId id) const {
  if (id >= costs_.size()) return Nanos(0);
  const Cost& cost = costs_[id];
  if (cost.declared > Nanos(0) || cost.runs == 0) return cost.declared;
  return cost.total / static_cast<std::int64_t>(cost.runs);
}

void Scheduler::decide_debounce(NodeRef effect) {
  if (effect.id >= costs_.size() || !costs_[effect.id].auto_debounce) return;
  const std::uint64_t runs = graph_.node(effect.id).runs;
  const bool slow = runs >= kSlowEffectRuns && cost_of(effect.id) >= kSlowEffect;
  const Decision proposed{.action = effect, .run = runs, .debounce = slow ? kSlowEffectDebounce : Nanos(0)};
  const Nanos decided = options_.decisions != nullptr ? options_.decisions->decide(proposed) : proposed.debounce;
  if (decided == Nanos(0)) return;
  costs_[effect.id].auto_debounce = false;
  gate(effect.id).debounce = decided;
}

// The second run is on the same inputs: a computation has no reason to change anything.
void Scheduler::recheck(NodeRef computation) {
  const NodeId id = computation.id;
  graph_.node(id).marks &= ~kWrote;
  const Outcome again = graph_.execute(id);
  if (again == Outcome::kAbandoned || !graph_.is_alive(computation)) return;
  if (again == Outcome::kSame && (graph_.node(id).marks & kWrote) == 0) return;
  if (costs_.size() <= id) costs_.resize(graph_.node_places());
  if (std::exchange(costs_[id].reported, true)) return;
  report(ProblemKind::kNotIdempotent, id,
         {.code = ErrorCode::kToolFailed, .message = graph_.name_of(id) + " does something else when it runs again"});
}

}  // namespace yard::reactive
