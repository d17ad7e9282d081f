// Random graphs with changing reads, beside computing everything anew.
#include "engine/base/random.h"

#include <array>
#include <map>

#include "tests/engine/reactive/support.h"
#include "tests/support/seed.h"

namespace yard::reactive {
namespace {

constexpr int kSources = 8;
constexpr int kNodes = 60;
constexpr int kSteps = 300;

// Node i reads some of the sources and of the nodes before it; which ones depends on what it has read so far.
struct Model {
  explicit Model(Random& random) {
    for (auto& choice : choices)
      for (int& one : choice) one = static_cast<int>(random.next() & 0xFFFF);
  }

  template <typename Read>
  int compute(int node, Read&& read) const {
    const auto& choice = choices[static_cast<std::size_t>(node)];
    int value = node;
    for (int i = 0; i < 3; ++i) {
      const int reach = kSources + node;
      value = (value * 7 + read((choice[static_cast<std::size_t>(i)] + value) % reach)) % 23;
      if (value % 5 == 0) break;
    }
    return value;
  }

  // The value of place `at`: a source, or a node.
  [[nodiscard]] int expected(int at, std::vector<int>& memo) const {
    if (at < kSources) return sources[static_cast<std::size_t>(at)];
    int& known = memo[static_cast<std::size_t>(at)];
    if (known < 0) known = compute(at - kSources, [&](int read) { return expected(read, memo); });
    return known;
  }

  std::array<int, kSources> sources{};
  std::array<std::array<int, 3>, kNodes> choices{};
};

struct World {
  explicit World(const Model& model) {
    for (const int value : model.sources) sources.push_back(scheduler.signal(value));
    nodes.resize(kNodes);
    // Made from the end, so that nothing is below what it reads by chance.
    for (int i = kNodes - 1; i >= 0; --i)
      nodes[static_cast<std::size_t>(i)] = scheduler.derive([this, &model, i] {
        ++runs[static_cast<std::size_t>(i)];
        return model.compute(i, [this](int at) { return read(at); });
      });
  }
  [[nodiscard]] int read(int at) const {
    return at < kSources ? sources[static_cast<std::size_t>(at)].get()
                         : nodes[static_cast<std::size_t>(at - kSources)].get();
  }

  Scheduler scheduler;
  std::vector<Signal<int>> sources;
  std::vector<Computed<int>> nodes;
  std::array<int, kNodes> runs{};
};

TEST(RandomGraph, HasTheValuesOfComputingEverythingAnewAndRunsEachNodeOnceAWave) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  Model model(random);
  World world(model);
  std::map<int, std::pair<Cancel, int>> effects;  // by what they read, with what they saw
  for (int step = 0; step < kSteps; ++step) {
    const int changes = 1 + static_cast<int>(below(random, 3));
    for (int i = 0; i < changes; ++i) {
      const std::size_t source = below(random, kSources);
      model.sources[source] = static_cast<int>(below(random, 4));
      world.sources[source].set(model.sources[source]);
    }
    const int at = kSources + static_cast<int>(below(random, kNodes));
    if (const auto found = effects.find(at); found != effects.end() && below(random, 2) == 0) {
      found->second.first();
      effects.erase(found);
    } else if (found == effects.end()) {
      int& seen = effects[at].second;
      effects[at].first = world.scheduler.sink([&world, &seen, at] { seen = world.read(at); });
    }
    std::vector<int> memo(kSources + kNodes, -1);
    const int peeked = kSources + static_cast<int>(below(random, kNodes));
    world.runs = {};
    if (below(random, 2) == 0) ASSERT_EQ(world.read(peeked), model.expected(peeked, memo)) << step;
    world.scheduler.settle();
    for (const auto& [place, effect] : effects) ASSERT_EQ(effect.second, model.expected(place, memo)) << step;
    for (const int runs : world.runs) ASSERT_LE(runs, 1) << step;
    ASSERT_TRUE(world.scheduler.idle());
  }
}

}  // namespace
}  // namespace yard::reactive
