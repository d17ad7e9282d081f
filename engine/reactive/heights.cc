// Heights: every node above what it reads, where there is no cycle.
#include <algorithm>

#include "engine/reactive/graph.h"

namespace yard::reactive {

void Graph::fit_height(NodeId id) {
  node(id).marks &= ~kUnfit;
  if (node(id).subs != 0 && find_back_links(id) && policy_.rejects_cycles()) {
    // Run again, it meets itself and fails.
    node(id).marks |= kInvalid;
    forget_verified();
  }
  std::uint32_t need = 0;
  for (LinkId at = node(id).deps; at != 0; at = arena_.link(at).next_dep)
    if (!is_back(at)) need = std::max(need, node(arena_.link(at).dep).height);
  if (need >= node(id).height) raise(id, need + 1);
}

// What walks found valid is still known to lie below `verified_below_`.
void Graph::set_height(NodeId id, std::uint32_t height) {
  Node& one = node(id);
  one.height = height;
  if ((one.marks & kQueued) != 0) one.marks |= kRaised;
  if (cold_[id].verified_at == epoch_) verified_below_ = std::max(verified_below_, height + 1);
}

void Graph::raise(NodeId id, std::uint32_t height) {
  const std::size_t base = todo_.size();
  set_height(id, height);
  todo_.push_back(id);
  while (todo_.size() > base) {
    const Node& low = node(todo_.back());
    todo_.pop_back();
    for (LinkId at = low.subs; at != 0; at = arena_.link(at).next_sub) {
      const NodeId sub = arena_.link(at).sub;
      if (node(sub).height > low.height || is_back(at)) continue;
      set_height(sub, low.height + 1);
      todo_.push_back(sub);
      ++walked_;
    }
  }
}

// Whether `id` reads, by a link that was not known to close a cycle, what depends on it.
bool Graph::find_back_links(NodeId id) {
  std::uint32_t highest = 0;
  for (LinkId at = node(id).deps; at != 0; at = arena_.link(at).next_dep)
    if (!is_back(at)) highest = std::max(highest, node(arena_.link(at).dep).height);
  if (highest < node(id).height) return false;
  ++seen_;
  const std::size_t base = todo_.size();
  todo_.push_back(id);
  cold_[id].seen_at = seen_;
  while (todo_.size() > base) {
    const NodeId next = todo_.back();
    todo_.pop_back();
    for (LinkId at = node(next).subs; at != 0; at = arena_.link(at).next_sub, ++walked_) {
      const NodeId sub = arena_.link(at).sub;
      if (node(sub).height > highest || cold_[sub].seen_at == seen_) continue;
      cold_[sub].seen_at = seen_;
      todo_.push_back(sub);
    }
  }
  bool found = false;
  for (LinkId at = node(id).deps; at != 0; at = arena_.link(at).next_dep) {
    if (cold_[arena_.link(at).dep].seen_at == seen_ && node(arena_.link(at).dep).height >= node(id).height)
      found |= back_links_.insert(at).second;
  }
  if (found) node(id).marks |= kCyclic;
  return found;
}

std::vector<NodeId> Graph::cycle_of(NodeId id) {
  const std::uint32_t below = ++seen_;
  std::vector<NodeId> reached{id};
  cold_[id].seen_at = below;
  for (std::size_t i = 0; i < reached.size(); ++i, ++walked_) {
    for (LinkId at = node(reached[i]).subs; at != 0; at = arena_.link(at).next_sub) {
      const NodeId sub = arena_.link(at).sub;
      if (cold_[sub].seen_at == below) continue;
      cold_[sub].seen_at = below;
      reached.push_back(sub);
    }
  }
  const std::uint32_t member = ++seen_;
  std::vector<NodeId> members{id};
  cold_[id].seen_at = member;
  for (std::size_t i = 0; i < members.size(); ++i, ++walked_) {
    for (LinkId at = node(members[i]).deps; at != 0; at = arena_.link(at).next_dep) {
      const NodeId dep = arena_.link(at).dep;
      if (cold_[dep].seen_at != below) continue;
      cold_[dep].seen_at = member;
      members.push_back(dep);
    }
  }
  return members;
}

}  // namespace yard::reactive
