// What a ticket does, in every mode.
#include <gtest/gtest.h>

#include "engine/ports/fanout.h"
#include "tests/engine/ports/agents.h"
#include "tests/support/allocations.h"

namespace yard::ports::testing {
namespace {

// With all ports fast, or managed.
class PortDispatch : public ::testing::TestWithParam<bool> {
 protected:
  void compile() {
    if (GetParam()) network_.compile_graph();
  }
  Counts run(PortHandle port, Payload payload = {}) {
    const Counts counts = dispatch(network_, port, payload);
    EXPECT_EQ(counts.fast, GetParam() ? counts.hops : 0);
    return counts;
  }

  Network network_;
};
INSTANTIATE_TEST_SUITE_P(Modes, PortDispatch, ::testing::Bool());

TEST_P(PortDispatch, GoesThroughAChain) {
  const Chain chain(network_, 10);
  compile();
  const Counts counts = run(chain.begin(), 1);
  EXPECT_EQ(counts.hops, 10u);
  EXPECT_EQ(counts.dropped, 1u);  // behind the last one
  EXPECT_EQ(agent<Stage>(network_, chain.stages.back()).sum(), 10);
}

TEST_P(PortDispatch, MillionHopsFitTheStack) {
  constexpr std::uint32_t kHops = 1'000'000;
  const Chain chain(network_, kHops);
  compile();
  EXPECT_EQ(run(chain.begin(), 1).hops, kHops);
  EXPECT_EQ(agent<Stage>(network_, chain.stages.back()).sum(), kHops);
}

TEST_P(PortDispatch, MillionHopsOfHandlersThatEmitFitTheStack) {
  constexpr std::uint32_t kHops = 1'000'000;
  PortHandle last{add<Source>(network_), 0};
  const PortHandle begin = last;
  for (std::uint32_t i = 0; i < kHops; ++i) {
    const AgentHandle fanout = add<Fanout>(network_, 1u);
    connect(network_, last, {fanout, Fanout::kIn});
    last = {fanout, Fanout::kFirstOut};
  }
  compile();
  EXPECT_EQ(run(begin, 1).hops, kHops);
}

// a emits b and c; b emits d and e: a, b, d, e, c.
TEST_P(PortDispatch, GoesDepthFirstInTheOrderOfEmission) {
  std::string order;
  const auto named = [&](char name, std::uint32_t outs) {
    return add_doing(
        network_,
        [&order, name, outs](Payload, Hop& hop) {
          for (std::uint32_t out = 1; out <= outs; ++out) hop.emit(out);
          order += name;  // emissions leave after the handler
        },
        outs);
  };
  const AgentHandle a = named('a', 2);
  const AgentHandle b = named('b', 2);
  const AgentHandle c = named('c', 0);
  const AgentHandle d = named('d', 0);
  const AgentHandle e = named('e', 0);
  const PortHandle begin{add<Source>(network_), 0};
  connect(network_, begin, {a, 0});
  connect(network_, {a, 1}, {b, 0});
  connect(network_, {a, 2}, {c, 0});
  connect(network_, {b, 1}, {d, 0});
  connect(network_, {b, 2}, {e, 0});
  compile();
  run(begin);
  EXPECT_EQ(order, "abdec");
}

TEST_P(PortDispatch, CountsPayloadsOfAnotherType) {
  const Chain chain(network_, 2);
  compile();
  const Counts counts = run(chain.begin(), Payload::text("one"));
  EXPECT_EQ(counts.hops, 1u);
  EXPECT_EQ(counts.mismatched, 1u);
  EXPECT_EQ(agent<Stage>(network_, chain.stages[0]).sum(), 0);
}

TEST_P(PortDispatch, RefusedPayloadsWithdrawWhatWasEmitted) {
  struct Refusing final : FastAgent {
    Status take(Payload, Hop& hop) {
      hop.emit(1);
      return fail(ErrorCode::kToolFailed, "no");
    }
    [[nodiscard]] std::string_view type() const override { return "Refusing"; }
    [[nodiscard]] std::span<const PortSpec> ports() const override {
      static constexpr std::array kPorts{handled<&Refusing::take>("in"), port("out")};
      return kPorts;
    }
  };
  const AgentHandle both = add<Fanout>(network_, 2u);
  const AgentHandle refusing = add<Refusing>(network_);
  const AgentHandle behind = add<Probe>(network_);
  const AgentHandle sibling = add<Probe>(network_);
  const PortHandle begin{add<Source>(network_), 0};
  connect(network_, begin, {both, Fanout::kIn});
  connect(network_, {both, 1}, {refusing, 0});
  connect(network_, {both, 2}, {sibling, 0});
  connect(network_, {refusing, 1}, {behind, 0});
  compile();
  EXPECT_EQ(run(begin).failed, 1u);
  EXPECT_TRUE(agent<Probe>(network_, behind).seen().empty());
  EXPECT_EQ(agent<Probe>(network_, sibling).seen().size(), 1u);
}

TEST_P(PortDispatch, RelaysMayKeepBack) {
  struct Odd final : FastAgent {
    std::optional<std::int64_t> pass(std::int64_t value) {
      return value % 2 != 0 ? std::optional(value) : std::nullopt;
    }
    [[nodiscard]] std::string_view type() const override { return "Odd"; }
    [[nodiscard]] std::span<const PortSpec> ports() const override {
      static constexpr std::array kPorts{relayed<&Odd::pass, 1>("in"), port("out")};
      return kPorts;
    }
  };
  const AgentHandle odd = add<Odd>(network_);
  const AgentHandle probe = add<Probe>(network_);
  const PortHandle begin{add<Source>(network_), 0};
  connect(network_, begin, {odd, 0});
  connect(network_, {odd, 1}, {probe, 0});
  compile();
  for (int i = 0; i < 4; ++i) run(begin, i);
  EXPECT_EQ(agent<Probe>(network_, probe).seen(), (std::vector<Bytes>{canonical_pack(1), canonical_pack(3)}));
}

TEST_P(PortDispatch, BytesAreNotCopiedOnTheirWay) {
  const char* seen = nullptr;
  const AgentHandle fanout = add<Fanout>(network_, 1u);
  const AgentHandle last = add_doing(network_, [&](Payload payload, Hop&) { seen = payload.view().data(); });
  const PortHandle begin{add<Source>(network_), 0};
  connect(network_, begin, {fanout, 0});
  connect(network_, {fanout, 1}, {last, 0});
  compile();
  const Bytes bytes(1'000, 'b');
  run(begin, Payload::bytes(bytes));
  EXPECT_EQ(seen, bytes.data());
}

TEST_P(PortDispatch, KeptBytesOutliveTheirHandler) {
  const AgentHandle making = add_doing(
      network_,
      [](Payload, Hop& hop) {
        const std::string made(100, 'm');
        hop.emit(1, hop.keep(Payload::text(made)));
      },
      1);
  const AgentHandle probe = add<Probe>(network_);
  const PortHandle begin{add<Source>(network_), 0};
  connect(network_, begin, {making, 0});
  connect(network_, {making, 1}, {probe, 0});
  compile();
  run(begin);
  EXPECT_EQ(agent<Probe>(network_, probe).seen().at(0), canonical_pack(Payload::text(std::string(100, 'm'))));
}

TEST_P(PortDispatch, NothingIsAllocatedForNumbersAndBorrowedBytes) {
  const Chain chain(network_, 100);
  const AgentHandle fanout = add<Fanout>(network_, 3u);
  connect(network_, chain.end(), {fanout, 0});
  compile();
  const Bytes bytes(1'000, 'b');
  run(chain.begin(), 1);
  const std::uint64_t before = allocations();
  for (int i = 0; i < 10'000; ++i) YARD_CHECK(network_.dispatch(chain.begin(), i).has_value());
  for (int i = 0; i < 10'000; ++i) YARD_CHECK(network_.dispatch(chain.begin(), Payload::bytes(bytes)).has_value());
  EXPECT_EQ(allocations() - before, 0u);
}

TEST_P(PortDispatch, DispatchWithinATicketIsRefused) {
  ErrorCode code = ErrorCode::kInternal;
  const PortHandle begin{add<Source>(network_), 0};
  const AgentHandle doing = add_doing(network_, [&](Payload, Hop& hop) {
    const auto again = hop.network().dispatch(begin, 1);
    if (!again) code = again.error().code;
  });
  connect(network_, begin, {doing, 0});
  compile();
  run(begin);
  EXPECT_EQ(code, ErrorCode::kConflict);
}

TEST_P(PortDispatch, EffectsLeaveInTheirOrder) {
  const AgentHandle doing = add_doing(network_, [&](Payload payload, Hop& hop) {
    hop.effect("first", payload);
    hop.effect("second", 2);
  });
  const PortHandle begin{add<Source>(network_), 0};
  connect(network_, begin, {doing, 0});
  compile();
  run(begin, Payload::text("x"));
  run(begin, 1.5);
  const std::vector<Effect> wanted{{0, 0, "first", canonical_pack(Payload::text("x"))},
                                   {0, 1, "second", canonical_pack(2)},
                                   {1, 0, "first", canonical_pack(1.5)},
                                   {1, 1, "second", canonical_pack(2)}};
  EXPECT_EQ(network_.take_effects(), wanted);
  EXPECT_TRUE(network_.take_effects().empty());
}

TEST_P(PortDispatch, HandlersThatThrowEndTheirTicket) {
  bool throws = true;
  const AgentHandle doing = add_doing(
      network_,
      [&](Payload, Hop& hop) {
        hop.emit(1);
        (void)hop.network().remove({0, 1});
        if (throws) throw std::runtime_error("no");
      },
      1);
  const PortHandle begin{add<Source>(network_), 0};
  connect(network_, begin, {doing, 0});
  compile();
  EXPECT_THROW((void)network_.dispatch(begin, 1), std::runtime_error);
  EXPECT_NE(network_.find(doing), nullptr);  // what it had asked for is forgotten
  throws = false;
  EXPECT_EQ(run(begin).hops, 1u);
}

class PortLimits : public ::testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Modes, PortLimits, ::testing::Bool());

TEST_P(PortLimits, EndlessCyclesStopAtExactlyTheLimit) {
  constexpr std::uint64_t kLimit = 10'007;
  Network network({.hops_max = kLimit});
  Chain chain(network, 3);
  connect(network, chain.end(), {add<Stage>(network), Stage::kIn});
  const AgentHandle fanout = add<Fanout>(network, 1u);
  connect(network, chain.end(), {fanout, Fanout::kIn});
  connect(network, {fanout, 1}, {chain.stages[0], Stage::kIn});
  if (GetParam()) network.compile_graph();
  const PortHandle begin{add<Source>(network), 0};
  EXPECT_EQ(network.dispatch(begin, 1).value().counts.dropped, 1u);
  const auto cut = network.dispatch({fanout, 1}, 1);
  EXPECT_EQ(cut.error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(network.get_counts().hops, kLimit);
  EXPECT_EQ(network.get_counts().dropped, 2u);
}

// What a handler has emitted before the bound is not called in either mode.
TEST_P(PortLimits, TicketsThatKeepTooMuchStopAtTheSameHop) {
  Network network;
  const std::string megabyte(std::size_t{1} << 20, 'm');
  const AgentHandle keeping =
      add_doing(network, [&](Payload, Hop& hop) { hop.emit(1, hop.keep(Payload::text(megabyte))); }, 1);
  const AgentHandle back = add<Fanout>(network, 1u);
  connect(network, {keeping, 1}, {back, Fanout::kIn});
  connect(network, {back, 1}, {keeping, 0});
  if (GetParam()) network.compile_graph();
  for (int i = 0; i < 2; ++i) EXPECT_EQ(network.dispatch({back, 1}, 1).error().code, ErrorCode::kTooLarge);
  EXPECT_EQ(network.get_counts().hops, 2 * (2 * kKeptBytesMax / megabyte.size() + 1));
  EXPECT_EQ(network.get_counts().dropped, 2u);
}

TEST(Payload, SurvivesPackingInOneForm) {
  for (const Payload payload : {Payload(), Payload(true), Payload(-7), Payload(1.5), Payload::text("t"),
                                Payload::bytes("b"), Payload::packed(PackView("\x92\x01\x02"))}) {
    const Bytes bytes = canonical_pack(payload);
    const Payload again = Payload::of(PackView(bytes));
    EXPECT_EQ(again.kind(), payload.kind());
    EXPECT_EQ(canonical_pack(again), bytes);
  }
}

TEST(Payload, GivesHandlersOnlyWhatTheyTake) {
  EXPECT_EQ(Payload(3).get<double>(), 3.0);
  EXPECT_EQ(Payload(3.0).get<std::int64_t>(), std::nullopt);
  EXPECT_EQ(Payload(1).get<bool>(), std::nullopt);
  EXPECT_EQ(Payload::bytes("b").get<std::string_view>(), std::nullopt);
  EXPECT_EQ(Payload::text("t").get<std::string_view>(), "t");
  EXPECT_TRUE(Payload().get<Payload>().has_value());
}

}  // namespace
}  // namespace yard::ports::testing
