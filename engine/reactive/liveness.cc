// Who is live: effects, and whatever live nodes read.
#include "engine/reactive/graph.h"

namespace yard::reactive {

void Graph::set_root(NodeId id, bool root) {
  Node& one = node(id);
  if (root) {
    one.marks |= kRoot;
    if ((one.marks & kLive) == 0) become_live(id);
    return;
  }
  one.marks &= ~kRoot;
  if ((one.marks & kLive) == 0) return;
  if (cold_[id].live_refs == 0)
    become_dormant(id);
  else
    drop_if_unrooted(id);
}

void Graph::gain_reader(NodeId dep) {
  if (cold_[dep].live_refs++ == 0 && (node(dep).marks & kLive) == 0) become_live(dep);
}

void Graph::lose_reader(NodeId dep) {
  if (--cold_[dep].live_refs == 0) {
    if ((node(dep).marks & (kRoot | kLive)) == kLive) become_dormant(dep);
  } else {
    drop_if_unrooted(dep);
  }
}

void Graph::become_live(NodeId id) {
  const std::size_t base = todo_.size();
  todo_.push_back(id);
  while (todo_.size() > base) {
    const NodeId next = todo_.back();
    todo_.pop_back();
    set_marks(node(next), next, kLive | kFresh, 0);
    schedule(next);
    for (LinkId at = node(next).deps; at != 0; at = arena_.link(at).next_dep) {
      const NodeId dep = arena_.link(at).dep;
      if (cold_[dep].live_refs++ == 0 && (node(dep).marks & kLive) == 0) todo_.push_back(dep);
    }
  }
}

void Graph::become_dormant(NodeId id) {
  const std::size_t base = todo_.size();
  std::vector<NodeId> in_doubt;
  todo_.push_back(id);
  while (todo_.size() > base) {
    const NodeId next = todo_.back();
    todo_.pop_back();
    Node& one = node(next);
    const bool given = (one.marks & kSource) != 0 && one.deps == 0;
    set_marks(one, next, 0, given ? kLive : kLive | kFresh);
    for (LinkId at = one.deps; at != 0; at = arena_.link(at).next_dep) {
      const NodeId dep = arena_.link(at).dep;
      if (--cold_[dep].live_refs != 0) {
        if (!back_links_.empty()) in_doubt.push_back(dep);
      } else if ((node(dep).marks & (kRoot | kLive)) == kLive) {
        todo_.push_back(dep);
      }
    }
  }
  for (const NodeId dep : in_doubt) drop_if_unrooted(dep);
}

// The nodes of a cycle count as each other's live readers, also when nobody else reads them.
void Graph::drop_if_unrooted(NodeId id) {
  if (back_links_.empty() || (node(id).marks & kLive) == 0) return;
  std::vector<NodeId> found{id};
  cold_[id].seen_at = ++seen_;
  for (std::size_t i = 0; i < found.size(); ++i, ++walked_) {
    if ((node(found[i]).marks & kRoot) != 0) return;
    for (LinkId at = node(found[i]).subs; at != 0; at = arena_.link(at).next_sub) {
      const NodeId sub = arena_.link(at).sub;
      if ((node(sub).marks & kLive) == 0 || cold_[sub].seen_at == seen_) continue;
      cold_[sub].seen_at = seen_;
      found.push_back(sub);
    }
  }
  // All of them go at once. Only then do the others that they read lose their readers.
  for (const NodeId one : found) set_marks(node(one), one, 0, kLive | kFresh);
  for (const NodeId one : found) {
    for (LinkId at = node(one).deps; at != 0; at = arena_.link(at).next_dep) lose_reader(arena_.link(at).dep);
  }
}

}  // namespace yard::reactive
