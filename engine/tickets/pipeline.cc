#include "engine/tickets/pipeline.h"

#include <algorithm>

namespace yard::tickets {
namespace {

// A clock of its own, not an input: it decides who computes, and nothing that anyone could see.
using Stopwatch = std::chrono::steady_clock;

// So that a sample of cheap units is not the clock's cost.
constexpr Nanos kSampleMin{500};

// Times some of the run's first units, done alone. Returns how many.
std::uint32_t sample(const Units& units, std::uint32_t count, UnitCost& cost) {
  const auto began = Stopwatch::now();
  std::uint32_t done = 0;
  Nanos time{0};
  for (std::uint32_t more = cost.sample(); done < count && time < kSampleMin; more = done) {
    const std::uint32_t end = done + std::min(more, count - done);
    units.both(units.context, done, end);
    done = end;
    time = Stopwatch::now() - began;
  }
  cost.record_alone(done, time);
  return done;
}

}  // namespace

void run_ordered(WorkerPool& pool, std::uint32_t count, const Units& units, const RunOptions& options) {
  if (count == 0) return;
  if (pool.workers() == 1) return units.both(units.context, 0, count);
  if (options.claim != 0 || pool.perturbed())
    return pool.run(units, 0, count, std::max(options.claim, 1u), Nanos::max());

  UnitCost fresh;
  UnitCost& cost = options.cost == nullptr ? fresh : *options.cost;
  const std::uint32_t first = cost.look() ? sample(units, count, cost) : 0;
  const std::uint32_t claim = cost.claim(count - first, pool.workers());
  if (claim == 0) return units.both(units.context, first, count);
  const auto began = Stopwatch::now();
  pool.run(units, first, count, claim, cost.estimate(count - first));
  cost.record_shared(count - first, Stopwatch::now() - began);
}

}  // namespace yard::tickets
