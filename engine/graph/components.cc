#include "engine/graph/components.h"

#include <algorithm>

namespace yard::graph {

namespace {
constexpr std::uint32_t kNever = UINT32_MAX;
}

Rows group_by(std::span<const std::uint32_t> keys, std::uint32_t rows, std::uint32_t skipped) {
  Rows grouped{std::vector<std::uint32_t>(rows + std::size_t{1}), {}};
  for (const std::uint32_t key : keys)
    if (key != skipped) ++grouped.first[key + std::size_t{1}];
  for (std::uint32_t row = 0; row < rows; ++row) grouped.first[row + std::size_t{1}] += grouped.first[row];
  grouped.items.resize(grouped.first.back());
  std::vector<std::uint32_t> next(grouped.first.begin(), grouped.first.end() - 1);
  for (std::uint32_t i = 0; i < keys.size(); ++i)
    if (keys[i] != skipped) grouped.items[next[keys[i]]++] = i;
  return grouped;
}

std::vector<std::uint32_t> find_components(const Rows& readers) {
  struct Step {
    std::uint32_t node;
    std::uint32_t next;  // reader to look at
  };
  const std::uint32_t count = readers.size();
  std::vector<std::uint32_t> found(count, kNever);  // when the node was first seen
  std::vector<std::uint32_t> low(count);            // the earliest that it reaches
  std::vector<std::uint32_t> component(count, kNever);
  std::vector<std::uint32_t> open;  // seen, and in no component yet
  std::vector<Step> steps;
  std::uint32_t clock = 0;
  const auto enter = [&](std::uint32_t node) {
    found[node] = low[node] = clock++;
    open.push_back(node);
    steps.push_back({node, 0});
  };
  const auto close = [&](std::uint32_t node) {
    const auto begin = std::find(open.rbegin(), open.rend(), node).base() - 1;
    const std::uint32_t least = *std::min_element(begin, open.end());
    for (auto member = begin; member != open.end(); ++member) component[*member] = least;
    open.erase(begin, open.end());
  };
  for (std::uint32_t start = 0; start < count; ++start) {
    if (found[start] != kNever) continue;
    enter(start);
    while (!steps.empty()) {
      const std::uint32_t node = steps.back().node;
      const auto next = readers[node];
      if (steps.back().next < next.size()) {
        const std::uint32_t reader = next[steps.back().next++];
        if (found[reader] == kNever)
          enter(reader);
        else if (component[reader] == kNever)
          low[node] = std::min(low[node], found[reader]);
        continue;
      }
      if (low[node] == found[node]) close(node);
      steps.pop_back();
      if (!steps.empty()) low[steps.back().node] = std::min(low[steps.back().node], low[node]);
    }
  }
  return component;
}

std::vector<std::uint32_t> find_cycle(const Rows& readers, std::span<const std::uint32_t> component,
                                      std::uint32_t start) {
  std::vector<std::uint32_t> from(readers.size(), kNever);
  std::vector<std::uint32_t> queue = {start};
  for (std::size_t at = 0; at < queue.size(); ++at) {
    for (const std::uint32_t reader : readers[queue[at]]) {
      if (reader == start) {
        std::vector<std::uint32_t> path;
        for (std::uint32_t node = queue[at]; node != start; node = from[node]) path.push_back(node);
        path.push_back(start);
        std::ranges::reverse(path);
        return path;
      }
      if (component[reader] != component[start] || from[reader] != kNever) continue;
      from[reader] = queue[at];
      queue.push_back(reader);
    }
  }
  return {};
}

}  // namespace yard::graph
