#include "engine/world/demand.h"

#include <algorithm>
#include <bit>

namespace yard::graph {

Demand::Demand(const Image& image, bool is_pull) : image_(image), is_pull_(is_pull) { refresh(); }

Demand Demand::of(const Image& image, bool is_pull, std::span<const std::uint32_t> looked_at) {
  Demand demand(image, is_pull);
  std::vector<std::uint32_t> revived;
  for (const std::uint32_t node : looked_at) demand.look_at(node, revived);
  return demand;
}

void Demand::refresh() {
  is_stale_ = false;
  const std::uint32_t count = image_.node_count();
  live_.assign(count / 64 + 1, is_pull_ ? 0 : ~std::uint64_t{0});
  if (!is_pull_) return;
  std::vector<std::uint32_t> revived;
  for (std::uint32_t node = 0; node < count; ++node) {
    const Kernel& kernel = image_.kernel(node);
    const bool remembers = kernel.state_words > 0 || kernel.text_state;
    if (remembers || image_.kind_of_place(node).role == NodeRole::kEffect) add(node, revived);
  }
  for (const auto& looked_at : looks_) add(looked_at.first, revived);
}

// A live node's drivers are live.
void Demand::add(std::uint32_t node, std::vector<std::uint32_t>& revived) {
  const Wiring wiring = image_.wiring();
  stack_.push_back(node);
  while (!stack_.empty()) {
    node = stack_.back();
    stack_.pop_back();
    if (is_live(node)) continue;
    live_[node >> 6] |= std::uint64_t{1} << (node & 63);
    revived.push_back(node);
    for (std::uint32_t i = wiring.in_first[node]; i < wiring.in_first[node + 1]; ++i)
      if (wiring.drivers[i] < image_.output_count()) stack_.push_back(image_.node_of(wiring.drivers[i]));
  }
}

void Demand::look_at(std::uint32_t node, std::vector<std::uint32_t>& revived) {
  ++looks_[node];
  if (!is_live(node)) add(node, revived);
}

void Demand::look_away(std::uint32_t node) {
  const auto found = looks_.find(node);
  if (found == looks_.end() || --found->second > 0) return;
  looks_.erase(found);
  is_stale_ = is_pull_;
}

std::uint32_t Demand::live_count() const {
  std::uint32_t count = 0;
  for (const std::uint64_t word : live_) count += static_cast<std::uint32_t>(std::popcount(word));
  const std::uint32_t nodes = image_.node_count();
  // The last word has room for more nodes than there are.
  for (std::uint32_t node = nodes; node < live_.size() * 64; ++node) count -= is_live(node) ? 1u : 0u;
  return count;
}

std::vector<std::uint32_t> Demand::looked_at() const {
  std::vector<std::uint32_t> nodes;
  for (const auto& [node, count] : looks_) nodes.insert(nodes.end(), count, node);
  std::ranges::sort(nodes);
  return nodes;
}

}  // namespace yard::graph
