// Reading what may be stale: everything that it depends on is made valid first.
#include "engine/reactive/failure.h"
#include "engine/reactive/graph.h"

namespace yard::reactive {
namespace {

// Unwinds the actions that are stuck in their reads.
struct Abandon {};

class Rewind {
 public:
  explicit Rewind(auto& steps) : steps_(steps), base_(steps.size()) {}
  ~Rewind() { steps_.resize(base_); }
  Rewind(const Rewind&) = delete;
  Rewind& operator=(const Rewind&) = delete;
  [[nodiscard]] std::size_t base() const { return base_; }

 private:
  std::vector<Graph::Step>& steps_;
  std::size_t base_;
};

}  // namespace

// How many computations wait in their reads for what runs now.
std::uint32_t Graph::depth() const {
  std::uint32_t depth = 0;
  for (const Frame* frame = frame_; frame->running != 0 && (node(frame->running).marks & kEffect) == 0;
       frame = frame->outer)
    ++depth;
  return depth;
}

// A cycle needs more than one walk; anything else is valid after the first.
void Graph::pull(NodeId root) {
  if (!is_unsure(root)) return;
  const Rewind rewind(walk_);
  while (walk(root, rewind.base())) {
  }
}

// Depth first and inputs before readers, on a stack of our own. Returns whether another walk is needed.
bool Graph::walk(NodeId root, std::size_t base) {
  bool ran = false;
  const std::uint32_t nested = depth();
  const std::uint32_t limit = ready_.limit();
  enter_walk(root);
  while (walk_.size() > base) {
    Step& top = walk_.back();
    // A run in between may have put the link to another use; the walk after this one looks again.
    if (top.next != 0 && arena_.link(top.next).sub == top.id) {
      const NodeId dep = arena_.link(top.next).dep;
      top.next = arena_.link(top.next).next_dep;
      if (is_unsure(dep)) enter_walk(dep);
      continue;
    }
    const NodeId id = top.id;
    walk_.pop_back();
    if (!may_run(id)) continue;
    if (nested >= kNestedMax) abandon(root);
    ran = true;
    ready_.lower_limit(node(id).height);
    const Outcome outcome = run(id);
    ready_.restore_limit(limit);
    if (outcome != Outcome::kAbandoned) continue;
    if (nested > 0) abandon(root);
    enter_walk(id);  // now it is known what it reads
  }
  return ran && is_unsure(root);
}

void Graph::enter_walk(NodeId id) {
  cold_[id].verified_at = epoch_;
  verified_below_ = std::max(verified_below_, node(id).height + 1);
  ++walked_;
  walk_.push_back({id, node(id).deps});
}

bool Graph::is_unsure(NodeId id) {
  const Node& one = node(id);
  if ((one.marks & kFresh) != 0 && one.height < ready_.limit()) return false;
  if ((one.marks & kRunning) != 0) {
    if (policy_.rejects_cycles()) reject_cycle(id);
    return false;
  }
  return (one.marks & kDead) == 0 && cold_[id].verified_at != epoch_;
}

bool Graph::may_run(NodeId id) const {
  constexpr std::uint32_t kAll = kInvalid | kHeld | kRunning | kDead;
  return (node(id).marks & kAll) == kInvalid;
}

void Graph::forget_verified() {
  ++epoch_;
  verified_below_ = 0;
}

bool Graph::is_settled(NodeId id) {
  std::vector<NodeId> found{id};
  cold_[id].seen_at = ++seen_;
  for (std::size_t i = 0; i < found.size(); ++i, ++walked_) {
    if ((node(found[i]).marks & kInvalid) != 0) return false;
    for (LinkId at = node(found[i]).deps; at != 0; at = arena_.link(at).next_dep) {
      const NodeId dep = arena_.link(at).dep;
      if (cold_[dep].seen_at == seen_) continue;
      cold_[dep].seen_at = seen_;
      found.push_back(dep);
    }
  }
  return true;
}

bool Graph::settle_inputs(NodeId id) {
  for (LinkId at = node(id).deps; at != 0; at = arena_.link(at).next_dep) {
    const NodeId dep = arena_.link(at).dep;
    pull(dep);
    if (!is_settled(dep)) return false;
  }
  return true;
}

// The link is made, so that the next attempt finds `wanted` before it runs the reader.
void Graph::abandon(NodeId wanted) {
  forget_verified();
  if (frame_->running != 0) node(frame_->running).marks |= kInvalid;
  track(wanted);
  abandoning_ = true;
  throw Abandon();
}

void Graph::reject_cycle(NodeId through) const {
  std::string path = name_of(through);
  for (const Frame* frame = frame_; frame != nullptr && frame->running != through; frame = frame->outer)
    if (frame->running != 0) path.insert(0, " reads ").insert(0, name_of(frame->running));
  throw Failure(
      {.code = ErrorCode::kInvalidArguments, .message = "depends on itself: " + name_of(through) + " reads " + path});
}

}  // namespace yard::reactive
