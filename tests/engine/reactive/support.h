// What the tests of the scheduler share.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/reactive/scheduler.h"

namespace yard::reactive::testing {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Costs what the test says: actions spend.
class FakeMeter final : public CostMeter {
 public:
  [[nodiscard]] Nanos now() override { return now_; }
  void spend(Nanos cost) { now_ += cost; }

 private:
  Nanos now_{0};
};

// A scheduler that keeps its problems.
struct Rig {
  explicit Rig(SchedulerOptions options = {}) : scheduler(with_problems(std::move(options))) {}

  SchedulerOptions with_problems(SchedulerOptions options) {
    options.on_problem = [this](const Problem& problem) { problems.push_back(problem); };
    return options;
  }
  [[nodiscard]] std::vector<ProblemKind> kinds() const {
    std::vector<ProblemKind> all;
    all.reserve(problems.size());
    for (const Problem& problem : problems) all.push_back(problem.kind);
    return all;
  }

  std::vector<Problem> problems;
  Scheduler scheduler;
};

inline SchedulerOptions iterating() { return {.cycles = Cycles::kIterate}; }

// A pair of computations that depend on each other: each is what `step` makes of the other.
template <typename Step>
Computed<int> make_cycle(Scheduler& scheduler, Step step, Nanos cost = Nanos(0)) {
  auto back = std::make_shared<Computed<int>>();
  const auto first = scheduler.derive([back, step] { return step(back->get()); }, {.cost = cost, .name = "first"}, 0);
  *back = scheduler.derive([first] { return first.get(); }, {.cost = cost, .name = "second"}, 0);
  return first;
}

}  // namespace yard::reactive::testing
