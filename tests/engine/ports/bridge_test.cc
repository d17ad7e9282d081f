// The edges of a network.
#include <gtest/gtest.h>

#include "engine/ports/network_bridge.h"
#include "engine/ports/sync_agent.h"
#include "engine/tickets/record.h"
#include "tests/engine/ports/agents.h"

namespace yard::ports::testing {
namespace {

class Hops final : public Trace {
 public:
  void dispatched(std::uint64_t, PortHandle, Payload) override { ++tickets; }
  void hop(const HopSeen& hop) override { ways.emplace_back(hop.way, hop.reason); }
  int tickets = 0;
  std::vector<std::pair<Way, Reason>> ways;
};

// chain ─► bridge ┆ exit ─► chain ─► probe
class Bridged : public ::testing::Test {
 protected:
  Bridged() {
    auto bridge = std::make_unique<NetworkBridge>(into_network(to_, {exit_, BridgeExit::kOut}));
    bridge_ = bridge.get();
    const auto handle = from_.add(std::move(bridge));
    YARD_CHECK(handle.has_value());
    connect(from_, chain_.end(), {*handle, NetworkBridge::kIn});
    connect(to_, {exit_, BridgeExit::kOut}, {stage_, Stage::kIn});
    connect(to_, {stage_, Stage::kOut}, {probe_, Probe::kIn});
    from_.compile_graph();
    to_.compile_graph();
  }

  Network from_;
  Network to_;
  Chain chain_{from_, 3};
  AgentHandle exit_ = add<BridgeExit>(to_);
  AgentHandle stage_ = add<Stage>(to_);
  AgentHandle probe_ = add<Probe>(to_);
  NetworkBridge* bridge_ = nullptr;
};

TEST_F(Bridged, AFastPayloadReappearsAsOneManagedTicket) {
  Hops hops;
  to_.set_trace(&hops);
  EXPECT_EQ(dispatch(from_, chain_.begin(), 1).fast, 3u);
  EXPECT_EQ(hops.tickets, 0);  // its ticket has ended at the bridge
  ASSERT_EQ(bridge_->deliver().value(), 1u);
  EXPECT_EQ(hops.tickets, 1);
  EXPECT_EQ(hops.ways,
            (std::vector{std::pair(Way::kManaged, Reason::kBoundary), std::pair(Way::kFast, Reason::kNone)}));
  EXPECT_EQ(agent<Probe>(to_, probe_).seen(), std::vector<Bytes>{canonical_pack(5)});
  EXPECT_EQ(bridge_->deliver().value(), 0u);
}

TEST_F(Bridged, WhatIsRefusedWaits) {
  dispatch(from_, chain_.begin(), 1);
  dispatch(from_, chain_.begin(), 2);
  const Bytes before = from_.snapshot();
  ASSERT_TRUE(to_.remove(exit_).has_value());
  EXPECT_EQ(bridge_->deliver().error().code, ErrorCode::kNotFound);
  EXPECT_EQ(bridge_->waiting(), 2u);
  EXPECT_EQ(from_.snapshot(), before);  // what waits is part of the network
}

TEST_F(Bridged, AFullBridgeRefuses) {
  for (std::size_t i = 0; i < kWaitingMax; ++i) ASSERT_EQ(dispatch(from_, chain_.begin(), 1).failed, 0u);
  EXPECT_EQ(dispatch(from_, chain_.begin(), 1).failed, 1u);
  EXPECT_EQ(bridge_->waiting(), kWaitingMax);
  ASSERT_TRUE(bridge_->deliver().has_value());
  EXPECT_EQ(dispatch(from_, chain_.begin(), 1).failed, 0u);
}

TEST_F(Bridged, BytesOfTheSenderAreNotNeededAnyMore) {
  // A stage takes numbers only: straight into the bridge.
  connect(from_, chain_.begin(), from_.peer(chain_.end()));
  connect(to_, {exit_, BridgeExit::kOut}, {probe_, Probe::kIn});
  Bytes bytes = "before";
  dispatch(from_, chain_.begin(), Payload::bytes(bytes));
  bytes = "behind";
  ASSERT_TRUE(bridge_->deliver().has_value());
  EXPECT_EQ(agent<Probe>(to_, probe_).seen(), std::vector<Bytes>{canonical_pack(Payload::bytes("before"))});
}

// One that changes its bytes when they have been emitted, but nobody has seen them yet.
class Synced : public ::testing::Test {
 protected:
  // begin ─► sending ─1─► [sync] ─► late
  //             └────2─► changing, first
  std::string seen_behind(bool sync) {
    Network network;
    std::string bytes = "before";
    std::string seen;
    const PortHandle begin{add<Source>(network), 0};
    const AgentHandle sending = add_doing(
        network,
        [&](Payload, Hop& hop) {
          hop.emit(1, Payload::text(bytes));
          hop.emit(2);
          hop.emit(3);
        },
        3);
    const AgentHandle holding = add_doing(network, [&](Payload payload, Hop&) { held_ = payload; });
    const AgentHandle changing = add_doing(network, [&](Payload, Hop&) { bytes = "behind"; });
    const AgentHandle looking = add_doing(network, [&](Payload, Hop&) { seen = held_.view(); });
    connect(network, begin, {sending, 0});
    if (sync) {
      const AgentHandle agent = add<SyncAgent>(network);
      connect(network, {sending, 1}, {agent, SyncAgent::kIn});
      connect(network, {agent, SyncAgent::kOut}, {holding, 0});
    } else {
      connect(network, {sending, 1}, {holding, 0});
    }
    connect(network, {sending, 2}, {changing, 0});
    connect(network, {sending, 3}, {looking, 0});
    network.compile_graph();
    dispatch(network, begin);
    return seen;
  }

  Payload held_;
};

TEST_F(Synced, MutationOfThePayloadHasNoEffectBehindASyncAgent) {
  EXPECT_EQ(seen_behind(false), "behind");
  EXPECT_EQ(seen_behind(true), "before");
}

TEST_F(Synced, EqualValuesAreEqualBytesBehindASyncAgent) {
  Network network;
  const PortHandle begin{add<Source>(network), 0};
  const AgentHandle sync = add<SyncAgent>(network);
  std::vector<Bytes> seen;
  const AgentHandle looking = add_doing(network, [&](Payload payload, Hop&) { seen.emplace_back(payload.view()); });
  connect(network, begin, {sync, SyncAgent::kIn});
  connect(network, {sync, SyncAgent::kOut}, {looking, 0});
  network.compile_graph();
  const Bytes one = pack_map([](PackMap& map) { map.integer("a", 1).real("b", 3.0); });
  const Bytes other = pack_map([](PackMap& map) { map.integer("b", 3).integer("a", 1); });
  dispatch(network, begin, Payload::packed(PackView(one)));
  EXPECT_EQ(dispatch(network, begin, Payload::packed(PackView(other))).fast, 1u);  // behind it
  ASSERT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(Synced, NothingIsSentOnBeforeItIsRecorded) {
  struct Sink final : tickets::RecordSink {
    Status append(BytesView records, std::uint32_t) override {
      if (refuses) return fail(ErrorCode::kIo, "full");
      bytes += records;
      return {};
    }
    bool refuses = true;
    Bytes bytes;
  } sink;
  Network network;
  const PortHandle begin{add<Source>(network), 0};
  const AgentHandle sync = add<SyncAgent>(network, &sink);
  const AgentHandle probe = add<Probe>(network);
  connect(network, begin, {sync, SyncAgent::kIn});
  connect(network, {sync, SyncAgent::kOut}, {probe, Probe::kIn});
  EXPECT_EQ(dispatch(network, begin, 1).failed, 1u);
  EXPECT_TRUE(agent<Probe>(network, probe).seen().empty());
  sink.refuses = false;
  EXPECT_EQ(dispatch(network, begin, 2).failed, 0u);
  BytesView records = sink.bytes;
  const auto record = tickets::take_record(records);
  ASSERT_TRUE(record.has_value() && *record);
  EXPECT_EQ((*record)->head.event_id, 1u);
  EXPECT_EQ((*record)->body, canonical_pack(2));
}

}  // namespace
}  // namespace yard::ports::testing
