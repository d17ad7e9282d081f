// A world whose waves are run by a library now and by kernels then, beside one that has kernels alone.
#include "engine/aot/generate.h"
#include "engine/aot/library.h"
#include "engine/world/replay.h"
#include "tests/engine/aot/any_graph.h"
#include "tests/engine/aot/script.h"
#include "tests/support/temp_dir.h"

namespace yard::graph::testing {
namespace {

using tickets::JournalLevel;

class Compiled {
 public:
  explicit Compiled(const Image& image) {
    const auto header = aot::generate(image, {});
    if (!header) {
      ADD_FAILURE() << header.error().front().message;
      return;
    }
    const Status built = aot::build_library(*header, path());
    if (!built) ADD_FAILURE() << to_string(built.error());
  }
  [[nodiscard]] std::filesystem::path path() const { return folder_.path() / "graph.so"; }
  [[nodiscard]] std::shared_ptr<CompiledNodes> load(const Image& image) const {
    auto loaded = aot::load_library(path(), image);
    if (loaded) return *loaded;
    ADD_FAILURE() << to_string(loaded.error());
    return nullptr;
  }

 private:
  yard::testing::TempDir folder_;
};

void look(World& world, std::uint32_t output) {
  ASSERT_TRUE(world.apply(DemandCause{output, true}));
  while (!world.settle()) {
  }
}

// The same happens to both, and at random moments `swapped` gets other code.
void compare(std::uint64_t seed, bool is_pull, JournalLevel level) {
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom graph_random(seed);
  const std::string document = AnyGraph(graph_random, *standard_kinds(), 400).text();
  const auto plain = make_world(document, {.journal = level, .pull = is_pull});
  const auto swapped = make_world(document, {.journal = level, .pull = is_pull});
  ASSERT_TRUE(plain && swapped);
  const Compiled compiled(plain->image());
  const auto nodes = compiled.load(plain->image());
  SeededRandom plain_random(seed + 1);
  SeededRandom swapped_random(seed + 1);
  SeededRandom swap_random(seed + 2);
  Script plain_script(plain_random, *plain);
  Script swapped_script(swapped_random, *swapped);
  for (int step = 0; step < 120; ++step) {
    SCOPED_TRACE("step " + std::to_string(step));
    ASSERT_TRUE(swapped->use_compiled(below(swap_random, 3) == 0 ? nullptr : nodes));
    plain_script.happen();
    swapped_script.happen();
    if (below(swap_random, 10) == 0) {
      const auto output = static_cast<std::uint32_t>(below(swap_random, plain->image().get_output_ports().size()));
      look(*plain, output);
      look(*swapped, output);
    }
    ASSERT_EQ(swapped_script.output, plain_script.output);
    ASSERT_EQ(swapped->snapshot(), plain->snapshot());
    ASSERT_EQ(swapped_script.journal, plain_script.journal);
  }
}

TEST(CompiledWorld, IsWhatItIsWithKernelsWheneverItSwaps) { compare(test_seed(), false, JournalLevel::kOff); }

TEST(CompiledWorld, RunsOnlyWhatIsLiveAndLeavesTheSameJournal) { compare(test_seed(), true, JournalLevel::kCauses); }

TEST(CompiledWorld, GoesBackToKernelsWithAnotherGraph) {
  const auto world = make_world(adder());
  (void)world->settle();
  const Compiled compiled(world->image());
  ASSERT_TRUE(world->use_compiled(compiled.load(world->image())));
  EXPECT_TRUE(world->is_compiled());
  const std::string other = Sketch().node("a", "Value", "double").json();
  ASSERT_TRUE(world->reload(other));
  EXPECT_FALSE(world->is_compiled());
  EXPECT_TRUE(world->settle());
  const auto loaded = aot::load_library(compiled.path(), world->image());
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, ErrorCode::kConflict);
}

TEST(CompiledWorld, SwapsAtRestOnly) {
  const auto world = make_world(adder());
  EXPECT_FALSE(world->use_compiled(nullptr));
  (void)world->settle();
  EXPECT_TRUE(world->use_compiled(nullptr));
}

TEST(LoadLibrary, RefusesWhatIsNoLibrary) {
  const auto world = make_world(adder());
  EXPECT_EQ(aot::load_library("nowhere.so", world->image()).error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace yard::graph::testing
