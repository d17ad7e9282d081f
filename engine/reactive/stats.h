// Figures about a scheduler and its actions.
#pragma once

#include <cstdint>

#include "engine/base/clock.h"

namespace yard::reactive {

struct Stats {
  std::uint64_t effects = 0;
  std::uint64_t computations = 0;
  std::uint64_t pending = 0;  // live, and to be run: now, or when they may
  std::uint64_t effect_runs = 0;
  std::uint64_t computation_runs = 0;
  std::uint64_t events = 0;        // queued
  std::uint64_t walked_links = 0;  // looked at to find what is stale, live or on a cycle; not the marking of readers

  // How much is computed for each effect that comes of it; 0 before the first.
  [[nodiscard]] double computations_per_effect() const {
    return effect_runs == 0 ? 0 : static_cast<double>(computation_runs) / static_cast<double>(effect_runs);
  }
};

// Times are the cost meter's, without what an action waited for other computations; zero without a meter.
struct ActionStats {
  std::uint64_t run_count = 0;
  Nanos total_time{0};
  Nanos average_time{0};
  Nanos last_run_time{0};
};

}  // namespace yard::reactive
