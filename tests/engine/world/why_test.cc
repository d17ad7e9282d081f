#include "engine/world/why.h"

#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

TEST(Why, LeadsFromAValueToItsCauses) {
  Driven world(Sketch()
                   .node("a", "Value", "double")
                   .node("b", "Value", "double")
                   .node("c", "Value", "double")
                   .node("left", "Add", "double")
                   .node("all", "Add", "double")
                   .node("show", "Emit")
                   .wire("a", "out", "left", "a")
                   .wire("b", "out", "left", "b")
                   .wire("left", "out", "all", "a")
                   .wire("c", "out", "all", "b")
                   .wire("all", "out", "show", "x")
                   .json(),
               {.journal = tickets::JournalLevel::kCauses});
  world.set("c", 1.0);
  world.set("b", 1.0);
  ASSERT_TRUE(world.put("a", 5.0));
  ASSERT_TRUE(world.put("c", 1.0)) << "as it was";
  world.settle();

  Replay replay(standard_kinds(), {});
  Why why(replay);
  ASSERT_TRUE(replay.take(world->journal_part().bytes, 1));
  ASSERT_TRUE(replay.finish());
  const auto steps = why.explain(world.output("all"));
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(steps[0].output, world.output("all"));
  EXPECT_EQ(steps[1].output, world.output("left"));
  EXPECT_EQ(steps[2].output, world.output("a"));
  EXPECT_TRUE(steps[2].is_source);
  EXPECT_EQ(steps[2].depth, 2u);
  EXPECT_GT(steps[0].event_id, steps[1].event_id);
  // Began, Reload, effects of the beginning, then what was set.
  std::uint64_t seq = 0;
  std::uint64_t seq_of_a = 0;
  BytesView left = world->journal_part().bytes;
  while (const auto record = *tickets::take_record(left)) {
    ++seq;
    if (record->head.kind != tickets::RecordKind::kSet) continue;
    const auto set = std::get<SetCause>(*read_cause(*record));
    if (set.output == world.output("a")) seq_of_a = seq;
  }
  EXPECT_EQ(steps[2].last_cause, seq_of_a);
  EXPECT_EQ(steps[0].first_cause, seq_of_a);
  EXPECT_EQ(why.explain(world.output("b")).at(0).is_source, true);
}

TEST(Why, TimeIsACause) {
  Driven world(Sketch()
                   .node("timer", "Timer", "double", "\"interval_ms\": 10")
                   .node("count", "Counter", "int64", "", "in1:double")
                   .wire("timer", "out", "count", "in1")
                   .json(),
               {.journal = tickets::JournalLevel::kFull});
  world.advance(25);
  Replay replay(standard_kinds(), {});
  Why why(replay);
  ASSERT_TRUE(replay.take(world->journal_part().bytes, 1));
  ASSERT_TRUE(replay.finish());
  const auto steps = why.explain(world.output("count"));
  ASSERT_EQ(steps.size(), 2u);
  EXPECT_EQ(steps[1].output, world.output("timer"));
  EXPECT_EQ(steps[1].last_cause, replay.cause_seq());
}

}  // namespace
}  // namespace yard::graph::testing
