#include "engine/reactive/graph.h"

namespace yard::reactive {

void Graph::declare_read(NodeId source, NodeId reader) {
  connect(source, reader, 0, 0);
  fit_height(reader);
}

void Graph::declare_write(NodeId writer, NodeId source) {
  connect(writer, source, 0, 0);
  Node& one = node(source);
  if ((one.marks & kLive) == 0) set_marks(one, source, 0, kFresh);
  node(writer).marks |= kWrites;
  fit_height(source);
}

bool Graph::declares_write(NodeId writer, NodeId source) {
  for (LinkId at = node(source).deps; at != 0; at = arena_.link(at).next_dep)
    if (arena_.link(at).dep == writer) return true;
  return false;
}

void Graph::connect(NodeId dep, NodeId sub, LinkId before, std::uint64_t stamp) {
  arena_.link(arena_.connect(dep, sub, before)).stamp = stamp;
  if ((node(sub).marks & kLive) != 0) gain_reader(dep);
}

void Graph::disconnect(LinkId id) {
  const Link link = arena_.link(id);
  if (!back_links_.empty()) back_links_.erase(id);
  arena_.disconnect(id);
  if ((node(link.sub).marks & kLive) != 0) lose_reader(link.dep);
}

const Node& Graph::read_slowly(NodeRef ref) {
  const NodeId id = ref.id;
  if (arena_.generation(id) != ref.generation) throw_unreadable(ref);
  pull(id);
  track(id);
  if ((node(id).marks & kUnreadable) != 0) throw_unreadable(ref);
  return node(id);
}

void Graph::note_write() {
  node(frame_->running).marks |= kWrote;
  for (Frame* frame = frame_; frame != nullptr; frame = frame->outer) be_careful(*frame);
}

void Graph::be_careful(Frame& frame) {
  frame.be_careful();
  node(frame.running).marks |= kDisturbed;
}

// The running action depends on `id`.
void Graph::track(NodeId id) {
  Frame& frame = *frame_;
  const NodeId reader = frame.running;
  if (reader == 0 || frame.untracked || (node(reader).marks & kStatic) != 0) return;
  Node& dep = node(id);
  if (dep.height >= node(reader).height) node(reader).marks |= kUnfit;
  LinkId& position = frame.position();
  Link& link = arena_.link(position);
  if (link.dep == id) {
    link.stamp = frame.stamp();
    position = link.next_dep;
  } else if (dep.read_stamp != frame.stamp()) {
    connect(id, reader, position, frame.stamp());
  }
  node(id).read_stamp = frame.stamp();
}

void Graph::trim(Frame& frame) {
  for (LinkId at = frame.position(); at != 0;) {
    const LinkId next = arena_.link(at).next_dep;
    disconnect(at);
    at = next;
  }
}

Outcome Graph::finish(NodeId id, Frame& frame, Outcome outcome) {
  Node& one = node(id);
  one.marks &= ~(kRunning | kDisturbed);
  if (abandoning_ || outcome == Outcome::kAbandoned) {
    abandoning_ = false;
    --one.wave_runs;
    return Outcome::kAbandoned;
  }
  ++one.runs;
  outcome = settle_error(id, outcome);
  if ((node(id).marks & kDead) != 0) return Outcome::kSame;
  trim(frame);
  if ((node(id).marks & kUnfit) != 0) fit_height(id);
  if ((node(id).marks & kInvalid) == 0) return outcome;
  if ((node(id).marks & kGated) != 0) policy_.triggered(id);
  schedule(id);
  return outcome;
}

// What its value's coming, or its error, means to its readers.
Outcome Graph::settle_error(NodeId id, Outcome outcome) {
  if (outcome == Outcome::kBegun) {
    recover(id);
    if ((node(id).marks & kWrites) != 0) recover_written(id);
    outcome = Outcome::kChanged;
  } else if ((node(id).marks & (kWrites | kFailed)) == (kWrites | kFailed)) {
    fail_written(id);
  } else if ((node(id).marks & (kEffect | kFailed)) == (kEffect | kFailed)) {
    policy_.effect_failed(id);
  }
  return (node(id).marks & kWrites) != 0 ? Outcome::kSame : outcome;
}

// All changes of what decides whether it can be read as it is come this way.
void Graph::set_marks(Node& one, NodeId id, std::uint32_t more, std::uint32_t less) {
  one.marks = (one.marks | more) & ~less;
  one.readable = (one.marks & (kFresh | kUnreadable)) == kFresh ? arena_.generation(id) : 0;
}

void Graph::touch(const Link& link) {
  const NodeId id = link.sub;
  Node& sub = node(id);
  if ((sub.marks & kRunning) != 0) {
    // What it reads later in this run is new already.
    if (is_running_and_has_read(link)) sub.marks |= kInvalid;
    return;
  }
  if ((sub.marks & kInvalid) == 0) invalidate(sub);
  if ((sub.marks & kGated) != 0) policy_.triggered(id);
  schedule(id);
}

bool Graph::is_running_and_has_read(const Link& link) const {
  for (const Frame* frame = frame_; frame != nullptr; frame = frame->outer)
    if (frame->running == link.sub && frame->stamp() == link.stamp) return true;
  return false;
}

void Graph::schedule(NodeId id) {
  Node& one = node(id);
  constexpr std::uint32_t kAll = kInvalid | kLive | kHeld | kRunning | kQueued | kDead;
  if ((one.marks & kAll) != (kInvalid | kLive)) return;
  if (one.height < verified_below_) forget_verified();
  if ((one.marks & kEffect) == 0) return ready_.push(one, id);
  one.marks |= kQueued;
  effects_.push_back(id);
}

void Graph::set_held(NodeId id, bool held) {
  Node& one = node(id);
  if (held) {
    one.marks |= kHeld;
    return;
  }
  one.marks &= ~kHeld;
  forget_verified();
  schedule(id);
}

std::string Graph::name_of(NodeId id) const {
  const auto found = names_.find(id);
  return found == names_.end() ? "#" + std::to_string(id) : found->second;
}

}  // namespace yard::reactive
