#include "engine/graph/order.h"

#include <algorithm>
#include <numeric>

#include "engine/graph/components.h"
#include "engine/graph/limits.h"

namespace yard::graph {
namespace {

constexpr std::uint32_t kHubConnections = 64;  // in or out; beyond it a node connects what has nothing else in common

// Disjoint sets, each named by its least member.
class Sets {
 public:
  explicit Sets(std::uint32_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), 0u); }
  std::uint32_t find(std::uint32_t member) {
    while (parent_[member] != member) member = parent_[member] = parent_[parent_[member]];
    return member;
  }
  void join(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    parent_[std::max(a, b)] = std::min(a, b);
  }

 private:
  std::vector<std::uint32_t> parent_;
};

class OrderFinder {
 public:
  explicit OrderFinder(const OrderInput& input) : input_(input), count_(input.size()) {
    reader_of_.resize(input.driver.size());
    for (std::uint32_t node = 0; node < count_; ++node)
      for (std::uint32_t i = input.in_first[node]; i < input.in_first[node + std::size_t{1}]; ++i) reader_of_[i] = node;
    readers_ = group_by(input.driver, count_, OrderInput::kNoDriver);
    for (std::uint32_t& item : readers_.items) item = reader_of_[item];
    unit_.resize(count_);
    std::iota(unit_.begin(), unit_.end(), 0u);
  }

  Order find(bool iterates_cycles) {
    Order order;
    if (!rank_units()) {
      unit_ = find_components(readers_);
      has_components_ = true;
      unit_size_.assign(count_, 0);
      for (const std::uint32_t unit : unit_) ++unit_size_[unit];
      if (!iterates_cycles) {
        order.cycles = find_cycles();
        return order;
      }
      rank_units();
    }
    order.nodes = sorted();
    order.loops = find_loops(order.nodes);
    return order;
  }

 private:
  [[nodiscard]] bool is_hub(std::uint32_t node) const {
    return readers_[node].size() > kHubConnections ||
           input_.in_first[node + std::size_t{1}] - input_.in_first[node] > kHubConnections;
  }

  // A unit is a node, or the nodes of a cycle. False if they cannot be ordered, because of cycles.
  // Source: A. Kahn: "Topological sorting of large networks", 1962.
  bool rank_units() {
    const Rows members = group_by(unit_, count_, OrderInput::kNoDriver);
    std::vector<std::uint32_t> waits_for(count_);
    for (std::uint32_t i = 0; i < input_.driver.size(); ++i)
      if (const std::uint32_t from = input_.driver[i]; from != OrderInput::kNoDriver)
        waits_for[unit_[reader_of_[i]]] += is_edge(from, reader_of_[i]);
    rank_.assign(count_, 0);
    stage_.assign(count_, 0);
    std::vector<std::uint32_t> ready;
    ready.reserve(count_);
    std::uint32_t units = 0;
    for (std::uint32_t unit = 0; unit < count_; ++unit) {
      if (members[unit].empty()) continue;
      ++units;
      if (waits_for[unit] == 0) ready.push_back(unit);
    }
    for (std::size_t at = 0; at < ready.size(); ++at) {
      const std::uint32_t from = ready[at];
      for (const std::uint32_t member : members[from]) {
        const bool from_hub = is_hub(member);
        for (const std::uint32_t reader : readers_[member]) {
          if (!is_edge(member, reader)) continue;
          const std::uint32_t to = unit_[reader];
          rank_[to] = std::max(rank_[to], rank_[from] + 1);
          stage_[to] = std::max(stage_[to], stage_[from] + (from_hub || is_hub(reader) ? 1 : 0));
          if (--waits_for[to] == 0) ready.push_back(to);
        }
      }
    }
    return ready.size() == units;
  }
  // A node that drives itself stays an edge as long as nodes are units of their own: it is a cycle, too.
  [[nodiscard]] bool is_edge(std::uint32_t from, std::uint32_t to) const {
    return unit_[from] != unit_[to] || !has_components_;
  }

  std::vector<std::vector<std::uint32_t>> find_cycles() const {
    std::vector<std::vector<std::uint32_t>> cycles;
    for (std::uint32_t node = 0; node < count_ && cycles.size() < kCyclesMax; ++node) {
      if (unit_[node] != node || !is_looped(node)) continue;
      cycles.push_back(find_cycle(readers_, unit_, node));
    }
    return cycles;
  }

  std::vector<std::uint32_t> clusters() const {
    Sets sets(count_);
    for (std::uint32_t i = 0; i < input_.driver.size(); ++i) {
      const std::uint32_t from = input_.driver[i];
      if (from == OrderInput::kNoDriver) continue;
      const std::uint32_t to = reader_of_[i];
      if (unit_[from] == unit_[to] || (!is_hub(from) && !is_hub(to))) sets.join(from, to);
    }
    std::vector<std::uint32_t> cluster(count_);
    for (std::uint32_t node = 0; node < count_; ++node) cluster[node] = sets.find(node);
    return cluster;
  }

  // By stage, cluster, rank, cycle, kernel, number of inputs and then as in the document: sorted by the least first,
  // since each pass keeps the order of the one before.
  std::vector<std::uint32_t> sorted() const {
    std::vector<std::uint32_t> nodes(count_);
    std::iota(nodes.begin(), nodes.end(), 0u);
    const std::vector<std::uint32_t> cluster = clusters();
    const auto inputs = [&](std::uint32_t node) {
      return std::min(input_.in_first[node + std::size_t{1}] - input_.in_first[node], kHubConnections);
    };
    pass(nodes, inputs);
    pass(nodes, [&](std::uint32_t node) { return std::uint32_t{input_.kernel[node]}; });
    if (has_components_) pass(nodes, [&](std::uint32_t node) { return is_looped(node) ? unit_[node] + 1 : 0; });
    pass(nodes, [&](std::uint32_t node) { return rank_[unit_[node]]; });
    pass(nodes, [&](std::uint32_t node) { return cluster[node]; });
    pass(nodes, [&](std::uint32_t node) { return stage_[unit_[node]]; });
    return nodes;
  }
  template <typename KeyOf>
  void pass(std::vector<std::uint32_t>& nodes, const KeyOf& key_of) const {
    std::vector<std::uint32_t> keys(count_);
    std::uint32_t most = 0;
    for (std::uint32_t i = 0; i < count_; ++i) most = std::max(most, keys[i] = key_of(nodes[i]));
    if (std::ranges::is_sorted(keys)) return;
    const Rows grouped = group_by(keys, most + 1, OrderInput::kNoDriver);
    std::vector<std::uint32_t> sorted(count_);
    for (std::uint32_t i = 0; i < count_; ++i) sorted[i] = nodes[grouped.items[i]];
    nodes = std::move(sorted);
  }

  [[nodiscard]] bool is_looped(std::uint32_t node) const {
    return unit_size_[unit_[node]] > 1 || std::ranges::count(readers_[node], node) > 0;
  }
  std::vector<std::pair<std::uint32_t, std::uint32_t>> find_loops(std::span<const std::uint32_t> nodes) const {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> loops;
    if (!has_components_) return loops;
    for (std::uint32_t at = 0; at < count_;) {
      std::uint32_t end = at + 1;
      while (end < count_ && unit_[nodes[end]] == unit_[nodes[at]]) ++end;
      if (is_looped(nodes[at])) loops.emplace_back(at, end);
      at = end;
    }
    return loops;
  }

  static constexpr std::size_t kCyclesMax = kProblemsMax;

  const OrderInput& input_;
  std::uint32_t count_;
  std::vector<std::uint32_t> reader_of_;  // by input
  Rows readers_;                          // by node
  std::vector<std::uint32_t> unit_;       // by node: a node of it
  std::vector<std::uint32_t> unit_size_;
  std::vector<std::uint32_t> rank_;   // by unit
  std::vector<std::uint32_t> stage_;  // by unit
  bool has_components_ = false;
};

}  // namespace

Order find_order(const OrderInput& input, bool iterates_cycles) { return OrderFinder(input).find(iterates_cycles); }

}  // namespace yard::graph
