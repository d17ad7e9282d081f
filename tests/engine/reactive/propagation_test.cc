#include <gtest/gtest.h>

#include "engine/reactive/scheduler.h"

namespace yard::reactive {
namespace {

TEST(Propagation, RunsAnEffectWhenWhatItReadsHasAnotherValue) {
  Scheduler scheduler;
  const auto a = scheduler.signal(1);
  const auto b = scheduler.derive([=] { return a.get() + 1; });
  std::vector<int> seen;
  scheduler.sink([&, b] { seen.push_back(b.get()); });
  scheduler.settle();
  a.set(2);
  scheduler.settle();
  EXPECT_EQ(seen, (std::vector{2, 3}));
}

}  // namespace
}  // namespace yard::reactive
