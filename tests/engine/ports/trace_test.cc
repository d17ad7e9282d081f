// What a trace, a tap and a recorder see.
#include <gtest/gtest.h>

#include "engine/ports/fanout.h"
#include "engine/ports/recorder.h"
#include "tests/engine/ports/agents.h"

namespace yard::ports::testing {
namespace {

using tickets::JournalLevel;
using tickets::RecordKind;

class Ways final : public Trace {
 public:
  void hop(const HopSeen& hop) override {
    seen.push_back(std::string(name_of(hop.way)) +
                   (hop.reason == Reason::kNone ? "" : ": " + std::string(name_of(hop.reason))));
    numbers.push_back(hop.hop);
  }
  std::vector<std::string> seen;
  std::vector<std::uint64_t> numbers;
};

// Keeps entries in memory.
class Entries final : public tickets::RecordSink {
 public:
  Status append(BytesView records, std::uint32_t /*count*/) override {
    if (is_full) return fail(ErrorCode::kIo, "full");
    bytes += records;
    return {};
  }
  [[nodiscard]] std::vector<RecordKind> kinds() const {
    std::vector<RecordKind> all;
    BytesView left = bytes;
    for (auto record = tickets::take_record(left); record && *record; record = tickets::take_record(left))
      all.push_back((*record)->head.kind);
    return all;
  }
  Bytes bytes;
  bool is_full = false;
};

TEST(PortTrace, SaysWhichWayEachHopWentAndWhy) {
  Network network;
  const Chain chain(network, 4);
  Ways tap;
  ASSERT_TRUE(network.set_tap({chain.stages[2], Stage::kOut}, &tap).has_value());
  network.optimize_ports({.filter = [&](PortHandle port) { return port != chain.begin(); }});
  Ways trace;
  network.set_trace(&trace);
  dispatch(network, chain.begin(), 1);
  EXPECT_EQ(trace.seen, (std::vector<std::string>{"managed: not asked", "fast", "fast", "managed: tap"}));
  EXPECT_EQ(trace.numbers, (std::vector<std::uint64_t>{0, 1, 2, 3}));
  EXPECT_EQ(tap.numbers, std::vector<std::uint64_t>{3});
  network.force_managed(true);
  trace.seen.clear();
  dispatch(network, chain.begin(), 1);
  EXPECT_EQ(trace.seen, std::vector<std::string>(4, "managed: forced"));
}

TEST(PortTrace, TapsSeeWhatLeavesByTheirPort) {
  struct Tap final : Trace {
    void hop(const HopSeen& hop) override { seen.push_back(hop.payload.get<std::int64_t>().value()); }
    std::vector<std::int64_t> seen;
  } tap;
  Network network;
  const Chain chain(network, 4);
  network.compile_graph();
  ASSERT_TRUE(network.set_tap({chain.stages[1], Stage::kOut}, &tap).has_value());
  dispatch(network, chain.begin(), 10);
  EXPECT_EQ(tap.seen, std::vector<std::int64_t>{12});
}

TEST(PortTrace, LookingOnChangesNothing) {
  Network seen;
  Network alone;
  const Chain first(seen, 20);
  const Chain second(alone, 20);
  Ways trace;
  seen.set_trace(&trace);
  for (Network* network : {&seen, &alone}) network->compile_graph();
  EXPECT_EQ(dispatch(seen, first.begin(), 1).fast, dispatch(alone, second.begin(), 1).fast);
  EXPECT_EQ(seen.snapshot(), alone.snapshot());
}

TEST(PortRecorder, ManagedHopsLeaveWitnessesAndFastOnesDoNot) {
  for (const bool fast : {false, true}) {
    Network network;
    const Chain chain(network, 3);
    if (fast) network.compile_graph();
    Entries entries;
    Recorder recorder(entries, JournalLevel::kFull);
    network.set_trace(&recorder);
    dispatch(network, chain.begin(), 1);
    std::vector<RecordKind> wanted{RecordKind::kDeliver};
    if (!fast) wanted.insert(wanted.end(), 3, RecordKind::kStepCommitted);
    EXPECT_EQ(entries.kinds(), wanted);
  }
}

TEST(PortRecorder, StopsAtWhatItsSinkRefuses) {
  Network network;
  const Chain chain(network, 1);
  Entries entries;
  Recorder recorder(entries, JournalLevel::kCauses);
  network.set_trace(&recorder);
  dispatch(network, chain.begin(), 1);
  const Bytes before = entries.bytes;
  entries.is_full = true;
  dispatch(network, chain.begin(), 1);
  entries.is_full = false;
  dispatch(network, chain.begin(), 1);
  EXPECT_EQ(recorder.status().error().code, ErrorCode::kIo);
  EXPECT_EQ(entries.bytes, before);
}

// Two networks of the same agents, one of which is recorded.
class PortReplay : public ::testing::Test {
 protected:
  struct Side {
    Network network;
    Chain chain{network, 3};
    AgentHandle fanout = add<Fanout>(network, 2u);
    AgentHandle probe = add<Probe>(network);
    Entries entries;
    Recorder recorder{entries, JournalLevel::kFull};

    Side() {
      connect(network, chain.end(), {fanout, Fanout::kIn});
      connect(network, {fanout, 1}, {probe, Probe::kIn});
      network.set_trace(&recorder);
    }
  };
  static void live(Side& side) {
    dispatch(side.network, side.chain.begin(), 1);
    dispatch(side.network, side.chain.begin(), Payload::text("refused"));
    connect(side.network, {side.fanout, 2}, {side.probe, Probe::kIn});
    side.network.compile_graph();
    dispatch(side.network, {side.fanout, 2}, Payload::bytes(Bytes(100, 'b')));
    YARD_CHECK(side.network.remove(side.chain.stages[1]).has_value());
    dispatch(side.network, side.chain.begin(), 2.5);
  }

  Side recorded_;
  Side again_;
};

// A chain is recorded as its cause alone: its hops must not be taken again on top of it.
TEST_F(PortReplay, FastRunsAreTakenAgainHopByHop) {
  recorded_.network.compile_graph();
  live(recorded_);
  again_.network.force_managed(true);
  ASSERT_TRUE(replay(recorded_.entries.bytes, again_.network).has_value());
  EXPECT_EQ(again_.network.snapshot(), recorded_.network.snapshot());
  EXPECT_EQ(again_.network.get_counts().hops, recorded_.network.get_counts().hops);
  EXPECT_EQ(again_.network.get_counts().fast, 0u);
}

TEST_F(PortReplay, ManagedRunsGiveTheSameBytesAgain) {
  for (Side* side : {&recorded_, &again_}) side->network.force_managed(true);
  live(recorded_);
  ASSERT_TRUE(replay(recorded_.entries.bytes, again_.network).has_value());
  EXPECT_EQ(again_.entries.bytes, recorded_.entries.bytes);
}

TEST_F(PortReplay, CausesComeAtTheirTicketOrNotAtAll) {
  live(recorded_);
  dispatch(again_.network, again_.chain.begin(), 1);
  EXPECT_EQ(replay(recorded_.entries.bytes, again_.network).error().code, ErrorCode::kConflict);
}

TEST_F(PortReplay, EveryPrefixIsMalformedOrShorter) {
  live(recorded_);
  const Bytes& bytes = recorded_.entries.bytes;
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    Side side;
    const Status done = replay(BytesView(bytes).substr(0, size), side.network);
    if (!done) EXPECT_EQ(done.error().code, ErrorCode::kBadFrame) << size;
  }
}

TEST_F(PortReplay, BodiesThatAreNoneAreRefused) {
  for (const RecordKind kind : {RecordKind::kDeliver, RecordKind::kReload, RecordKind::kSet}) {
    Bytes records;
    tickets::append_record(records, {.kind = kind}, BytesView("\xff\xff", 2));
    EXPECT_EQ(replay(records, again_.network).error().code, ErrorCode::kBadFrame);
  }
}

}  // namespace
}  // namespace yard::ports::testing
