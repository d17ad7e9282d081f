// Random networks with random changes: managed, fast and hybrid agree in everything but the way.
#include <gtest/gtest.h>

#include "engine/base/hash.h"
#include "tests/engine/ports/agents.h"
#include "tests/support/seed.h"

namespace yard::ports::testing {
namespace {

constexpr std::uint32_t kPorts = 6;

// What all agents of a network want to do, by a common source of chance: runs that part would never meet again.
struct Chance {
  explicit Chance(std::uint64_t seed) : random(seed) {}
  SeededRandom random;
  std::vector<AgentHandle> agents;
  AgentHandle gone;  // one that was removed
  std::string log;   // of handlers, in the order of their runs

  PortHandle port() {
    const bool is_gone = gone && below(random, 16) == 0;
    return {is_gone ? gone : agents[below(random, agents.size())], static_cast<std::uint32_t>(below(random, kPorts))};
  }
};

// A random change of the structure, from within a ticket or from outside.
void change(Network& network, Chance& chance);

// Relays, emits, refuses now and then, and is deaf on its last port.
class Wild final : public FastAgent {
 public:
  explicit Wild(Chance& chance) : chance_(chance) {}

  std::int64_t relay(std::int64_t value) {
    note('r', value);
    return value + 1;
  }
  void emit(std::int64_t value, Hop& hop) {
    note('e', value);
    for (std::uint64_t left = 1 + below(chance_.random, 3); left > 0; --left)
      hop.emit(static_cast<std::uint32_t>(below(chance_.random, kPorts)), value + static_cast<std::int64_t>(left));
    if (below(chance_.random, 4) == 0) hop.effect("seen", value);
    if (below(chance_.random, 8) == 0) change(hop.network(), chance_);
  }
  Status refuse(double value, Hop& hop) {
    note('s', static_cast<std::int64_t>(value));
    hop.emit(static_cast<std::uint32_t>(below(chance_.random, kPorts)), value);
    if (below(chance_.random, 4) == 0) return fail(ErrorCode::kToolFailed, "now and then");
    return {};
  }

  [[nodiscard]] std::string_view type() const override { return "Wild"; }
  [[nodiscard]] std::span<const PortSpec> ports() const override {
    static constexpr std::array kSpecs{relayed<&Wild::relay, 1>("relay"),     handled<&Wild::emit>("emit"),
                                       handled<&Wild::refuse>("refuse"),      handled<&Wild::emit>("emit too"),
                                       relayed<&Wild::relay, 3>("relay too"), port("deaf")};
    static_assert(kSpecs.size() == kPorts);
    return kSpecs;
  }
  void save(PackWriter& out) const override { out.integer(sum_); }

 private:
  void note(char what, std::int64_t value) {
    sum_ = sum_ * 31 + value;
    sum_ &= 0xFFFF'FFFF;
    chance_.log += what + std::to_string(handle().index) + '.' + std::to_string(handle().generation) + ' ';
    chance_.log += std::to_string(value) + '\n';
  }

  Chance& chance_;
  std::int64_t sum_ = 0;
};

void change(Network& network, Chance& chance) {
  const std::uint64_t what = below(chance.random, 8);
  if (what == 0) {
    AgentHandle& replaced = chance.agents[below(chance.random, chance.agents.size())];
    (void)network.remove(replaced);
    chance.gone = std::exchange(replaced, add<Wild>(network, chance));
    return;
  }
  if (what == 1) return (void)network.disconnect(chance.port());
  const PortHandle a = chance.port();
  (void)network.connect(a, chance.port());
}

enum class Setting : std::uint8_t { kManaged, kFast, kHybrid, kForced, kTraced };

struct Counting final : Trace {
  void hop(const HopSeen& hop) override { ++(hop.way == Way::kFast ? fast : managed); }
  std::uint64_t fast = 0;
  std::uint64_t managed = 0;
};

// A network and how its ports are run; everything else follows from the seed.
class Course {
 public:
  Course(std::uint64_t seed, Setting setting) : chance_(seed), modes_(seed ^ 0x5EED), setting_(setting) {
    for (int i = 0; i < 20; ++i) chance_.agents.push_back(add<Wild>(network_, chance_));
    for (int i = 0; i < 150; ++i) (void)network_.connect(chance_.port(), chance_.port());
    if (setting == Setting::kForced) network_.force_managed(true);
    if (setting == Setting::kTraced) network_.set_trace(&trace_);
  }

  void step() {
    optimize();
    if (below(chance_.random, 4) == 0) change(network_, chance_);
    const PortHandle port = chance_.port();
    const auto value = static_cast<std::int64_t>(below(chance_.random, 100));
    const auto done = network_.dispatch(port, value);
    if (!done) chance_.log += std::string(error_name(done.error().code)) + '\n';
    for (const Effect& effect : network_.take_effects())
      chance_.log += "effect " + std::to_string(effect.event_id) + '.' + std::to_string(effect.index) + ' ' +
                     effect.channel + ' ' + effect.params + '\n';
  }

  // All that must be the same.
  [[nodiscard]] std::string text() const {
    const Counts& counts = network_.get_counts();
    std::string text = chance_.log;
    for (const std::uint64_t count : {counts.hops, counts.dropped, counts.unhandled, counts.mismatched, counts.failed,
                                      counts.refused_changes, hash64(network_.snapshot())})
      text += std::to_string(count) + ' ';
    return text;
  }
  [[nodiscard]] std::uint64_t fast() const { return network_.get_counts().fast; }
  [[nodiscard]] std::uint64_t hops() const { return network_.get_counts().hops; }
  [[nodiscard]] const Counting& trace() const { return trace_; }

 private:
  void optimize() {
    if (setting_ == Setting::kFast || setting_ == Setting::kForced || setting_ == Setting::kTraced)
      network_.compile_graph();
    if (setting_ == Setting::kHybrid)
      network_.optimize_ports({.mode = below(modes_, 2) == 0 ? Mode::kHybrid : Mode::kFast,
                               .filter = [&](PortHandle) { return below(modes_, 2) == 0; }});
  }

  Chance chance_;
  SeededRandom modes_;
  Setting setting_;
  Counting trace_;
  Network network_{{.hops_max = 500}};
};

TEST(PortRandom, AllModesAgree) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  std::uint64_t fast = 0;
  std::uint64_t hybrid = 0;
  std::uint64_t hops = 0;
  for (std::uint64_t round = 0; round < 300; ++round) {
    Course managed(seed + round, Setting::kManaged);
    Course fully(seed + round, Setting::kFast);
    Course partly(seed + round, Setting::kHybrid);
    Course forced(seed + round, Setting::kForced);
    Course traced(seed + round, Setting::kTraced);
    for (int i = 0; i < 50; ++i)
      for (Course* course : {&managed, &fully, &partly, &forced, &traced}) course->step();
    for (const Course* course : {&fully, &partly, &forced, &traced}) ASSERT_EQ(course->text(), managed.text()) << round;
    EXPECT_EQ(managed.fast(), 0u);
    EXPECT_EQ(forced.fast(), 0u);
    EXPECT_EQ(traced.trace().fast, fully.fast());
    EXPECT_EQ(traced.trace().fast + traced.trace().managed, traced.hops());
    fast += fully.fast();
    hybrid += partly.fast();
    hops += managed.hops();
  }
  // The comparison says something: hops are many, and go either way.
  EXPECT_GT(hops, 10'000u);
  EXPECT_GT(fast, hops / 2);
  EXPECT_GT(hybrid, hops / 20);
  EXPECT_LT(hybrid, fast);
}

}  // namespace
}  // namespace yard::ports::testing
