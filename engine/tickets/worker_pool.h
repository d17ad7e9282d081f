// WorkerPool: threads that compute claims of a run while the caller commits them in order.
#pragma once

#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/random.h"

namespace yard::tickets {

// Units of work as functions of a range [first, last), so that a call through a pointer is paid once a claim.
struct Units {
  void* context = nullptr;
  void (*compute)(void* context, std::uint32_t first, std::uint32_t last, unsigned worker) = nullptr;
  void (*commit)(void* context, std::uint32_t first, std::uint32_t last) = nullptr;
  void (*both)(void* context, std::uint32_t first, std::uint32_t last) = nullptr;  // one unit after the other
};

struct WorkerPoolOptions {
  // The caller is one of them; at most kWorkersMax.
  unsigned workers = 1;

  // Not 0: claims have random sizes, are computed in a random order and by threads that give way at random, and no
  // run is too small to be shared. What a schedule could change, some seed shows.
  std::uint64_t perturb_seed = 0;
};

// Helpers are made once. Between runs they spin for some microseconds and then park.
//
//   unclaimed_ ──claim()──► compute ──► done_[claim] ──► commit, on the caller, in order
//
// A run needs no helper: the caller computes whenever the next claim to commit is not done, so one that wakes late
// only finds less to do.
//
// Threads: run() from one thread at a time, not from within a run. Destroyed by the thread that made it.
class WorkerPool {
 public:
  static constexpr unsigned kWorkersMax = 64;       // more than cores that share a memory would profit from
  static constexpr std::uint32_t kClaimsMax = 512;  // a run's; each has a cache line of its own

  explicit WorkerPool(WorkerPoolOptions options);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  [[nodiscard]] unsigned workers() const { return static_cast<unsigned>(helpers_.size()) + 1; }
  [[nodiscard]] bool perturbed() const { return options_.perturb_seed != 0; }

  // Computes units [first, last) on all workers, `claim` of them at a time (more where there would be too many
  // claims), and commits them on this thread in order. `work` is what they cost one worker, roughly: waking parked
  // helpers is put off until enough work has come by to pay for it.
  void run(const Units& units, std::uint32_t first, std::uint32_t last, std::uint32_t claim, Nanos work);

 private:
  struct Run {
    Units units;
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::uint32_t claim = 1;
    std::uint32_t claims = 0;
    std::uint32_t stride = 1;  // the order in which claims are handed out: all of them, in steps of this
    std::uint32_t offset = 0;
  };
  struct alignas(64) Flag {
    std::atomic<bool> set{false};
  };

  void help(unsigned worker);
  [[nodiscard]] bool wait_for_work(Random& random);
  [[nodiscard]] bool compute_one(unsigned worker, Random& random);
  void commit_one(std::uint32_t index);
  void perturb_order();
  void wake(Nanos work);

  const WorkerPoolOptions options_;
  const Nanos idle_spin_;
  SeededRandom random_;  // the caller's

  Run run_;  // written by the caller while nothing is unclaimed, read by whoever has claimed
  std::vector<Flag> done_{kClaimsMax};
  Nanos unpaid_{0};  // work that came by while helpers were parked

  alignas(64) std::atomic<std::uint32_t> unclaimed_{0};  // kStop ends the helpers
  alignas(64) std::atomic<std::uint32_t> parked_{0};

  std::vector<std::jthread> helpers_;  // last: they use all of the above
};

}  // namespace yard::tickets
