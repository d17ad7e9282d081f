#include "engine/world/sweep.h"

#include <algorithm>

namespace yard::graph {
namespace {

// What asks its host for something has to be found at its number, so these go one by one.
void run_stretch(const Frame& frame, const Kernel& kernel, std::uint32_t first, std::uint32_t end, std::uint32_t& ran) {
  if (first == end) return;
  if (!kernel.outside) {
    ran += kernel.run_many(frame, first, end - first);
    return;
  }
  for (; first < end; ++first) ran += kernel.run_many(frame, first, 1);
}

}  // namespace

void Sweep::find_segments(const Image& image, const std::vector<std::uint64_t>& live) {
  segments_.clear();
  std::size_t cycle = 0;
  const auto cycles = image.cycles();
  const auto is_out = [&](std::uint32_t node) {
    while (cycle < cycles.size() && node >= cycles[cycle].first + cycles[cycle].count) ++cycle;
    return (cycle < cycles.size() && node >= cycles[cycle].first) || (live[node >> 6] >> (node & 63) & 1) == 0;
  };
  for (std::uint32_t i = 0; i < image.run_count(); ++i) {
    const KernelRun run = image.run(i);
    const Kernel& kernel = image.kernel(run.first);
    if (kernel.run_one == nullptr) continue;
    bool goes_on = false;
    for (std::uint32_t node = run.first; node < run.first + run.count; ++node) {
      if (is_out(node)) {
        goes_on = false;
      } else if (goes_on) {
        ++segments_.back().count;
      } else {
        segments_.push_back({node, 1, &kernel});
        goes_on = true;
      }
    }
  }
}

void Sweep::run(const Frame& frame, std::uint32_t from, std::uint32_t to, std::span<const std::uint32_t> forced,
                std::uint32_t& ran) const {
  auto next = std::ranges::lower_bound(forced, from);
  auto segment = std::ranges::upper_bound(segments_, from, {}, &Segment::first);
  if (segment != segments_.begin()) --segment;
  for (; segment != segments_.end() && segment->first < to; ++segment) {
    std::uint32_t first = std::max(segment->first, from);
    const std::uint32_t end = std::min(segment->first + segment->count, to);
    if (end <= first) continue;
    while (next != forced.end() && *next < first) ++next;
    for (; next != forced.end() && *next < end; ++next) {
      run_stretch(frame, *segment->kernel, first, *next, ran);
      segment->kernel->run_one(frame, *next);
      ++ran;
      first = *next + 1;
    }
    run_stretch(frame, *segment->kernel, first, end, ran);
  }
}

}  // namespace yard::graph
