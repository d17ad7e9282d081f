// Which ports are optimised, and why others are not.
#include <gtest/gtest.h>

#include <set>

#include "engine/ports/fast_net.h"
#include "engine/ports/network_bridge.h"
#include "tests/engine/ports/agents.h"

namespace yard::ports::testing {
namespace {

class OptimizedPorts : public ::testing::Test {
 protected:
  std::size_t optimized() const {
    std::size_t count = network_.is_optimized(chain_.begin()) ? 1 : 0;
    for (const AgentHandle stage : chain_.stages)
      if (network_.is_optimized({stage, Stage::kOut})) ++count;
    return count;
  }
  [[nodiscard]] PortHandle out(std::size_t stage) const { return {chain_.stages[stage], Stage::kOut}; }

  Network network_;
  Chain chain_{network_, 5};
};

TEST_F(OptimizedPorts, OnlyThoseThatMatchTheFilter) {
  const Optimized done = network_.optimize_ports({.filter = [&](PortHandle port) { return port == out(1); }});
  EXPECT_EQ(done.ports, 1u);
  EXPECT_TRUE(done.refusals.empty());
  EXPECT_TRUE(network_.is_optimized(out(1)));
  EXPECT_EQ(optimized(), 1u);
  const Counts counts = dispatch(network_, chain_.begin(), 1);
  EXPECT_EQ(counts.hops, 5u);
  EXPECT_EQ(counts.fast, 1u);
}

TEST_F(OptimizedPorts, ModesDifferInWhatTheyDoToTheRest) {
  const auto only = [&](std::size_t stage) { return [port = out(stage)](PortHandle other) { return other == port; }; };
  network_.optimize_ports({.mode = Mode::kFast, .filter = only(0)});
  network_.optimize_ports({.mode = Mode::kFast, .filter = only(1)});
  EXPECT_EQ(optimized(), 2u);
  network_.optimize_ports({.mode = Mode::kHybrid, .filter = only(2)});
  EXPECT_EQ(optimized(), 1u);
  EXPECT_TRUE(network_.is_optimized(out(2)));
  network_.compile_graph();
  network_.optimize_ports({.mode = Mode::kManaged, .filter = only(3)});
  EXPECT_EQ(optimized(), 4u);
  EXPECT_FALSE(network_.is_optimized(out(3)));
  network_.optimize_ports({.mode = Mode::kManaged});
  EXPECT_EQ(optimized(), 0u);
}

TEST_F(OptimizedPorts, SnapshotsDoNotTell) {
  const Bytes before = network_.snapshot();
  network_.compile_graph();
  EXPECT_EQ(network_.snapshot(), before);
  network_.decompile_graph();
  EXPECT_EQ(network_.snapshot(), before);
}

TEST_F(OptimizedPorts, DecompilingGivesAllBackToTheScheduler) {
  network_.compile_graph();
  EXPECT_EQ(optimized(), 5u);
  network_.deoptimize_ports();
  EXPECT_EQ(optimized(), 0u);
  EXPECT_EQ(network_.peer(chain_.begin()), (PortHandle{chain_.stages[0], Stage::kIn}));
  EXPECT_EQ(dispatch(network_, chain_.begin(), 1).fast, 0u);
}

TEST_F(OptimizedPorts, ForcedNetworksManageEverything) {
  network_.compile_graph();
  const Counts fast = dispatch(network_, chain_.begin(), 1);
  network_.force_managed(true);
  EXPECT_EQ(optimized(), 0u);
  EXPECT_EQ(network_.why_managed(out(0)), Reason::kForced);
  EXPECT_EQ(network_.compile_graph().ports, 0u);
  const Counts managed = dispatch(network_, chain_.begin(), 1);
  EXPECT_EQ(managed.fast, 0u);
  EXPECT_EQ(managed.hops, fast.hops);
  network_.force_managed(false);
  EXPECT_EQ(optimized(), 5u);
}

TEST_F(OptimizedPorts, RefusalsSayWhy) {
  struct Silent final : Trace {
    void hop(const HopSeen&) override {}
  } tap;
  const AgentHandle probe = add<Probe>(network_);
  const AgentHandle bridge = add<NetworkBridge>(network_, [](Payload) { return Status(); });
  const AgentHandle deaf = add<Source>(network_);
  const AgentHandle first = add<Source>(network_);
  const AgentHandle second = add<Source>(network_);
  connect(network_, chain_.end(), {probe, 0});
  connect(network_, {first, 0}, {bridge, 0});
  connect(network_, {second, 0}, {deaf, 0});
  ASSERT_TRUE(network_.set_tap(out(0), &tap).has_value());

  const Optimized done = network_.compile_graph();
  const auto reason = [&](PortHandle port) {
    const auto found = std::ranges::find(done.refusals, port, &Refusal::port);
    return found == done.refusals.end() ? Reason::kNone : found->reason;
  };
  EXPECT_EQ(reason(out(0)), Reason::kTap);
  EXPECT_EQ(reason({first, 0}), Reason::kBoundary);
  EXPECT_EQ(reason({bridge, 0}), Reason::kBoundary);
  EXPECT_EQ(reason({second, 0}), Reason::kNoHandler);
  EXPECT_EQ(reason({probe, 0}), Reason::kNoHandler);
  EXPECT_EQ(reason(chain_.end()), Reason::kNone);
  ASSERT_TRUE(network_.disconnect({second, 0}).has_value());
  EXPECT_EQ(network_.why_managed({second, 0}), Reason::kUnconnected);
  ASSERT_TRUE(network_.set_tap(out(0), nullptr).has_value());
  EXPECT_EQ(network_.why_managed(out(0)), Reason::kNotAsked);
  EXPECT_EQ(network_.optimize_port(out(0)), Reason::kNone);
}

TEST_F(OptimizedPorts, ReasonsHaveNamesOfTheirOwn) {
  std::set<std::string_view> names;
  for (const Reason reason : {Reason::kNone, Reason::kForced, Reason::kUnconnected, Reason::kTap, Reason::kBoundary,
                              Reason::kNoHandler, Reason::kNotAsked})
    names.insert(name_of(reason));
  EXPECT_EQ(names.size(), 7u);
}

TEST(FastNet, ConnectionsAreCallsFromTheBeginning) {
  const auto net = create_fast_net();
  const PortHandle begin{add<Source>(*net), 0};
  const AgentHandle stage = add<Stage>(*net);
  const AgentHandle probe = add<Probe>(*net);
  ASSERT_TRUE(connect_fast(*net, begin, {stage, Stage::kIn}).has_value());
  ASSERT_TRUE(connect_fast(*net, {stage, Stage::kOut}, {probe, Probe::kIn}).has_value());
  EXPECT_TRUE(net->is_optimized(begin));
  EXPECT_EQ(emit_fast(*net, begin, 6).value().counts.fast, 2u);
  EXPECT_EQ(agent<Probe>(*net, probe).seen(), std::vector<Bytes>{canonical_pack(7)});
}

TEST(FastNet, RefusesConnectionsWithinATicket) {
  const auto net = create_fast_net();
  const PortHandle begin{add<Source>(*net), 0};
  ErrorCode code = ErrorCode::kInternal;
  const AgentHandle doing = add_doing(*net, [&](Payload, Hop& hop) {
    const Status done = connect_fast(hop.network(), begin, begin);
    if (!done) code = done.error().code;
  });
  ASSERT_TRUE(connect_fast(*net, begin, {doing, 0}).has_value());
  ASSERT_TRUE(emit_fast(*net, begin).has_value());
  EXPECT_EQ(code, ErrorCode::kConflict);
}

}  // namespace
}  // namespace yard::ports::testing
