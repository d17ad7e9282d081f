// Agents, ports and connections.
#include "engine/ports/network.h"

#include <gtest/gtest.h>

#include "tests/engine/ports/agents.h"

namespace yard::ports::testing {
namespace {

TEST(PortNetwork, ConnectsBothWays) {
  Network network;
  const PortHandle a{add<Source>(network), 0};
  const PortHandle b{add<Source>(network), 0};
  connect(network, a, b);
  EXPECT_EQ(network.peer(a), b);
  EXPECT_EQ(network.peer(b), a);
}

TEST(PortNetwork, RewiringLeavesNoStalePeer) {
  Network network;
  const PortHandle a{add<Source>(network), 0};
  const PortHandle b{add<Source>(network), 0};
  const PortHandle c{add<Probe>(network), Probe::kIn};
  const PortHandle d{add<Source>(network), 0};
  connect(network, a, b);
  connect(network, c, d);
  network.compile_graph();
  connect(network, a, c);
  EXPECT_EQ(network.peer(a), c);
  EXPECT_EQ(network.peer(c), a);
  for (const PortHandle left : {b, d}) {
    EXPECT_FALSE(network.peer(left));
    EXPECT_EQ(network.why_managed(left), Reason::kUnconnected);
    EXPECT_EQ(dispatch(network, left, 1).dropped, 1u);
  }
  EXPECT_TRUE(agent<Probe>(network, c.agent).seen().empty());
}

TEST(PortNetwork, RefusesAPortAndItself) {
  Network network;
  const PortHandle a{add<Source>(network), 0};
  EXPECT_EQ(network.connect(a, a).error().code, ErrorCode::kInvalidArguments);
}

TEST(PortNetwork, DisconnectsBothSidesAndOnlyWhatIsConnected) {
  Network network;
  const PortHandle a{add<Source>(network), 0};
  const PortHandle b{add<Source>(network), 0};
  connect(network, a, b);
  ASSERT_TRUE(network.disconnect(b).has_value());
  EXPECT_FALSE(network.peer(a));
  EXPECT_FALSE(network.peer(b));
  EXPECT_EQ(network.disconnect(a).error().code, ErrorCode::kConflict);
}

TEST(PortNetwork, HandlesOfRemovedAgentsMeanNobody) {
  Network network;
  Chain chain(network, 1);
  network.compile_graph();
  const AgentHandle removed = chain.stages[0];
  ASSERT_TRUE(network.remove(removed).has_value());
  const AgentHandle next = add<Probe>(network);
  EXPECT_EQ(next.index, removed.index);  // the place is used again
  EXPECT_NE(next, removed);
  EXPECT_EQ(network.find(removed), nullptr);
  EXPECT_FALSE(network.peer(chain.begin()));
  EXPECT_EQ(network.remove(removed).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(network.connect(chain.begin(), {removed, 0}).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(network.dispatch({removed, 0}, 1).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(dispatch(network, chain.begin(), 1).dropped, 1u);
  EXPECT_TRUE(agent<Probe>(network, next).seen().empty());
}

TEST(PortNetwork, FindsPortsByName) {
  Network network;
  const AgentHandle stage = add<Stage>(network);
  EXPECT_EQ(network.find_port(stage, "out").value(), (PortHandle{stage, Stage::kOut}));
  EXPECT_EQ(network.find_port(stage, "sideways").error().message, "Stage has no port sideways");
  EXPECT_EQ(network.connect({stage, 0}, {stage, 2}).error().code, ErrorCode::kNotFound);
}

TEST(PortNetwork, SnapshotsTellEqualNetworksFromOthers) {
  Network one;
  Network other;
  Chain first(one, 3);
  Chain second(other, 3);
  EXPECT_EQ(one.snapshot(), other.snapshot());
  dispatch(one, first.begin(), 1);
  EXPECT_NE(one.snapshot(), other.snapshot());
  dispatch(other, second.begin(), 1);
  EXPECT_EQ(one.snapshot(), other.snapshot());
  ASSERT_TRUE(one.disconnect(first.begin()).has_value());
  EXPECT_NE(one.snapshot(), other.snapshot());
}

}  // namespace
}  // namespace yard::ports::testing
