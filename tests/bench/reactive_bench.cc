// The shapes that reactive libraries are compared by, beside alien-signals running the same.
#include <array>
#include <chrono>
#include <cmath>
#include <numeric>

#include "engine/reactive/scheduler.h"
#include "tests/bench/peers/alien.h"
#include "tests/bench/road_bench.h"

namespace yard::bench {
namespace {

using reactive::Computed;
using reactive::Readable;
using reactive::Scheduler;
using reactive::Signal;

// The best of many short batches: the machine interrupts whole milliseconds. alien.cjs measures alike.
constexpr int kBatches = 60;
constexpr double kBatchNs = 500'000;

template <typename Step>
double best_ns(Step&& step) {
  using Clock = std::chrono::steady_clock;
  int value = 0;
  const auto batch = [&](int count) {
    const auto began = Clock::now();
    for (int i = 0; i < count; ++i) step(++value);
    return std::chrono::duration<double, std::nano>(Clock::now() - began).count() / count;
  };
  const int count = std::max(1, static_cast<int>(kBatchNs / batch(200)));
  double best = batch(count);
  for (int i = 1; i < kBatches; ++i) best = std::min(best, batch(count));
  return best;
}

// What each shape ends in.
template <typename T>
void watch(Scheduler& scheduler, const Readable<T>& value) {
  scheduler.sink([value, seen = T{}]() mutable { seen = value.get(); });
}

double drive_ns(Scheduler& scheduler, const Signal<int>& head) {
  scheduler.settle();
  return best_ns([&](int value) {
    head.set(value);
    scheduler.settle();
  });
}

double two_nodes_ns() {
  Scheduler scheduler;
  const auto head = scheduler.signal(0);
  watch(scheduler, scheduler.derive([=] { return head.get() + 1; }));
  return drive_ns(scheduler, head);
}

double deep_ns() {
  Scheduler scheduler;
  const auto head = scheduler.signal(0);
  auto end = scheduler.derive([=] { return head.get() + 1; });
  for (int i = 1; i < 50; ++i) end = scheduler.derive([end] { return end.get() + 1; });
  watch(scheduler, end);
  return drive_ns(scheduler, head);
}

double broad_ns() {
  Scheduler scheduler;
  const auto head = scheduler.signal(0);
  for (int i = 0; i < 50; ++i) {
    const auto first = scheduler.derive([=] { return head.get() + i; });
    watch(scheduler, scheduler.derive([=] { return first.get() + 1; }));
  }
  return drive_ns(scheduler, head);
}

template <std::size_t kCount>
Computed<int> sum_of(Scheduler& scheduler, const std::array<Computed<int>, kCount>& values) {
  return scheduler.derive([=] {
    return std::accumulate(values.begin(), values.end(), 0, [](int sum, const auto& one) { return sum + one.get(); });
  });
}

double diamond_ns() {
  Scheduler scheduler;
  const auto head = scheduler.signal(0);
  std::array<Computed<int>, 5> arms;
  for (auto& arm : arms) arm = scheduler.derive([=] { return head.get() + 1; });
  watch(scheduler, sum_of(scheduler, arms));
  return drive_ns(scheduler, head);
}

double triangle_ns() {
  Scheduler scheduler;
  const auto head = scheduler.signal(0);
  std::array<Computed<int>, 10> rows;
  rows[0] = scheduler.derive([=] { return head.get(); });
  for (std::size_t i = 1; i < rows.size(); ++i)
    rows[i] = scheduler.derive([above = rows[i - 1]] { return above.get() + 1; });
  watch(scheduler, sum_of(scheduler, rows));
  return drive_ns(scheduler, head);
}

double mux_ns() {
  constexpr std::size_t kWidth = 100;
  Scheduler scheduler;
  std::vector<Signal<int>> heads;
  for (std::size_t i = 0; i < kWidth; ++i) heads.push_back(scheduler.signal(0));
  const auto mux = scheduler.derive([heads] {
    std::array<int, kWidth> all;
    for (std::size_t i = 0; i < kWidth; ++i) all[i] = heads[i].get();
    return all;
  });
  for (std::size_t i = 0; i < kWidth; ++i) {
    const auto one = scheduler.derive([=] { return mux.get()[i]; });
    watch(scheduler, scheduler.derive([=] { return one.get() + 1; }));
  }
  scheduler.settle();
  return best_ns([&](int value) {
    heads[static_cast<std::size_t>(value) % kWidth].set(value);
    scheduler.settle();
  });
}

double unstable_ns() {
  Scheduler scheduler;
  const auto head = scheduler.signal(0);
  const auto twice = scheduler.derive([=] { return head.get() * 2; });
  const auto inverse = scheduler.derive([=] { return -head.get(); });
  watch(scheduler, scheduler.derive([=] {
    int sum = 0;
    for (int i = 0; i < 20; ++i) sum += head.get() % 2 != 0 ? twice.get() : inverse.get();
    return sum;
  }));
  return drive_ns(scheduler, head);
}

double avoidable_ns() {
  Scheduler scheduler;
  const auto head = scheduler.signal(0);
  const auto first = scheduler.derive([=] { return head.get(); });
  const auto same = scheduler.derive([=] { return first.get() * 0; });
  auto end = scheduler.derive([=] { return same.get() + 1; });
  for (int i = 0; i < 2; ++i) end = scheduler.derive([end] { return end.get() + 2; });
  watch(scheduler, end);
  return drive_ns(scheduler, head);
}

double repeated_ns() {
  Scheduler scheduler;
  const auto head = scheduler.signal(0);
  watch(scheduler, scheduler.derive([=] {
    int sum = 0;
    for (int i = 0; i < 30; ++i) sum += head.get();
    return sum;
  }));
  return drive_ns(scheduler, head);
}

using Row = std::array<Readable<int>, 4>;

Row next_row(Scheduler& scheduler, const Row& row) {
  return {scheduler.derive([a = row[1]] { return a.get(); }),
          scheduler.derive([a = row[0], b = row[2]] { return a.get() - b.get(); }),
          scheduler.derive([a = row[1], b = row[3]] { return (a.get() + b.get()) & 0xFFFF; }),
          scheduler.derive([a = row[2]] { return a.get(); })};
}

double cellx_ns() {
  Scheduler scheduler;
  const std::array heads{scheduler.signal(1), scheduler.signal(2), scheduler.signal(3), scheduler.signal(4)};
  Row row{heads[0], heads[1], heads[2], heads[3]};
  for (int layer = 0; layer < 100; ++layer) {
    row = next_row(scheduler, row);
    for (const auto& one : row) watch(scheduler, one);
  }
  scheduler.settle();
  return best_ns([&](int value) {
    for (int i = 0; i < 4; ++i) heads[static_cast<std::size_t>(i)].set((value * (i + 3)) & 0xFF);
    scheduler.settle();
  });
}

// Five layers of ten; every third node leaves out an input when the first one is odd.
double dynamic_ns() {
  constexpr std::size_t kWidth = 10;
  Scheduler scheduler;
  std::vector<Signal<int>> heads;
  for (std::size_t i = 0; i < kWidth; ++i) heads.push_back(scheduler.signal(static_cast<int>(i)));
  std::vector<Readable<int>> above(heads.begin(), heads.end());
  for (std::size_t layer = 0; layer < 5; ++layer) {
    std::vector<Readable<int>> row;
    for (std::size_t i = 0; i < kWidth; ++i) {
      const std::array<Readable<int>, 4> inputs{above[i], above[(i + 1) % kWidth], above[(i + 2) % kWidth],
                                                above[(i + 3) % kWidth]};
      row.push_back(scheduler.derive([inputs, drops = i % 3 == 0] {
        int sum = inputs[0].get();
        const bool drop = drops && (sum & 1) != 0;
        for (std::size_t j = 1; j < inputs.size(); ++j) sum += drop && j == 2 ? 0 : inputs[j].get();
        return sum & 0xFFFF;
      }));
    }
    above = std::move(row);
  }
  for (const auto& one : above) watch(scheduler, one);
  scheduler.settle();
  return best_ns([&](int value) {
    heads[static_cast<std::size_t>(value) % kWidth].set(value);
    scheduler.settle();
  });
}

struct Shape {
  std::string name;
  double (*ns)();
};

const std::array kShapes = {
    Shape{"deep", deep_ns},           Shape{"broad", broad_ns},       Shape{"diamond", diamond_ns},
    Shape{"triangle", triangle_ns},   Shape{"mux", mux_ns},           Shape{"unstable", unstable_ns},
    Shape{"avoidable", avoidable_ns}, Shape{"repeated", repeated_ns}, Shape{"cellx", cellx_ns},
    Shape{"dynamic", dynamic_ns}};

Comparison beside_alien(const std::string& shape, std::function<double()> ours, double reach_for) {
  return {.name = "reactive " + shape,
          .reference_name = "alien-signals, the same shape",
          .unit = "ns",
          .reach_for = reach_for,
          .smaller_is_better = true,
          .ours = std::move(ours),
          .reference = [shape] { return Alien::shape_ns(shape); },
          .missing = Alien::missing()};
}

double mean_ns(double (*of)(const Shape&)) {
  double logarithms = 0;
  for (const Shape& shape : kShapes) logarithms += std::log(of(shape));
  return std::exp(logarithms / static_cast<double>(kShapes.size()));
}

}  // namespace

std::vector<Comparison> reactive_comparisons() {
  std::vector<Comparison> all{beside_alien("two nodes", two_nodes_ns, 0.2)};
  for (const Shape& shape : kShapes) all.push_back(beside_alien(shape.name, shape.ns, 0.33));
  Comparison mean =
      beside_alien("geometric mean", [] { return mean_ns([](const Shape& one) { return one.ns(); }); }, 0.2);
  mean.reference = [] { return mean_ns([](const Shape& one) { return Alien::shape_ns(one.name); }); };
  all.push_back(std::move(mean));
  return all;
}

}  // namespace yard::bench
