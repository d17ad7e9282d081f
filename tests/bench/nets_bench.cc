// Interaction nets beside reducers that were written for them, and two workers beside one.
#include <chrono>
#include <memory>
#include <string>

#include "engine/base/check.h"
#include "engine/nets/load.h"
#include "tests/bench/nets_by_hand.h"
#include "tests/bench/road_bench.h"

namespace yard::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Hand = NetByHand;

constexpr std::uint64_t kForEver = UINT64_MAX;
constexpr const char* kFibRules =
    "agent Z, S 1, Add 2, Dup 2, Fib 1, Fib1 1\n"
    "rule Add(y, r) ~ Z => r ~ y          rule Add(y, r) ~ S(x) => x ~ Add(S(y), r)\n"
    "rule Dup(a, b) ~ Z => a ~ Z, b ~ Z   rule Dup(a, b) ~ S(x) => x ~ Dup(c, d), a ~ S(c), b ~ S(d)\n"
    "rule Fib(r) ~ Z => r ~ Z             rule Fib(r) ~ S(x) => x ~ Fib1(r)\n"
    "rule Fib1(r) ~ Z => r ~ S(Z)\n"
    "rule Fib1(r) ~ S(x) => x ~ Dup(a, b), a ~ Fib1(c), b ~ Fib(d), c ~ Add(d, r)\n";
constexpr const char* kDownRules =
    "agent Int : int64, Down(number!, result) : int64\n"
    "rule Down[s](r) ~ Int[a] when a > 0 => Int[a - 1] ~ Down[s + a](r) else => r ~ Int[s]\n";

// `count` nets side by side.
struct Shape {
  std::uint32_t count = 1;
  std::int64_t argument = 0;
  bool is_fib = true;
};

std::string text_of(const Shape& shape) {
  std::string text = shape.is_fib ? kFibRules : kDownRules;
  for (std::uint32_t i = 0; i < shape.count; ++i) {
    const std::string wire = "r" + std::to_string(i);
    const std::string number = std::to_string(shape.argument);
    text += "free " + wire + " net " +
            (shape.is_fib ? "Fib(" + wire + ") ~ S^" + number + "(Z)" : "Down[0](" + wire + ") ~ Int[" + number + "]") +
            "\n";
  }
  return text;
}

// Of a net that is loaded when it is first asked for.
auto lazily_loaded(const Shape& shape) {
  return [shape, slot = std::make_shared<std::unique_ptr<nets::State>>()]() -> const nets::State& {
    if (!*slot) {
      const auto network = nets::load_net(text_of(shape));
      YARD_CHECK(network);
      *slot = std::make_unique<nets::State>(network->state());
    }
    return **slot;
  };
}

double ns_each(Clock::time_point began, std::uint64_t interactions) {
  YARD_CHECK(interactions > 0);
  return std::chrono::duration<double, std::nano>(Clock::now() - began).count() / static_cast<double>(interactions);
}

double ours_ns(const nets::State& start, tickets::WorkerPool* pool) {
  nets::State state = start;
  const auto began = Clock::now();
  const nets::Reduction done = pool != nullptr ? nets::reduce(state, kForEver, *pool) : nets::reduce(state, kForEver);
  YARD_CHECK(done.is_normal);
  return ns_each(began, done.interactions);
}

double by_hand_ns(const Shape& shape) {
  Hand net;
  for (std::uint32_t i = 0; i < shape.count; ++i) {
    const std::uint32_t function = net.make(shape.is_fib ? Hand::kFib : Hand::kDown);
    net.link(Hand::port(function, 1), Hand::port(net.make(Hand::kFree), 0));
    std::uint32_t end = Hand::port(function, 0);
    for (std::int64_t s = 0; shape.is_fib && s < shape.argument; ++s) {
      const std::uint32_t successor = net.make(Hand::kS);
      net.link(end, Hand::port(successor, 0));
      end = Hand::port(successor, 1);
    }
    net.link(end, Hand::port(net.make(shape.is_fib ? Hand::kZ : Hand::kInt, shape.argument), 0));
  }
  const auto began = Clock::now();
  return ns_each(began, net.reduce());
}

Comparison beside_by_hand(std::string name, const Shape& shape, double reach_for) {
  const auto state = lazily_loaded(shape);
  return {.name = std::move(name),
          .reference_name = "a reducer written for this net",
          .unit = "ns",
          .reach_for = reach_for,
          .smaller_is_better = true,
          .ours = [state] { return ours_ns(state(), nullptr); },
          .reference = [shape] { return by_hand_ns(shape); }};
}

Comparison beside_one_worker(std::string name, const Shape& shape) {
  const auto state = lazily_loaded(shape);
  return {.name = std::move(name),
          .reference_name = "one worker",
          .unit = "M/s",
          .reach_for = 1.6,
          .ours =
              [state] {
                tickets::WorkerPool pool({.workers = 2});
                return 1e3 / ours_ns(state(), &pool);
              },
          .reference = [state] { return 1e3 / ours_ns(state(), nullptr); }};
}

}  // namespace

std::vector<Comparison> nets_comparisons() {
  return {beside_by_hand("net fib compiled rules", {.count = 1, .argument = 22}, 1.5),
          beside_by_hand("net many fib compiled rules", {.count = 2'000, .argument = 9}, 1.5),
          beside_by_hand("net guards and values", {.count = 1'000, .argument = 1'000, .is_fib = false}, 4),
          beside_one_worker("net fib 2 workers", {.count = 1, .argument = 24}),
          beside_one_worker("net many fib 2 workers", {.count = 5'000, .argument = 9}),
          beside_one_worker("net guards and values 2 workers", {.count = 5'000, .argument = 500, .is_fib = false})};
}

}  // namespace yard::bench
