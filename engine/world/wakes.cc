#include "engine/world/wakes.h"

#include <algorithm>

namespace yard::graph {
namespace {

constexpr std::size_t kHeapSlack = 64;  // entries of no use that are not worth a clean-up

}  // namespace

void Wakes::set(std::uint32_t node, std::int64_t at_ns) {
  std::int64_t& at = at_.try_emplace(node, kNever).first->second;
  if (at == at_ns) return;
  asleep_ += static_cast<std::size_t>(at_ns != kNever) - static_cast<std::size_t>(at != kNever);
  at = at_ns;
  if (at_ns == kNever) return;
  if (heap_.size() > 2 * asleep_ + kHeapSlack) {
    std::erase_if(heap_, [&](const auto& entry) { return at_[entry.second] != entry.first; });
    std::ranges::make_heap(heap_, std::greater());
  }
  heap_.emplace_back(at_ns, node);
  std::ranges::push_heap(heap_, std::greater());
}

std::int64_t Wakes::next_of_heap() {
  while (!heap_.empty() && at_[heap_.front().second] != heap_.front().first) drop_front();
  return heap_.empty() ? kNever : heap_.front().first;
}

void Wakes::drop_front() {
  std::ranges::pop_heap(heap_, std::greater());
  heap_.pop_back();
}

std::vector<std::pair<std::int64_t, std::uint32_t>> Wakes::sorted() const {
  std::vector<std::pair<std::int64_t, std::uint32_t>> all;
  for (const auto& [node, at] : at_)
    if (at != kNever) all.emplace_back(at, node);
  std::ranges::sort(all);
  return all;
}

void Wakes::clear() {
  at_.clear();
  heap_.clear();
  asleep_ = 0;
}

}  // namespace yard::graph
