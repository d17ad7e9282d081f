// run_ordered: units computed in parallel, committed one after the other in their order.
#pragma once

#include <cstdint>
#include <type_traits>

#include "engine/tickets/unit_cost.h"
#include "engine/tickets/worker_pool.h"

namespace yard::tickets {

struct RunOptions {
  // What is known of these units from earlier runs; none: it is measured anew.
  UnitCost* cost = nullptr;

  // Units that a worker claims at once; 0: as many as their cost suggests, and none where the caller is better off
  // alone. Given, the run is always shared.
  std::uint32_t claim = 0;
};

// The untyped form of the function below.
void run_ordered(WorkerPool& pool, std::uint32_t count, const Units& units, const RunOptions& options);

// Calls compute(unit, worker) for each of the units 0 to count - 1, on any of the pool's workers and in any order,
// and commit(unit) after it on this thread, in order. Returns when all are committed. A commit runs beside computes
// of later units, so it may write nothing that those read; it sees what its own unit's compute wrote.
//
// Neither may throw, or use the pool. `worker` is below pool.workers(), 0 is this thread: for scratch memory.
// With one worker, and where sharing would cost more than it gives, it is a plain loop. That is decided by measured
// time and may differ from run to run: results must not depend on which worker a unit meets.
//
// Units:   allocates nothing.
// Threads: the pool's caller; blocks.
template <typename Compute, typename Commit>
void run_ordered(WorkerPool& pool, std::uint32_t count, Compute&& compute, Commit&& commit,
                 const RunOptions& options = {}) {
  struct Both {
    std::remove_reference_t<Compute>* compute;
    std::remove_reference_t<Commit>* commit;
  } both{&compute, &commit};
  const Units units{
      .context = &both,
      .compute =
          [](void* context, std::uint32_t first, std::uint32_t last, unsigned worker) {
            auto& call = *static_cast<Both*>(context)->compute;
            for (std::uint32_t unit = first; unit < last; ++unit) call(unit, worker);
          },
      .commit =
          [](void* context, std::uint32_t first, std::uint32_t last) {
            auto& call = *static_cast<Both*>(context)->commit;
            for (std::uint32_t unit = first; unit < last; ++unit) call(unit);
          },
      .both =
          [](void* context, std::uint32_t first, std::uint32_t last) {
            auto& compute_one = *static_cast<Both*>(context)->compute;
            auto& commit_one = *static_cast<Both*>(context)->commit;
            for (std::uint32_t unit = first; unit < last; ++unit) {
              compute_one(unit, 0u);
              commit_one(unit);
            }
          },
  };
  run_ordered(pool, count, units, options);
}

}  // namespace yard::tickets
