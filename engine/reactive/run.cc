// Running actions: the hot path.
#include "engine/reactive/graph.h"

namespace yard::reactive {

// Runs the action; `one` is node `id`, and may lie elsewhere afterwards. It loses kInvalid and the mark `queued`:
// kQueued if it has just left its queue, which it else still lies in.
[[gnu::always_inline]] inline Outcome Graph::run_action(Node& one, NodeId id, std::uint32_t queued) {
  const std::uint32_t marks = one.marks;
  one.marks = (marks & ~(kInvalid | queued)) | kRunning;
  Frame* const outer = frame_;
  Frame frame{.running = id, .next = one.deps, .stamp = ++stamp_, .outer = outer};
  if ((marks & (kOwns | kStatic)) != 0) [[unlikely]] {
    if ((marks & kStatic) != 0) frame.next = 0;
    if ((marks & kOwns) != 0) dispose_owned(id);
  }
  frame_ = &frame;
  const Outcome outcome = one.run(*this, id, one.state);
  frame_ = outer;
  Node& after = node(id);
  const std::uint32_t now = after.marks & ~kRunning;
  after.marks = now;
  ++after.runs;
  if (frame.next == 0 && (now & (kInvalid | kDead | kUnfit)) == 0) [[likely]]
    return outcome;
  return finish(id, frame, outcome);
}

Outcome Graph::execute(NodeId id) {
  const Outcome outcome = run_action(node(id), id, 0);
  if (outcome == Outcome::kChanged) mark_readers(id);
  return outcome;
}

void Graph::run_computations() {
  ++wave_;
  NodeId id = ready_.pop();
  while (id != 0) {
    Node& one = node(id);
    constexpr std::uint32_t kMatter = kInvalid | kLive | kHeld | kDead | kGated;
    if ((one.marks & kMatter) != (kInvalid | kLive) || one.wave == wave_ || one.height != ready_.limit() || watched_)
        [[unlikely]] {
      if (still_ready(id) && run(id) == Outcome::kAbandoned) pull(id);
      id = ready_.pop();
      continue;
    }
    one.wave = wave_;
    one.wave_runs = 1;
    const Outcome outcome = run_action(one, id, kQueued);
    if (outcome == Outcome::kAbandoned) [[unlikely]]
      pull(id);
    const NodeId next = outcome == Outcome::kChanged ? mark_and_take(id) : 0;
    if (next != 0 && ready_.pass(node(next))) {
      id = next;
    } else {
      if (next != 0) ready_.push(node(next), next);
      id = ready_.pop();
    }
  }
}

// Of a node that has just left the queue.
bool Graph::still_ready(NodeId id) {
  Node& one = node(id);
  one.marks &= ~kQueued;
  constexpr std::uint32_t kAll = kInvalid | kLive | kHeld | kDead;
  if ((one.marks & kAll) != (kInvalid | kLive)) return false;
  if (one.height <= ready_.limit()) return true;
  ready_.push(one, id);
  return false;
}

Outcome Graph::run(NodeId id) {
  Node& one = node(id);
  if (one.wave != wave_) {
    one.wave = wave_;
    one.wave_runs = 0;
  } else if (one.wave_runs > 0 && !policy_.may_repeat(id)) {
    return Outcome::kSame;
  }
  ++one.wave_runs;
  return is_watched(one) ? policy_.run_watched(id) : execute(id);
}

void Graph::run_effects() {
  const std::size_t count = effects_.size();
  for (std::size_t i = 0; i < count; ++i) {
    const NodeId id = effects_[i];
    Node& one = node(id);
    constexpr std::uint32_t kMatter = kInvalid | kLive | kEffect | kQueued | kHeld | kDead | kGated | kOwned;
    if ((one.marks & kMatter) == (kInvalid | kLive | kEffect | kQueued) && one.wave != settle_ && !watched_)
        [[likely]] {
      one.wave = settle_;
      one.wave_runs = 1;
      ++wave_;
      if (run_action(one, id, kQueued) == Outcome::kChanged) mark_readers(id);
      if ((node(id).marks & kFailed) != 0) [[unlikely]]
        policy_.effect_failed(id);
    } else if (still_due(id)) {
      run_effect(id);
    }
  }
  if (effects_.size() == count)
    effects_.clear();
  else
    effects_.erase(effects_.begin(), effects_.begin() + static_cast<std::ptrdiff_t>(count));
}

// Of an effect whose turn it is.
bool Graph::still_due(NodeId id) {
  Node& one = node(id);
  if ((one.marks & kEffect) == 0) return false;
  const std::uint32_t marks = one.marks;
  one.marks &= ~kQueued;
  constexpr std::uint32_t kDue = kInvalid | kLive | kQueued;
  if ((marks & (kDue | kHeld | kDead)) != kDue) return false;
  if (waits_for_owner(id)) {
    one.marks |= kQueued;
    effects_.push_back(id);
    return false;
  }
  if (one.wave != settle_) {
    one.wave = settle_;
    one.wave_runs = 0;
  } else if (!policy_.may_repeat_effect(id)) {
    return false;
  }
  ++one.wave_runs;
  return true;
}

// An outer effect that is to run ends the inner one.
bool Graph::waits_for_owner(NodeId id) const {
  constexpr std::uint32_t kDue = kInvalid | kQueued | kEffect;
  for (NodeId owner = cold_[id].owner; owner != 0; owner = cold_[owner].owner)
    if ((node(owner).marks & (kDue | kHeld)) == kDue) return true;
  return false;
}

void Graph::run_effect(NodeId id) {
  ++wave_;
  if (is_watched(node(id)))
    policy_.run_watched(id);
  else
    execute(id);
  if ((node(id).marks & kFailed) != 0) policy_.effect_failed(id);
}

}  // namespace yard::reactive
