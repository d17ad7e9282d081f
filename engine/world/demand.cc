#include "engine/world/demand.h"

#include <algorithm>

namespace yard::graph {

Demand::Demand(const Image& image, bool is_pull) : image_(image), is_pull_(is_pull) { find_live(); }

Demand Demand::of(const Image& image, bool is_pull, std::span<const std::uint32_t> looked_at) {
  Demand demand(image, is_pull);
  std::vector<std::uint32_t> revived;
  for (const std::uint32_t node : looked_at) demand.look_at(node, revived);
  return demand;
}

void Demand::find_live() {
  const std::uint32_t count = image_.node_count();
  live_.assign(count / 64 + 1, is_pull_ ? 0 : ~std::uint64_t{0});
  if (!is_pull_) return;
  std::vector<std::uint32_t> revived;
  for (std::uint32_t node = 0; node < count; ++node) {
    const Kernel& kernel = image_.kernel(node);
    const bool remembers = kernel.state_words > 0 || kernel.text_state;
    if (remembers || image_.kind_of_place(node).role == NodeRole::kEffect) add(node, revived);
  }
  for (const std::uint32_t node : looked_at_) add(node, revived);
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

bool Demand::look_at(std::uint32_t node, std::vector<std::uint32_t>& revived) {
  looked_at_.insert(std::ranges::upper_bound(looked_at_, node), node);
  if (is_live(node)) return false;
  add(node, revived);
  return true;
}

bool Demand::look_away(std::uint32_t node) {
  const auto found = std::ranges::lower_bound(looked_at_, node);
  if (found == looked_at_.end() || *found != node) return false;
  looked_at_.erase(found);
  if (!is_pull_) return false;
  const std::vector<std::uint64_t> before = live_;
  find_live();
  return live_ != before;
}

}  // namespace yard::graph
