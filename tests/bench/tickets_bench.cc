// Ordered parallel commit beside a pipeline of two threads written for the one purpose, and beside a plain loop.
#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/check.h"
#include "engine/tickets/pipeline.h"
#include "tests/bench/road_bench.h"

namespace yard::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint32_t kBatch = 256;  // tickets that are given out together
constexpr double kRoundNs = 20'000'000;

double ns_since(Clock::time_point began) {
  return std::chrono::duration<double, std::nano>(Clock::now() - began).count();
}

std::uint64_t mixed(std::uint64_t value, std::uint32_t rounds) {
  for (std::uint32_t i = 0; i < rounds; ++i) value = value * 6'364'136'223'846'793'005u + 1'442'695'040'888'963'407u;
  return value;
}

// How many rounds of mixing take `ns` here.
std::uint32_t rounds_for(double ns) {
  constexpr std::uint32_t kRounds = 20'000'000;
  static const double round_ns = [] {
    const auto began = Clock::now();
    YARD_CHECK(mixed(1, kRounds) != 0);
    return ns_since(began) / kRounds;
  }();
  return static_cast<std::uint32_t>(std::max(ns / round_ns, 1.0));
}

// A step's result, and a commit that all before it go into.
struct Tickets {
  std::uint32_t rounds = 0;
  std::vector<std::uint64_t> results = std::vector<std::uint64_t>(kBatch);
  std::uint64_t chain = 0;

  void step(std::uint32_t ticket) { results[ticket] = mixed(ticket, rounds); }
  void commit(std::uint32_t ticket) { chain = (chain ^ results[ticket]) * 0x9E3779B97F4A7C15u; }
};

// The reference: a helper that never sleeps takes every other block, the caller takes the ones between and commits.
class TwoThreads {
 public:
  TwoThreads(Tickets& tickets, std::uint32_t block)
      : tickets_(tickets), block_(block), helper_([this](const std::stop_token& stop) { help(stop); }) {}

  void run() {
    const std::uint64_t base = batch_.load(std::memory_order_relaxed) * blocks();
    batch_.fetch_add(1, std::memory_order_release);
    for (std::uint32_t block = 0; block < blocks(); ++block) {
      if (block % 2 == 0) {
        compute(block);
      } else {
        while (computed_.load(std::memory_order_acquire) <= base + block) __builtin_ia32_pause();
      }
      for (std::uint32_t i = block * block_; i < (block + 1) * block_; ++i) tickets_.commit(i);
    }
  }

 private:
  [[nodiscard]] std::uint32_t blocks() const { return kBatch / block_; }
  void compute(std::uint32_t block) {
    for (std::uint32_t i = block * block_; i < (block + 1) * block_; ++i) tickets_.step(i);
  }
  void help(const std::stop_token& stop) {
    for (std::uint64_t batch = 0;; ++batch) {
      while (batch_.load(std::memory_order_acquire) == batch) {
        if (stop.stop_requested()) return;
        __builtin_ia32_pause();
      }
      for (std::uint32_t block = 1; block < blocks(); block += 2) {
        compute(block);
        computed_.store(batch * blocks() + block + 1, std::memory_order_release);
      }
    }
  }

  Tickets& tickets_;
  const std::uint32_t block_;
  alignas(64) std::atomic<std::uint64_t> batch_{0};
  alignas(64) std::atomic<std::uint64_t> computed_{0};
  std::jthread helper_;
};

// Nanoseconds a ticket, batch by batch for long enough.
template <typename RunBatch>
double ticket_ns(const Tickets& tickets, double step_ns, RunBatch&& run_batch) {
  const auto batches = static_cast<int>(kRoundNs / (step_ns * kBatch)) + 1;
  for (int i = 0; i < batches / 8; ++i) run_batch();
  const auto began = Clock::now();
  for (int i = 0; i < batches; ++i) run_batch();
  const double ns = ns_since(began);
  YARD_CHECK(tickets.chain != 0);  // or a compiler would leave the commits out
  return ns / batches / kBatch;
}

double ours_ns(double step_ns) {
  Tickets tickets{.rounds = rounds_for(step_ns)};
  tickets::WorkerPool pool({.workers = 2});
  tickets::UnitCost cost;
  return ticket_ns(tickets, step_ns, [&] {
    tickets::run_ordered(
        pool, kBatch, [&](std::uint32_t ticket, unsigned) { tickets.step(ticket); },
        [&](std::uint32_t ticket) { tickets.commit(ticket); }, {.cost = &cost});
  });
}

double two_threads_ns(double step_ns, std::uint32_t block) {
  Tickets tickets{.rounds = rounds_for(step_ns)};
  TwoThreads threads(tickets, block);
  return ticket_ns(tickets, step_ns, [&] { threads.run(); });
}

double loop_ns(double step_ns) {
  Tickets tickets{.rounds = rounds_for(step_ns)};
  return ticket_ns(tickets, step_ns, [&] {
    for (std::uint32_t ticket = 0; ticket < kBatch; ++ticket) {
      tickets.step(ticket);
      tickets.commit(ticket);
    }
  });
}

Comparison beside_two_threads(std::string name, double step_ns, std::uint32_t block) {
  return {.name = std::move(name),
          .reference_name = "two threads by hand, one always spinning",
          .unit = "ns",
          .reach_for = 1 / 0.9,
          .smaller_is_better = true,
          .ours = [=] { return ours_ns(step_ns); },
          .reference = [=] { return two_threads_ns(step_ns, block); }};
}

Comparison beside_a_loop(std::string name, double step_ns) {
  return {.name = std::move(name),
          .reference_name = "a plain loop",
          .unit = "ns",
          .reach_for = 1 / 0.95,
          .smaller_is_better = true,
          .ours = [=] { return ours_ns(step_ns); },
          .reference = [=] { return loop_ns(step_ns); }};
}

}  // namespace

std::vector<Comparison> tickets_comparisons() {
  return {beside_two_threads("tickets 0.1 us", 100, 16),      beside_two_threads("tickets 1 us", 1'000, 4),
          beside_a_loop("tickets 2 ns beside a loop", 2),     beside_a_loop("tickets 20 ns beside a loop", 20),
          beside_a_loop("tickets 50 ns beside a loop", 50),   beside_a_loop("tickets 0.1 us beside a loop", 100),
          beside_a_loop("tickets 1 us beside a loop", 1'000), beside_a_loop("tickets 10 us beside a loop", 10'000)};
}

}  // namespace yard::bench
