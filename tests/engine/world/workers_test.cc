// Any number of workers, under any schedule: the same bytes.
#include "tests/engine/world/random_graph.h"
#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using tickets::JournalLevel;
using tickets::WorkerPool;

struct Made {
  Bytes records;
  Bytes state;
  std::vector<std::string> effects;
  bool operator==(const Made&) const = default;
};

// The same things happen for the same seed.
Made run(const nlohmann::json& document, std::vector<std::string> sources, std::uint64_t seed,
         std::shared_ptr<WorkerPool> pool, JournalLevel level) {
  Driven world(document.dump(), {.journal = level, .pull = false, .pool = std::move(pool)});
  SeededRandom random(seed);
  Made made;
  const auto keep = [&] {
    made.records += world->journal_part().bytes;
    for (std::string& line : world.take_effects()) made.effects.push_back(std::move(line));
  };
  keep();
  for (int step = 0; step < 12; ++step) {
    for (const std::string& id : sources)
      if (below(random, 2) == 0)
        EXPECT_TRUE(world.put(id, static_cast<std::int64_t>(below(random, 9)) - 4).has_value());
    world.settle();
    keep();
    world.advance(static_cast<std::int64_t>(below(random, 30)));
    keep();
  }
  made.state = world->snapshot();
  return made;
}

TEST(WorldWorkersConcurrent, AnyNumberUnderAnyScheduleGivesTheSameBytes) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  for (const std::uint32_t nodes : {60u, 1'500u}) {
    RandomGraph graph(random, nodes);
    const auto& sources = graph.sources("int64");
    const Made alone = run(graph.document(), sources, seed, nullptr, JournalLevel::kCauses);
    ASSERT_FALSE(alone.effects.empty());
    for (const unsigned workers : {1u, 2u, 3u, 4u, 8u, 16u})
      for (std::uint64_t schedule = 1; schedule <= 5; ++schedule) {
        SCOPED_TRACE(std::to_string(workers) + " workers, schedule " + std::to_string(schedule));
        auto pool = std::make_shared<WorkerPool>(
            tickets::WorkerPoolOptions{.workers = workers, .perturb_seed = seed + schedule});
        ASSERT_TRUE(run(graph.document(), sources, seed, pool, JournalLevel::kCauses) == alone);
      }
  }
}

TEST(WorldWorkersConcurrent, AFullJournalIsTheSameToo) {
  SeededRandom random(3);
  RandomGraph graph(random, 300);
  const auto& sources = graph.sources("int64");
  const Made alone = run(graph.document(), sources, 3, nullptr, JournalLevel::kFull);
  auto pool = std::make_shared<WorkerPool>(tickets::WorkerPoolOptions{.workers = 4});
  EXPECT_TRUE(run(graph.document(), sources, 3, pool, JournalLevel::kFull) == alone);
}

// Many chains beside each other are units of one stage; layers are stages.
TEST(WorldWorkersConcurrent, ChainsAndLayersAreShared) {
  Sketch sketch;
  for (int chain = 0; chain < 300; ++chain) {
    const std::string id = "c" + std::to_string(chain);
    sketch.node(id, "Value", "int64", "\"value\": " + std::to_string(chain))
        .node(id + "a", "Add", "int64", "\"b\": 1")
        .node(id + "b", "Multiply", "int64", "\"b\": 3")
        .node(id + "e", "Emit", "int64")
        .wire(id, "out", id + "a", "a")
        .wire(id + "a", "out", id + "b", "a")
        .wire(id + "b", "out", id + "e", "x");
  }
  auto pool = std::make_shared<WorkerPool>(tickets::WorkerPoolOptions{.workers = 3, .perturb_seed = 5});
  Driven shared(sketch.json(), {.pool = pool});
  Driven alone(sketch.json());
  EXPECT_EQ(shared->get_stats().steps, 900u);
  EXPECT_EQ(shared.take_effects(), alone.take_effects());
  for (int chain = 0; chain < 300; ++chain) {
    ASSERT_TRUE(shared.put("c" + std::to_string(chain), std::int64_t{chain * 7 + 1}));
    ASSERT_TRUE(alone.put("c" + std::to_string(chain), std::int64_t{chain * 7 + 1}));
  }
  shared.settle();
  alone.settle();
  EXPECT_EQ(shared->snapshot(), alone->snapshot());
  EXPECT_EQ(shared.take_effects(), alone.take_effects());
}

}  // namespace
}  // namespace yard::graph::testing
