// Running actions: the hot path.
#include "engine/reactive/graph.h"

namespace yard::reactive {
namespace {

// What has to be looked at before or after a run.
constexpr std::uint32_t kNotPlain =
    kHeld | kDead | kGated | kWatched | kOwns | kStatic | kWrites | kRaised | kFailed | kEmpty | kCyclic;

}  // namespace

inline Outcome Graph::call(const Node& one, NodeId id) {
  try {
    return one.run(*this, *one.state);
  } catch (...) {
    return caught(id);
  }
}

// Runs an action that nothing but itself goes with. `frame` is one that other runs leave as it was.
[[gnu::always_inline]] inline Outcome Graph::run_plainly(Node& one, NodeId id, Frame& frame) {
  const std::uint32_t marks = one.marks & ~(kInvalid | kQueued);
  one.marks = marks | kRunning;
  one.wave_runs = 1;
  frame.running = id;
  frame.next = one.deps;
  frame.again = ++stamp_;
  frame_ = &frame;
  const Outcome outcome = call(one, id);
  frame_ = frame.outer;
  Node& after = node(id);
  if (after.marks != (marks | kRunning) || frame.next != 0) [[unlikely]]
    return finish(id, frame, outcome);
  after.marks = marks;
  ++after.runs;
  return outcome;
}

// Marks the readers of `id`. The first of them is returned instead of queued, to run at once, if it is plain and reads
// nothing that may still change: along a chain there is no queue.
[[gnu::always_inline]] inline NodeId Graph::pass_on(NodeId id) {
  NodeId first = 0;
  mark_readers(id, [this, &first](Node& sub, NodeId reader) {
    if (first == 0)
      first = reader;
    else
      ready_.push(sub, reader);
  });
  if (first == 0) return 0;
  Node& sub = node(first);
  if ((sub.marks & kNotPlain) == 0 && sub.wave != wave_ && ready_.pass(sub, arena_.link(sub.deps).next_dep == 0)) {
    sub.wave = wave_;
    return first;
  }
  ready_.push(sub, first);
  return 0;
}

Outcome Graph::execute(NodeId id) {
  Node& one = node(id);
  if ((one.marks & kOwns) != 0) dispose_owned(id);
  Frame frame{.running = id, .outer = frame_, .careful_stamp = ++stamp_, .careful_next = one.deps};
  if ((one.marks & kStatic) != 0) frame.careful_next = 0;
  one.marks = (one.marks & ~kInvalid) | kRunning;
  frame_ = &frame;
  Outcome outcome = call(one, id);
  frame_ = frame.outer;
  outcome = finish(id, frame, outcome);
  if (outcome == Outcome::kChanged) mark_readers(id);
  return outcome;
}

void Graph::run_computations() {
  ++wave_;
  Frame frame{.outer = frame_};
  while (NodeId id = ready_.pop()) {
    Node& one = node(id);
    constexpr std::uint32_t kMatter = kInvalid | kLive | kQueued | kNotPlain;
    Outcome outcome = Outcome::kSame;
    if ((one.marks & kMatter) == (kInvalid | kLive | kQueued) && one.wave != wave_) [[likely]] {
      one.wave = wave_;
      for (NodeId next = id; next != 0; next = outcome == Outcome::kChanged ? pass_on(id) : 0) {
        id = next;
        outcome = run_plainly(node(id), id, frame);
      }
    } else if (still_ready(id)) {
      outcome = run(id);
    }
    if (outcome == Outcome::kAbandoned) [[unlikely]]
      pull(id);
  }
}

// Of a node that has just left the queue.
bool Graph::still_ready(NodeId id) {
  Node& one = node(id);
  one.marks &= ~(kQueued | kRaised);
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
  Frame frame{.outer = frame_};
  for (std::size_t i = 0; i < count; ++i) {
    const NodeId id = effects_.data()[i];
    Node& one = node(id);
    constexpr std::uint32_t kMatter = kInvalid | kLive | kEffect | kQueued | kOwned | kNotPlain;
    if ((one.marks & kMatter) == (kInvalid | kLive | kEffect | kQueued) && one.wave != settle_ && ready_.empty())
        [[likely]] {
      one.wave = settle_;
      ++wave_;
      run_plainly(one, id, frame);
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
  one.marks &= ~(kQueued | kRaised);
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
}

}  // namespace yard::reactive
