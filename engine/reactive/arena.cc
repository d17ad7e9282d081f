#include "engine/reactive/arena.h"

namespace yard::reactive {

NodeId Arena::make_node() {
  if (free_nodes_ == 0) {
    YARD_CHECK(nodes_.size() < kNodesMax);
    nodes_.emplace_back();
    generations_.push_back(1);
    last_subs_.push_back(0);
    last_deps_.push_back(0);
    return static_cast<NodeId>(nodes_.size() - 1);
  }
  const NodeId id = free_nodes_;
  Node& place = node(id);
  free_nodes_ = place.next_queued;
  place = {};
  return id;
}

void Arena::free_node(NodeId id) {
  Node& place = node(id);
  ++generations_[id];
  place.marks = kDead;
  place.next_queued = free_nodes_;
  free_nodes_ = id;
}

LinkId Arena::connect(NodeId dep, NodeId sub, LinkId before) {
  LinkId id = free_links_;
  if (id == 0) {
    YARD_CHECK(links_.size() < kLinksMax);
    links_.emplace_back();
    id = static_cast<LinkId>(links_.size() - 1);
  } else {
    free_links_ = link(id).next_sub;
  }
  const LinkId after = before == 0 ? last_deps_[sub] : link(before).prev_dep;
  link(id) = {.dep = dep, .sub = sub, .prev_sub = last_subs_[dep], .prev_dep = after, .next_dep = before};
  (before == 0 ? last_deps_[sub] : link(before).prev_dep) = id;
  (after == 0 ? node(sub).deps : link(after).next_dep) = id;
  (last_subs_[dep] == 0 ? node(dep).subs : link(last_subs_[dep]).next_sub) = id;
  last_subs_[dep] = id;
  return id;
}

void Arena::disconnect(LinkId id) {
  Link& gone = link(id);
  (gone.prev_sub == 0 ? node(gone.dep).subs : link(gone.prev_sub).next_sub) = gone.next_sub;
  (gone.next_sub == 0 ? last_subs_[gone.dep] : link(gone.next_sub).prev_sub) = gone.prev_sub;
  (gone.prev_dep == 0 ? node(gone.sub).deps : link(gone.prev_dep).next_dep) = gone.next_dep;
  (gone.next_dep == 0 ? last_deps_[gone.sub] : link(gone.next_dep).prev_dep) = gone.prev_dep;
  gone = {.next_sub = free_links_};
  free_links_ = id;
}

}  // namespace yard::reactive
