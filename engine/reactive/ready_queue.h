// ReadyQueue: computations that are to run, the lowest first.
#pragma once

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "engine/reactive/arena.h"

namespace yard::reactive {

// A list for each height, first in, first out, chained through the nodes. The lowest is taken out as a whole and served
// from beside the others. A node that was raised while it lay here is found at its old height: the caller puts it back.
// Threads: one.
class ReadyQueue {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit ReadyQueue(Arena& arena) : arena_(arena) {}

  // `node`, which is node `id`, is not in the queue.
  void push(Node& node, NodeId id) {
    const std::uint32_t height = node.height;
    node.marks |= kQueued;
    node.next_queued = 0;
    if (height > lowest_) return append(level_at(height), id);
    if (height == lowest_) return append(served_.first != 0 ? served_ : level_at(height), id);
    if (served_.first != 0) [[unlikely]]
      level_at(lowest_) = served_;
    served_ = {id, id};
    lowest_ = height;
    limit_ = std::min(limit_, height);
  }

  // The first of the lowest nodes, which leaves the queue but keeps its mark; 0: there is none.
  [[nodiscard]] NodeId pop() {
    limit_ = lowest_;
    if (served_.first == 0) {
      if (lowest_ == kNone) return 0;
      serve_level();
    }
    const NodeId id = served_.first;
    served_.first = arena_.node(id).next_queued;
    if (served_.first == 0) lowest_ = lowest_listed_;
    return id;
  }

  // Whether `node`, pushed now, would be popped at once, or is `ready` anyway. If so, it is as if it had been.
  [[nodiscard]] bool pass(const Node& node, bool ready) {
    if (!ready && node.height >= lowest_) return false;
    limit_ = std::min(node.height, lowest_);
    return true;
  }

  // No node lies below it, nor runs there that was popped or lowered it. kNone: nothing does.
  [[nodiscard]] std::uint32_t limit() const { return limit_; }

  // While something runs that was not popped, nothing above it is taken for settled.
  void lower_limit(std::uint32_t height) { limit_ = std::min(limit_, height); }
  void restore_limit(std::uint32_t before) { limit_ = std::min(before, lowest_); }

  [[nodiscard]] bool empty() const { return lowest_ == kNone; }

 private:
  struct Level {
    NodeId first = 0;
    NodeId last = 0;
  };

  void append(Level& level, NodeId id) {
    (level.first == 0 ? level.first : arena_.node(level.last).next_queued) = id;
    level.last = id;
  }

  // Which gets a node.
  Level& level_at(std::uint32_t height) {
    if (height >= levels_.size()) [[unlikely]]
      grow(height);
    Level& level = levels_.data()[height];
    if (level.first == 0) {
      filled_.data()[height / 64] |= std::uint64_t{1} << height % 64;
      lowest_listed_ = std::min(lowest_listed_, height);
    }
    return level;
  }

  void serve_level() {
    served_ = std::exchange(levels_.data()[lowest_], {});
    filled_.data()[lowest_ / 64] &= ~(std::uint64_t{1} << lowest_ % 64);
    lowest_listed_ = next_filled(lowest_);
  }

  [[nodiscard]] std::uint32_t next_filled(std::uint32_t height) const {
    std::size_t word = height / 64;
    std::uint64_t bits = filled_.data()[word] & (~std::uint64_t{0} << height % 64);
    while (bits == 0) {
      if (++word == filled_.size()) return kNone;
      bits = filled_.data()[word];
    }
    return static_cast<std::uint32_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
  }

  // Heights are bounded by the number of nodes.
  void grow(std::uint32_t height) {
    levels_.resize(height + height / 2 + 64);
    filled_.resize(levels_.size() / 64 + 1);
  }

  Arena& arena_;
  std::vector<Level> levels_;
  std::vector<std::uint64_t> filled_;  // a bit for each level that has a node
  std::uint32_t lowest_listed_ = kNone;
  Level served_;                  // below all that are listed
  std::uint32_t lowest_ = kNone;  // height of those that are served, or the lowest listed
  std::uint32_t limit_ = kNone;
};

}  // namespace yard::reactive
