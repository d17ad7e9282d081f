#include "engine/tickets/worker_pool.h"

#include <algorithm>
#include <numeric>

#include "engine/base/check.h"

namespace yard::tickets {
namespace {

constexpr std::uint32_t kStop = UINT32_MAX;

// Runs of a world follow each other within a few microseconds, and waking takes some 50.
constexpr Nanos kIdleSpin{30'000};

// Waking costs the caller some 3 µs; a thirtieth of the work that it is for.
constexpr Nanos kWorkToWake{100'000};

// Then who has the core may need it for what is waited for.
constexpr int kSpinsToYield = 256;

void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Where there are more threads than cores, a spinning one keeps another from working.
Nanos idle_spin(unsigned workers) { return workers <= std::thread::hardware_concurrency() ? kIdleSpin : Nanos{0}; }

void give_way_at_random(Random& random) {
  for (std::uint64_t times = random.next() % 4; times > 0; --times) std::this_thread::yield();
}

}  // namespace

WorkerPool::WorkerPool(WorkerPoolOptions options)
    : options_(options), idle_spin_(idle_spin(options.workers)), random_(options.perturb_seed) {
  YARD_CHECK(options.workers >= 1 && options.workers <= kWorkersMax);
  helpers_.reserve(options.workers - 1);
  for (unsigned worker = 1; worker < options.workers; ++worker) helpers_.emplace_back([this, worker] { help(worker); });
}

WorkerPool::~WorkerPool() {
  unclaimed_.store(kStop, std::memory_order_release);
  unclaimed_.notify_all();
}

void WorkerPool::run(const Units& units, std::uint32_t first, std::uint32_t last, std::uint32_t claim, Nanos work) {
  YARD_CHECK(unclaimed_.load(std::memory_order_relaxed) == 0);
  const std::uint32_t count = last - first;
  if (count == 0) return;
  run_ = {.units = units, .first = first, .last = last, .claim = std::max(claim, (count - 1) / kClaimsMax + 1)};
  if (perturbed()) run_.claim = std::max(run_.claim, static_cast<std::uint32_t>(1 + random_.next() % 8));
  run_.claims = (count - 1) / run_.claim + 1;
  if (perturbed()) perturb_order();

  unclaimed_.store(run_.claims, std::memory_order_release);
  wake(work);
  for (std::uint32_t index = 0; index < run_.claims; ++index) commit_one(index);
}

void WorkerPool::perturb_order() {
  run_.offset = static_cast<std::uint32_t>(random_.next() % run_.claims);
  do {
    run_.stride = static_cast<std::uint32_t>(1 + random_.next() % run_.claims);
  } while (std::gcd(run_.stride, run_.claims) != 1);
}

void WorkerPool::wake(Nanos work) {
  if (parked_.load(std::memory_order_relaxed) == 0) return;
  unpaid_ += std::min(work, kWorkToWake);
  if (unpaid_ < kWorkToWake) return;
  unpaid_ = Nanos{0};
  unclaimed_.notify_all();
}

// Commits claim `index`, and computes others for as long as that one is not done.
void WorkerPool::commit_one(std::uint32_t index) {
  std::atomic<bool>& done = done_[index].set;
  for (int spins = 0; !done.load(std::memory_order_acquire);) {
    if (compute_one(0, random_)) continue;
    relax();
    if (++spins > kSpinsToYield) std::this_thread::yield();
  }
  done.store(false, std::memory_order_relaxed);  // the next run's first store to unclaimed_ publishes it
  const std::uint32_t first = run_.first + index * run_.claim;
  run_.units.commit(run_.units.context, first, std::min(first + run_.claim, run_.last));
}

// Takes a claim and computes it. False if there is none.
bool WorkerPool::compute_one(unsigned worker, Random& random) {
  std::uint32_t left = unclaimed_.load(std::memory_order_acquire);
  do {
    if (left == 0 || left == kStop) return false;
  } while (!unclaimed_.compare_exchange_weak(left, left - 1, std::memory_order_acquire));
  // The claim keeps the run from ending, so run_ stays as it is until the flag is set.
  const std::uint64_t turn = std::uint64_t{run_.claims - left} * run_.stride + run_.offset;
  const auto index = static_cast<std::uint32_t>(turn % run_.claims);
  const std::uint32_t first = run_.first + index * run_.claim;
  if (perturbed()) give_way_at_random(random);
  run_.units.compute(run_.units.context, first, std::min(first + run_.claim, run_.last), worker);
  done_[index].set.store(true, std::memory_order_release);
  return true;
}

void WorkerPool::help(unsigned worker) {
  SeededRandom random(options_.perturb_seed + worker);
  while (wait_for_work(random)) {
    while (compute_one(worker, random)) {
    }
  }
}

// False once the pool stops.
bool WorkerPool::wait_for_work(Random& random) {
  if (perturbed()) give_way_at_random(random);
  const auto began = std::chrono::steady_clock::now();
  do {
    for (int spins = 0; spins < kSpinsToYield; ++spins) {
      const std::uint32_t left = unclaimed_.load(std::memory_order_relaxed);
      if (left != 0) return left != kStop;
      relax();
    }
  } while (std::chrono::steady_clock::now() - began < idle_spin_);
  parked_.fetch_add(1, std::memory_order_relaxed);
  unclaimed_.wait(0, std::memory_order_relaxed);
  parked_.fetch_sub(1, std::memory_order_relaxed);
  return unclaimed_.load(std::memory_order_relaxed) != kStop;
}

}  // namespace yard::tickets
