// When nodes want to be woken, in logical time.
#pragma once

#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace yard::graph {

// One wake a node: asking again replaces what was asked for.
//
// Units:   nanoseconds of logical time.
// Threads: one. Allocates only while more nodes than ever before are asleep.
class Wakes {
 public:
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  void set(std::uint32_t node, std::int64_t at_ns);
  void cancel(std::uint32_t node) { set(node, kNever); }

  // kNever: nobody is asleep.
  [[nodiscard]] std::int64_t next() { return heap_.empty() ? kNever : next_of_heap(); }
  // Calls visit(node) for each that is due, and forgets it.
  template <typename Visit>
  void take_due(std::int64_t now_ns, Visit&& visit) {
    while (next() <= now_ns) {
      const std::uint32_t node = heap_.front().second;
      drop_front();
      at_[node] = kNever;
      --asleep_;
      visit(node);
    }
  }

  // By time, then by node.
  [[nodiscard]] std::vector<std::pair<std::int64_t, std::uint32_t>> sorted() const;
  [[nodiscard]] std::size_t size() const { return asleep_; }
  void clear();

 private:
  [[nodiscard]] std::int64_t next_of_heap();
  void drop_front();

  std::unordered_map<std::uint32_t, std::int64_t> at_;  // by node; kNever: awake
  // What was replaced stays in the heap until it comes up, or until most of the heap is of that kind.
  std::vector<std::pair<std::int64_t, std::uint32_t>> heap_;
  std::size_t asleep_ = 0;
};

}  // namespace yard::graph
