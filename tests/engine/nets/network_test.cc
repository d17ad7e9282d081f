#include "engine/nets/network.h"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

#include "engine/nets/editor.h"
#include "tests/engine/nets/support.h"

namespace yard::nets {
namespace {

using namespace testing;
using ::testing::HasSubstr;

void expect_done(const Status& status) { EXPECT_TRUE(status) << (status ? "" : status.error().message); }

// Two types that may meet anywhere; A has a value.
Network annette() { return load_good("discipline annette  agent A(out!, side!) : int64, B(in!, side!) : int64"); }

void count_meetings(Network& network) {
  expect_done(network.add_action("A.out", "B.in", "count", [](Editor& editor, AgentId left, AgentId) {
    editor.set_value(left, graph::Cell(editor.value(left).get<std::int64_t>() + 1));
  }));
}

TEST(Network, RunsEveryIndependentPair) {
  Network network = annette();
  count_meetings(network);
  for (const std::string name : {"1", "2", "3"}) {
    expect_done(network.apply(Operation::add("a" + name, "A")));
    expect_done(network.apply(Operation::add("b" + name, "B")));
    expect_done(network.apply(Operation::connect("a" + name + ".out", "b" + name + ".in")));
  }
  EXPECT_EQ(network.reduce(10'000).interactions, 3u);
  for (const std::string name : {"a1", "a2", "a3"}) EXPECT_EQ(network.value_of(name), Value(std::int64_t{1}));
}

TEST(Network, ARuleThatComesAfterTheConnectionFires) {
  Network network = annette();
  expect_done(network.apply(Operation::add("a", "A")));
  expect_done(network.apply(Operation::add("b", "B")));
  expect_done(network.apply(Operation::connect("b.in", "a.out")));
  EXPECT_EQ(network.reduce(10).interactions, 0u);
  count_meetings(network);
  EXPECT_EQ(network.reduce(10).interactions, 1u);
}

TEST(Network, ArgumentsStandInTheRulesOrder) {
  Network other = load_good(
      "agent Z 1 : int64, A : int64, Int : int64  rule Z[z](r) ~ A[a] => r ~ Int[z - a]  free r  net A[3] ~ Z[10](r)");
  (void)other.reduce(10);
  EXPECT_EQ(normal_form(other), "r ~ Int[7]\n");
}

TEST(Network, RulesInCppRewriteAsDataDoes) {
  Network network = load_good("agent Z 1 : int64, A : int64, Int : int64  free r  net A[3] ~ Z[10](r)");
  const SymbolId number = *network.find_symbol("Int");
  expect_done(network.add_function("Z", "A", "minus", 1, [number](const Meeting& meeting, Patch& patch) {
    const auto made =
        patch.create(number, graph::Cell(meeting.left.get<std::int64_t>() - meeting.right.get<std::int64_t>()));
    patch.connect({Patch::kLeft, 1}, {made, 0});
    return true;
  }));
  EXPECT_EQ(network.reduce(10).interactions, 1u);
  EXPECT_EQ(normal_form(network), "r ~ Int[7]\n");
}

TEST(Network, ActionsAreNotForLafont) {
  Network network = load_good("agent A, B");
  EXPECT_EQ(network.add_action("A", "B", "no", [](Editor&, AgentId, AgentId) {}).error().code, ErrorCode::kUnsupported);
}

TEST(Network, OnlyPeersAreDisconnected) {
  Network network = annette();
  for (const auto& [name, type] : {std::pair("a", "A"), std::pair("b", "B"), std::pair("c", "B")})
    expect_done(network.apply(Operation::add(name, type)));
  expect_done(network.apply(Operation::connect("a.out", "b.in")));
  const Hash128 before = network.hash();
  EXPECT_EQ(network.apply(Operation::disconnect("a.out", "c.in")).error().code, ErrorCode::kConflict);
  EXPECT_EQ(network.apply(Operation::connect("a.out", "c.in")).error().code, ErrorCode::kConflict);
  EXPECT_EQ(network.hash(), before);
  expect_done(network.apply(Operation::disconnect("b.in", "a.out")));
  expect_done(network.apply(Operation::connect("a.out", "c.in")));
  count_meetings(network);
  EXPECT_EQ(network.reduce(10).interactions, 1u);
}

TEST(Network, WhatIsCutBeforeItsTurnDoesNotInteract) {
  Network network = annette();
  count_meetings(network);
  expect_done(network.apply(Operation::add("a", "A")));
  expect_done(network.apply(Operation::add("b", "B")));
  expect_done(network.apply(Operation::connect("a.out", "b.in")));
  expect_done(network.apply(Operation::disconnect("a.out", "b.in")));
  EXPECT_EQ(network.reduce(10).interactions, 0u);
  expect_done(network.apply(Operation::connect("a.out", "b.in")));
  EXPECT_EQ(network.reduce(10).interactions, 1u) << "once, though it was connected twice";
}

TEST(Network, RewritesAtAnyPortUnderAnnette) {
  Network network = load_good(
      "discipline annette  agent A(p!, q!), B(p!, q!), C(p!, q!)\n"
      "rule A.q(x) ~ B.q(y) => x ~ C(y)\n"
      "free r, s  net A.q(r) ~ B.q(s)");
  EXPECT_EQ(network.reduce(10).interactions, 1u);
  EXPECT_EQ(normal_form(network), "r ~ C(s)\n");
}

TEST(Network, SnapshotThenStepsThenRollbackThenTheSameStepsIsTheSameHash) {
  Network network = load_good(demo("fib.net"));
  (void)network.reduce(100);
  ASSERT_EQ(network.take_snapshot(), 0u);
  const Hash128 kept = network.hash();
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(network.step());
  const Hash128 after = network.hash();
  ASSERT_TRUE(network.roll_back(0));
  EXPECT_EQ(network.hash(), kept);
  for (int i = 0; i < 50; ++i) EXPECT_TRUE(network.step());
  EXPECT_EQ(network.hash(), after);
  (void)network.reduce(1'000);
  EXPECT_EQ(network.state().interactions, 460u);
  EXPECT_EQ(whole(network, "fib"), 34);
}

TEST(Network, TravelsBothWaysAndSaysWhereTheEndsAre) {
  Network network = load_good(demo("fib.net"));
  EXPECT_FALSE(network.travel_backward());
  EXPECT_FALSE(network.travel_forward());
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(network.take_snapshot());
    (void)network.reduce(10);
  }
  EXPECT_TRUE(network.travel_backward());
  EXPECT_EQ(network.state().interactions, 10u);
  EXPECT_TRUE(network.travel_backward());
  EXPECT_FALSE(network.travel_backward());
  EXPECT_EQ(network.state().interactions, 0u);
  EXPECT_TRUE(network.travel_forward());
  EXPECT_TRUE(network.travel_forward());
  EXPECT_FALSE(network.travel_forward());
  EXPECT_EQ(network.state().interactions, 20u);
}

TEST(Network, RollsRulesBackToo) {
  Network network = annette();
  ASSERT_TRUE(network.take_snapshot());
  count_meetings(network);
  ASSERT_TRUE(network.roll_back(0));
  EXPECT_EQ(network.state().book->rules().size(), 0u);
  count_meetings(network);
}

TEST(Network, ABatchIsAllOrNothing) {
  Network network = annette();
  const Hash128 before = network.hash();
  const std::array bad = {Operation::add("a", "A"), Operation::add("a", "B")};
  const Status refused = network.batch(bad);
  EXPECT_EQ(refused.error().pointer, "/1");
  EXPECT_EQ(network.hash(), before);
  const std::array good = {Operation::add("a", "A"), Operation::add("b", "B")};
  expect_done(network.batch(good));
  EXPECT_TRUE(network.value_of("b"));
}

TEST(Network, ABatchComputesWhatIsDerivedOnce) {
  Network network = annette();
  expect_done(network.derive({"agents", "count(A)"}));
  const std::uint64_t before = network.find_derived("agents")->computed();
  const std::array batch = {Operation::add("a", "A"), Operation::add("b", "A"), Operation::add("c", "A")};
  expect_done(network.batch(batch));
  EXPECT_EQ(network.find_derived("agents")->computed(), before + 1);
  EXPECT_EQ(whole(network, "agents"), 3);
}

TEST(Network, WhatIsDerivedIsComputedOnlyIfWhatItReadsHasChanged) {
  Network network = load_good(demo("fib.net"));
  expect_done(network.derive({"sums", "count(Add)"}));
  (void)network.reduce(2);  // which made the first Add
  const std::uint64_t computed = network.find_derived("sums")->computed();
  const std::uint64_t number = network.find_derived("fib")->computed();
  (void)network.reduce(1);  // Dup meets S
  EXPECT_EQ(network.find_derived("sums")->computed(), computed);
  EXPECT_EQ(network.find_derived("fib")->computed(), number) << "the free wire leads to the same agent";
  (void)network.reduce(1'000);
  EXPECT_EQ(network.find_derived("sums")->computed(), computed + 1);
  EXPECT_EQ(whole(network, "sums"), 0);
}

TEST(Network, ScopesKeepNamesApart) {
  Network network = annette();
  const Scope left("left");
  const Scope right("right");
  for (const Scope& scope : {left, right}) {
    expect_done(network.apply(scope.in(Operation::add("a", "A", "1"))));
    expect_done(network.apply(scope.in(Operation::add("b", "B"))));
    expect_done(network.apply(scope.in(Operation::connect("a.out", "b.in"))));
  }
  expect_done(network.apply(left.in(Operation::set("a", "5"))));
  EXPECT_EQ(network.value_of("left/a"), Value(std::int64_t{5}));
  EXPECT_EQ(network.value_of(right.name("a")), Value(std::int64_t{1}));
}

TEST(Network, NamesEndWithTheirAgents) {
  Network network = load_good(R"({"agents": [{"name": "A", "ports": 1}, {"name": "B", "ports": 1}],
    "rules": [{"between": ["A", "B"], "create": [{"id": "x", "agent": "A"}, {"id": "y", "agent": "A"}],
               "connect": [["x.0", "y.0"]]}],
    "net": {"agents": [{"id": "a", "agent": "A"}, {"id": "b", "agent": "B"}], "connect": [["a.0", "b.0"]]}})");
  EXPECT_EQ(network.reduce(1).interactions, 1u);
  EXPECT_EQ(network.apply(Operation::remove("a")).error().code, ErrorCode::kNotFound);
  expect_done(network.apply(Operation::add("a", "B")));
}

TEST(Storylines, AreRecordedKeptAndReplayed) {
  Network network = annette();
  expect_done(network.record("one"));
  expect_done(network.apply(Operation::add("a", "A", "4")));
  EXPECT_FALSE(network.apply(Operation::add("a", "A")));
  expect_done(network.apply(Operation::add("b", "B")));
  expect_done(network.apply(Operation::connect("a.out", "b.in")));
  expect_done(network.apply(Operation::rule(R"({"between": ["A.out", "B.in"], "create": [{"id": "x", "agent": "A",
    "value": "left + 1"}], "connect": [["left.side", "x.out"], ["right.side", "x.side"]]})")));
  EXPECT_EQ(network.reduce(100).interactions, 1u);
  expect_done(network.stop_recording());
  expect_done(network.apply(Operation::add("late", "A")));

  Network other = annette();
  expect_done(other.add_storyline("one", network.storyline_json("one")));
  expect_done(other.replay("one"));
  expect_done(other.apply(Operation::add("late", "A")));
  EXPECT_EQ(other.hash(), network.hash());
}

TEST(Storylines, SayWhichOperationFails) {
  Network network = annette();
  expect_done(network.add_storyline("bad", R"([{"op": "add", "id": "a", "agent": "A"}, {"op": "remove", "id": "b"}])"));
  EXPECT_EQ(network.replay("bad").error().pointer, "/1");
  EXPECT_EQ(network.add_storyline("worse", R"([{"op": "add"}])").error().pointer, "/0/id");
  EXPECT_EQ(network.replay("none").error().code, ErrorCode::kNotFound);
}

}  // namespace
}  // namespace yard::nets
