// The structure changes while payloads are on their way, and between tickets.
#include <gtest/gtest.h>

#include "engine/ports/fanout.h"
#include "tests/engine/ports/agents.h"

namespace yard::ports::testing {
namespace {

// Sees which ports were taken back.
class Deoptimized final : public Trace {
 public:
  void hop(const HopSeen&) override {}
  void deoptimized(PortHandle port) override { ports.push_back(port); }
  std::vector<PortHandle> ports;
};

// begin ─► fanout ─► changing agent, then victim: the change comes before the victim's turn.
class ChangedWithin : public ::testing::TestWithParam<bool> {
 public:
  template <typename Do>
  void build(Do change) {
    fanout_ = add<Fanout>(network_, 2u);
    victim_ = add<Probe>(network_);
    other_ = add<Probe>(network_);
    const AgentHandle changing =
        add_doing(network_, [this, change](Payload, Hop& hop) { change(hop.network(), *this); });
    begin_ = {add<Source>(network_), 0};
    connect(network_, begin_, {fanout_, Fanout::kIn});
    connect(network_, {fanout_, 1}, {changing, 0});
    connect(network_, to_victim(), {victim_, Probe::kIn});
    if (GetParam()) network_.compile_graph();
  }
  [[nodiscard]] PortHandle to_victim() const { return {fanout_, 2}; }
  [[nodiscard]] std::size_t seen(AgentHandle probe) const { return agent<Probe>(network_, probe).seen().size(); }

  Network network_;
  PortHandle begin_;
  AgentHandle fanout_;
  AgentHandle victim_;
  AgentHandle other_;
};
INSTANTIATE_TEST_SUITE_P(Modes, ChangedWithin, ::testing::Bool());

TEST_P(ChangedWithin, ConnectTakesEffectWithTheNextTicket) {
  build([](Network& network, const ChangedWithin& test) {
    EXPECT_TRUE(network.connect(test.to_victim(), {test.other_, Probe::kIn}).has_value());
    if (network.next_event_id() == 1) EXPECT_EQ(network.peer(test.to_victim()).agent, test.victim_);
  });
  dispatch(network_, begin_, 1);
  EXPECT_EQ(seen(victim_), 1u);
  EXPECT_FALSE(network_.is_optimized(to_victim()));
  dispatch(network_, begin_, 2);
  EXPECT_EQ(seen(victim_), 1u);
  EXPECT_EQ(seen(other_), 1u);
}

TEST_P(ChangedWithin, DisconnectTakesEffectWithTheNextTicket) {
  build([](Network& network, const ChangedWithin& test) { (void)network.disconnect(test.to_victim()); });
  EXPECT_EQ(dispatch(network_, begin_, 1).dropped, 0u);
  EXPECT_EQ(seen(victim_), 1u);
  const Counts next = dispatch(network_, begin_, 2);
  EXPECT_EQ(next.dropped, 1u);
  EXPECT_EQ(next.refused_changes, 1u);  // it is not connected any more
  EXPECT_EQ(seen(victim_), 1u);
}

TEST_P(ChangedWithin, RemovedAgentsRunToTheEndOfTheTicketAndNeverAgain) {
  build([](Network& network, const ChangedWithin& test) { (void)network.remove(test.victim_); });
  dispatch(network_, begin_, 1);
  EXPECT_EQ(network_.find(victim_), nullptr);
  EXPECT_FALSE(network_.is_optimized(to_victim()));
  // Whoever comes to its place is not called for it.
  const AgentHandle next = add<Probe>(network_);
  ASSERT_EQ(next.index, victim_.index);
  EXPECT_EQ(dispatch(network_, begin_, 2).dropped, 1u);
  EXPECT_EQ(seen(next), 0u);
}

TEST_P(ChangedWithin, ChangesAreMadeInTheirOrder) {
  build([](Network& network, const ChangedWithin& test) {
    (void)network.remove(test.victim_);
    (void)network.connect(test.to_victim(), {test.victim_, Probe::kIn});  // too late
    (void)network.connect(test.to_victim(), {test.other_, Probe::kIn});
  });
  EXPECT_EQ(dispatch(network_, begin_, 1).refused_changes, 1u);
  EXPECT_EQ(network_.peer(to_victim()), (PortHandle{other_, Probe::kIn}));
}

TEST_P(ChangedWithin, AgentsThatAreAddedAreReachedByTheNextTicket) {
  build([](Network& network, ChangedWithin& test) {
    if (network.next_event_id() > 1) return;
    test.other_ = add<Probe>(network);
    (void)network.connect(test.to_victim(), {test.other_, Probe::kIn});
  });
  dispatch(network_, begin_, 1);
  EXPECT_EQ(seen(other_), 0u);
  dispatch(network_, begin_, 2);
  EXPECT_EQ(seen(other_), 1u);
}

TEST_P(ChangedWithin, AnAgentMayRemoveItself) {
  AgentHandle self;
  const AgentHandle doing = add_doing(
      network_,
      [&](Payload, Hop& hop) {
        EXPECT_TRUE(hop.network().remove(self).has_value());
        hop.emit(1);
      },
      1);
  self = doing;
  const PortHandle begin{add<Source>(network_), 0};
  const AgentHandle probe = add<Probe>(network_);
  connect(network_, begin, {doing, 0});
  connect(network_, {doing, 1}, {probe, 0});
  if (GetParam()) network_.compile_graph();
  EXPECT_EQ(dispatch(network_, begin, 1).hops, 2u);
  EXPECT_EQ(network_.find(self), nullptr);
}

TEST(ChangedBetween, ExactlyWhatIsTouchedIsDeoptimized) {
  Network network;
  const Chain chain(network, 5);
  Deoptimized trace;
  network.set_trace(&trace);
  network.compile_graph();
  ASSERT_TRUE(network.remove(chain.stages[2]).has_value());
  // Its own port and the one that leads to it; ports that lead back have no handler and were never optimised.
  EXPECT_EQ(trace.ports.size(), 2u);
  EXPECT_FALSE(network.is_optimized({chain.stages[1], Stage::kOut}));
  for (const std::size_t kept : {0u, 3u}) EXPECT_TRUE(network.is_optimized({chain.stages[kept], Stage::kOut}));

  trace.ports.clear();
  connect(network, {chain.stages[1], Stage::kOut}, {chain.stages[3], Stage::kIn});
  EXPECT_TRUE(trace.ports.empty());  // nothing of it was optimised
  EXPECT_EQ(network.optimize_port({chain.stages[1], Stage::kOut}), Reason::kNone);
  EXPECT_EQ(dispatch(network, chain.begin(), 1).hops, 4u);
}

TEST(ChangedBetween, ATapTakesItsPortBack) {
  Network network;
  const Chain chain(network, 2);
  Deoptimized trace;
  network.set_trace(&trace);
  network.compile_graph();
  ASSERT_TRUE(network.set_tap(chain.begin(), &trace).has_value());
  EXPECT_EQ(trace.ports, std::vector<PortHandle>{chain.begin()});
}

}  // namespace
}  // namespace yard::ports::testing
