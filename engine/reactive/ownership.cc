// Who made whom, and the end of nodes.
#include "engine/reactive/graph.h"

namespace yard::reactive {

NodeRef Graph::make(std::uint32_t marks, RunFn action, std::unique_ptr<State> state) {
  const NodeId id = arena_.make_node();
  if (id >= cold_.size()) cold_.resize(arena_.node_places());
  Node& one = node(id);
  set_marks(one, id, marks | born_with_, 0);
  one.height = (marks & kSource) != 0 ? 0 : 1;
  one.run = action;
  one.state = state.get();
  cold_[id].state = std::move(state);
  cold_[id].owner = frame_->owner();
  if (frame_->owner() != 0) adopt(id);
  return ref(id);
}

void Graph::adopt(NodeId id) {
  const NodeId owner = frame_->owner();
  Cold& parent = cold_[owner];
  cold_[id].next_owned = parent.first_owned;
  if (parent.first_owned != 0) cold_[parent.first_owned].prev_owned = id;
  parent.first_owned = id;
  node(owner).marks |= kOwns;
  node(id).marks |= kOwned;
}

void Graph::orphan(NodeId id) {
  Cold& child = cold_[id];
  if (child.owner == 0) return;
  (child.prev_owned == 0 ? cold_[child.owner].first_owned : cold_[child.prev_owned].next_owned) = child.next_owned;
  if (child.next_owned != 0) cold_[child.next_owned].prev_owned = child.prev_owned;
  child.owner = child.prev_owned = child.next_owned = 0;
}

void Graph::dispose(NodeRef ref) {
  if (!is_alive(ref)) return;
  orphan(ref.id);
  bury(ref.id);
  sweep();
}

void Graph::dispose_owned(NodeId owner) {
  while (const NodeId child = cold_[owner].first_owned) {
    orphan(child);
    bury(child);
  }
  node(owner).marks &= ~kOwns;
}

// Links stay until nothing runs: whoever runs may stand on one of them.
void Graph::bury(NodeId id) {
  std::size_t at = graves_.size();
  graves_.push_back(id);
  for (; at < graves_.size(); ++at) {
    const NodeId gone = graves_[at];
    Node& one = node(gone);
    const bool live = (one.marks & kLive) != 0;
    set_marks(one, gone, kDead, kRoot | kInvalid);
    for (NodeId child = cold_[gone].first_owned; child != 0; child = cold_[child].next_owned) graves_.push_back(child);
    cold_[gone].first_owned = 0;
    if (live) become_dormant(gone);
  }
}

void Graph::sweep() {
  if (frame_->running != 0) return;
  for (std::size_t at = 0; at < graves_.size(); ++at) {  // destroying an action may bury more
    const NodeId id = graves_[at];
    constexpr std::uint32_t kInReady = kQueued | kEffect;
    (node(id).marks & kInReady) == kQueued ? undead_.push_back(id) : free(id);
  }
  graves_.clear();
}

void Graph::sweep_queued() {
  graves_.insert(graves_.end(), undead_.begin(), undead_.end());
  undead_.clear();
  sweep();
}

void Graph::free(NodeId id) {
  while (const LinkId link = node(id).deps) disconnect(link);
  while (const LinkId link = node(id).subs) disconnect(link);
  policy_.freed(id);
  errors_.erase(id);
  names_.erase(id);
  const std::unique_ptr<State> state = std::move(cold_[id].state);
  cold_[id] = {};
  arena_.free_node(id);
}

}  // namespace yard::reactive
