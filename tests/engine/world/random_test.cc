// Random graphs under random events, beside the reference.
#include <algorithm>

#include "engine/world/replay.h"
#include "tests/engine/world/interpreter.h"
#include "tests/engine/world/random_graph.h"
#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using tickets::JournalLevel;

std::string text_of(const Interpreter::Value& value) {
  if (const auto* failed = std::get_if<Interpreter::Failed>(&value)) return failed->code;
  return value.index() == 0 ? (std::get<bool>(value) ? "true" : "false")
                            : std::to_string(std::get<std::int64_t>(value));
}

std::string text_of(const World& world, std::uint32_t output) {
  const auto value = world.get(output);
  if (!value) return std::string(name_of(value.error().code));
  return value->index() == 0 ? (std::get<bool>(*value) ? "true" : "false")
                             : std::to_string(std::get<std::int64_t>(*value));
}

// The same happens to the world and to the reference.
class Pair {
 public:
  Pair(Random& random, std::uint32_t count, bool is_pull, JournalLevel level)
      : random_(random),
        graph_(random, count),
        reference_(graph_.document(), is_pull),
        world_(graph_.document().dump(), {.journal = level, .pull = is_pull}) {}

  void check() {
    for (const std::string& id : reference_.ids()) {
      if (!reference_.has_output(id) || !world_->is_live(world_.output(id))) continue;
      ASSERT_EQ(text_of(*world_, world_.output(id)), text_of(reference_.get(id))) << id;
    }
    auto left = world_.take_effects();
    auto wanted = reference_.take_effects();
    std::ranges::sort(left);
    std::ranges::sort(wanted);
    ASSERT_EQ(left, wanted);
    ASSERT_EQ(world_->get_stats().steps, reference_.steps());
  }

  void happen() {
    switch (below(random_, 6)) {
      case 0: return advance();
      case 1: return emit();
      case 2: return look();
      default:
        for (std::uint64_t left = 1 + below(random_, 4); left > 0; --left) set();
        reference_.settle();
        world_.settle();
    }
  }

  Driven& world() { return world_; }

 private:
  void set() {
    const std::string type = below(random_, 3) == 0 ? "bool" : "int64";
    const auto& sources = graph_.sources(type);
    if (sources.empty()) return;
    const std::string& id = sources[below(random_, sources.size())];
    const std::int64_t value = static_cast<std::int64_t>(below(random_, 10)) - 3;
    if (type == "bool") {
      reference_.set(id, value > 0);
      ASSERT_TRUE(world_.put(id, value > 0));
    } else {
      const std::int64_t large = below(random_, 20) == 0 ? INT64_MAX - 4 - value : value;
      reference_.set(id, large);
      ASSERT_TRUE(world_.put(id, large));
    }
  }
  void emit() {
    const auto& sources = graph_.sources("event");
    if (sources.empty()) return;
    const std::string& id = sources[below(random_, sources.size())];
    std::vector<Value> values;
    for (std::uint64_t left = 1 + below(random_, 3); left > 0; --left) {
      const auto value = static_cast<std::int64_t>(below(random_, 3));
      reference_.emit(id, value);
      values.emplace_back(value);
    }
    reference_.settle();
    world_.emit(id, std::move(values));
  }
  void advance() {
    const auto ms = static_cast<std::int64_t>(below(random_, 60));
    reference_.advance(world_->now_ns() + ms * kMs);
    world_.advance(ms);
  }
  void look() {
    const std::string& id = reference_.ids()[below(random_, reference_.ids().size())];
    if (!reference_.has_output(id)) return;
    reference_.look(id);
    reference_.settle();
    world_.look(id);
  }

  Random& random_;
  RandomGraph graph_;
  Interpreter reference_;
  Driven world_;
};

void compare_all(JournalLevel level, int graphs) {
  const std::uint64_t seed = test_seed();
  for (int i = 0; i < graphs; ++i) {
    const std::uint64_t own = seed + static_cast<std::uint64_t>(i);
    SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(own));
    SeededRandom random(own);
    Pair pair(random, static_cast<std::uint32_t>(5 + below(random, 60)), i % 2 == 0, level);
    pair.check();
    for (int step = 0; step < 40 && !::testing::Test::HasFatalFailure(); ++step) {
      SCOPED_TRACE("step " + std::to_string(step));
      pair.happen();
      pair.check();
    }
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(WorldRandom, IsWhatTheReferenceIs) { compare_all(JournalLevel::kOff, 150); }

// Each node is run by itself then.
TEST(WorldRandom, IsWhatTheReferenceIsUnderAFullJournal) { compare_all(JournalLevel::kFull, 100); }

TEST(WorldRandom, ReplaysToTheSameBytes) {
  const std::uint64_t seed = test_seed();
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t own = seed + static_cast<std::uint64_t>(i);
    SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(own));
    SeededRandom random(own);
    const JournalLevel level = i % 2 == 0 ? JournalLevel::kFull : JournalLevel::kCauses;
    Pair pair(random, 40, i % 3 == 0, level);
    Bytes records;
    for (int step = 0; step < 30; ++step) {
      records += pair.world()->journal_part().bytes;
      pair.world()->clear_outbox();
      pair.happen();
    }
    records += pair.world()->journal_part().bytes;
    Replay again(standard_kinds(), {.verify = true});
    Status done = again.take(records, 1);
    if (done) done = again.finish();
    ASSERT_TRUE(done) << to_string(done.error());
    ASSERT_EQ(again.take_missing(), "");
    ASSERT_EQ(again.world().snapshot(), pair.world()->snapshot());
  }
}

}  // namespace
}  // namespace yard::graph::testing
