// Nothing is allocated once a world is warm: every operator new of this program is counted.
#include "tests/engine/world/support.h"
#include "tests/support/allocations.h"

namespace yard::graph::testing {
namespace {

// Levels, events, timers, a delay, random numbers and effects.
std::string machine() {
  return Sketch()
      .node("a", "Value", "double")
      .node("tick", "EventInput", "double")
      .node("timer", "Timer", "double", "\"interval_ms\": 1")
      .node("count", "Counter", "int64", "", "in1:double")
      .node("dice", "Random", "double", "", "trigger:double, low:double, high:double")
      .node("mean", "WindowMean", "double", "\"size\": 8", "x:double")
      .node("late", "Delay", "double", "\"delay_ms\": 3")
      .node("sum", "Add", "double", "", "in1:double, in2:double, in3:double")
      .node("show", "Emit")
      .wire("timer", "out", "count", "in1")
      .wire("tick", "out", "dice", "trigger")
      .wire("tick", "out", "mean", "x")
      .wire("a", "out", "late", "x")
      .wire("late", "out", "sum", "in1")
      .wire("mean", "out", "sum", "in2")
      .wire("dice", "out", "sum", "in3")
      .wire("sum", "out", "show", "x")
      .json();
}

std::uint64_t allocations_of(const WorldOptions& options, int events) {
  Driven world(machine(), options);
  const Source a = *world->source(world.output("a"));
  const std::uint32_t tick = world.output("tick");
  double value = 0;
  const auto go = [&](int count) {
    for (int i = 0; i < count; ++i) {
      world->set(a, Cell(value += 1));
      (void)world->apply(EmitCause{tick, value});
      while (!world->settle()) {
      }
      (void)world->apply(AdvanceCause{world->now_ns() + kMs});
      while (!world->settle()) {
      }
      world->clear_outbox();
    }
  };
  go(1'000);
  const std::uint64_t before = allocations();
  go(events);
  return allocations() - before;
}

TEST(WorldAllocation, NoneInAMillionSteps) { EXPECT_EQ(allocations_of({}, 120'000), 0u); }

TEST(WorldAllocation, NoneUnderAFullJournal) {
  Driven silent(Sketch()
                    .node("a", "Value", "double")
                    .node("sum", "Add", "double", "\"b\": 1")
                    .wire("a", "out", "sum", "a")
                    .options(R"("mode": "push")")
                    .json(),
                {.journal = tickets::JournalLevel::kFull});
  const Source a = *silent->source(silent.output("a"));
  double value = 0;
  const auto go = [&] {
    for (int i = 0; i < 1'000; ++i) {
      silent->set(a, Cell(value += 1));
      (void)silent->settle();
    }
    silent->clear_outbox();
  };
  go();
  const std::uint64_t before = allocations();
  go();
  EXPECT_EQ(allocations() - before, 0u);
}

}  // namespace
}  // namespace yard::graph::testing
