#include "engine/nets/reduce.h"

#include "engine/base/random.h"
#include "engine/nets/compile.h"
#include "engine/nets/editor.h"
#include "engine/nets/snapshot.h"
#include "tests/engine/nets/support.h"
#include "tests/support/seed.h"

namespace yard::nets {
namespace {

using namespace testing;

constexpr std::uint64_t kForEver = 100'000'000;

TEST(Reduce, CountsAsThePublicRuntimesDo) {
  for (const unsigned workers : {1u, 2u, 4u, 8u}) {
    Network fib = load_good(demo("fib.net"), workers);
    EXPECT_EQ(fib.reduce(kForEver).interactions, 460u);
    EXPECT_EQ(whole(fib, "fib"), 34);
    Network ack = load_good(demo("ack.net"), workers);
    EXPECT_EQ(ack.reduce(kForEver).interactions, 64'024u);
    EXPECT_EQ(whole(ack, "ack"), 253);
  }
}

TEST(Reduce, CountsALargerAckermannAsThePublicRuntimesDo) {
  std::string text = demo("ack.net");
  text.replace(text.find("S^5"), 3, "S^8");
  Network ack = load_good(text);
  EXPECT_EQ(ack.reduce(kForEver).interactions, 4'182'049u);
  EXPECT_EQ(whole(ack, "ack"), 2'045);
}

TEST(Reduce, FindsTheNormalFormsOfTheDemonstrations) {
  const std::pair<const char*, const char*> expected[] = {
      {"gcd.net", "result ~ Int[21]\n"},
      {"ski.net", "result ~ A\n"},
      {"append.net", "both ~ Cons(Int[1], Cons(Int[2], Cons(Int[3], Cons(Int[10], Cons(Int[20], Nil)))))\n"},
      {"combinators.json", "a ~ Gamma(Epsilon, Epsilon)\nb ~ Gamma(Epsilon, Epsilon)\n"}};
  for (const auto& [name, normal] : expected) {
    Network network = load_good(demo(name));
    EXPECT_TRUE(network.reduce(kForEver).is_normal) << name;
    EXPECT_EQ(normal_form(network), normal) << name;
  }
}

TEST(Reduce, StopsADivergingNetAtExactlyTheLimitAndGoesOn) {
  Network network = load_good("agent A 0, B 0  rule A ~ B => A ~ B  net A ~ B");
  const Reduction first = network.reduce(10'000);
  EXPECT_EQ(first.interactions, 10'000u);
  EXPECT_FALSE(first.is_normal);
  EXPECT_EQ(network.reduce(5).interactions, 5u);
  EXPECT_EQ(network.state().interactions, 10'005u);
}

TEST(Reduce, DoesNotCareHowItIsCutIntoCalls) {
  Network whole_run = load_good(demo("fib.net"));
  Network cut = load_good(demo("fib.net"));
  (void)whole_run.reduce(300);
  for (int i = 0; i < 100; ++i) (void)cut.reduce(3);
  EXPECT_EQ(whole_run.hash(), cut.hash());
}

TEST(Reduce, WiresThatFormALoopAreGone) {
  Network network = load_good("agent A 1, B 1  rule A(x) ~ B(y) => x ~ y  net A(w) ~ B(w)");
  EXPECT_TRUE(network.reduce(10).is_normal);
  EXPECT_EQ(network.state().heap.live_count(), 0u);
}

TEST(Reduce, APairWithAWireOfItsOwnKeepsIt) {
  Network network =
      load_good("agent A 1, B 1, C 1, D 1  rule A(x) ~ B(y) => x ~ C(c), c ~ D(d), d ~ y  net A(w) ~ B(w)");
  EXPECT_TRUE(network.reduce(10).is_normal);
  EXPECT_EQ(normal_form(network), "rest: C(D(w1)) ~ w1\n");
}

TEST(Reduce, AViciousCircleIsListedAsRest) {
  Network network = load_good("agent A 1, Z 0  free r  net A(w) ~ w, r ~ Z");
  EXPECT_TRUE(network.reduce(10).is_normal);
  EXPECT_EQ(normal_form(network), "r ~ Z\nrest: A(w1) ~ w1\n");
}

TEST(Reduce, APairWhoseValueCannotBeComputedIsStuckUntilItChanges) {
  Network network = load_good(R"({
    "agents": [{"name": "Int", "ports": 1, "value": "int64"}, {"name": "Half", "ports": 2, "value": "int64"}],
    "rules": [{"between": ["Half", "Int"], "create": [{"id": "i", "agent": "Int", "value": "right / left"}],
               "connect": [["left.1", "i.0"]]}],
    "free": ["r"],
    "net": {"agents": [{"id": "x", "agent": "Int", "value": 8}, {"id": "h", "agent": "Half", "value": 0}],
            "connect": [["x.0", "h.0"], ["h.1", "r"]]}})");
  const Reduction done = network.reduce(10);
  EXPECT_EQ(done.interactions, 0u);
  EXPECT_TRUE(done.is_normal);
  ASSERT_EQ(network.state().stuck.size(), 1u);
  EXPECT_EQ(network.state().stuck[0].why, "division by zero");
  ASSERT_TRUE(network.apply(Operation::set("h", "2")));
  EXPECT_EQ(network.reduce(10).interactions, 1u);
  EXPECT_EQ(normal_form(network), "r ~ Int[4]\n");
}

TEST(Reduce, TriesCasesInTheirOrder) {
  const std::string rules =
      "agent Int : int64, Sign 1  rule Sign(r) ~ Int[a] when a < 0 => r ~ Int[-1] when a > 0 => r ~ Int[1]\n"
      "else => r ~ Int[a]  free r  net Sign(r) ~ Int[";
  for (const auto& [value, sign] : {std::pair("-7", "-1"), std::pair("7", "1"), std::pair("0", "0")}) {
    Network network = load_good(rules + value + "]");
    (void)network.reduce(10);
    EXPECT_EQ(normal_form(network), "r ~ Int[" + std::string(sign) + "]\n");
  }
}

// Interaction combinators wired at random: many wires have a pair at both ends.
State random_combinators(std::uint64_t seed) {
  SeededRandom random(seed);
  auto network = load_net(demo("combinators.json"));
  YARD_CHECK(network);
  State state = network->state();
  Editor editor(state);
  std::vector<Wire> open;
  for (int pair = 0; pair < 400; ++pair) {
    AgentId agents[2];
    for (AgentId& agent : agents) {
      const auto symbol = static_cast<SymbolId>(kFirstUsed + (random.next() % 8 == 0 ? 2 : random.next() % 2));
      agent = *editor.add(symbol);
      for (std::uint32_t slot = 1; slot < state.book->symbol(symbol).ports.size(); ++slot)
        open.push_back(make_wire(agent, slot));
    }
    editor.connect(make_wire(agents[0], 0), make_wire(agents[1], 0));
  }
  for (std::size_t left = open.size(); left > 1; left -= 2) {
    std::swap(open[random.next() % (left - 1)], open[left - 2]);
    editor.connect(open[left - 1], open[left - 2]);
  }
  return state;
}

TEST(ReduceConcurrent, AnyNumberOfWorkersMakesTheSameBytesOfARandomNet) {
  const std::uint64_t seed = test_seed();
  for (std::uint64_t round = 0; round < 10; ++round) {
    TextPool texts;
    const State start = random_combinators(seed + round);
    State alone = start;
    const Reduction expected = reduce(alone, 20'000);
    const Bytes bytes = save(alone, texts);
    for (const unsigned workers : {2u, 4u, 8u}) {
      tickets::WorkerPool pool({.workers = workers, .perturb_seed = seed + round + workers});
      State state = start;
      const Reduction done = reduce(state, 20'000, pool);
      EXPECT_EQ(done.interactions, expected.interactions) << "seed " << seed << " round " << round;
      EXPECT_EQ(save(state, texts), bytes) << "seed " << seed << " round " << round << " workers " << workers;
    }
  }
}

TEST(ReduceConcurrent, ValuesAndStuckPairsAreTheSameOnAnyNumberOfWorkers) {
  std::string text =
      "agent Int : int64, Down(number!, result) : int64\n"
      "rule Down[s](r) ~ Int[a] when a > 0 => Int[a - 1] ~ Down[s + 100 / (a - 3)](r) when a == 0 => r ~ Int[s]\n";
  for (int i = 0; i < 2'000; ++i) {
    const std::string wire = "r" + std::to_string(i);
    text += "free " + wire + " net Down[1](" + wire + ") ~ Int[" + std::to_string(i % 7) + "]\n";
  }
  Network alone = load_good(text);
  const Reduction expected = alone.reduce(kForEver);
  EXPECT_GT(alone.state().stuck.size(), 0u);
  for (const unsigned workers : {2u, 5u}) {
    Network shared = load_good(text, workers);
    EXPECT_EQ(shared.reduce(kForEver).interactions, expected.interactions);
    EXPECT_EQ(shared.snapshot(), alone.snapshot());
  }
}

TEST(ReduceConcurrent, LargeGenerationsAreTheSameOnAnyNumberOfWorkers) {
  std::string text = demo("fib.net");
  text.resize(text.find("free"));
  for (int i = 0; i < 3'000; ++i) {
    const std::string wire = "r" + std::to_string(i);
    text += "free " + wire + " net Fib(" + wire + ") ~ S^" + std::to_string(3 + i % 4) + "(Z)\n";
  }
  Network alone = load_good(text);
  const Reduction expected = alone.reduce(kForEver);
  Network shared = load_good(text, 2);
  EXPECT_EQ(shared.reduce(kForEver).interactions, expected.interactions);
  EXPECT_EQ(shared.snapshot(), alone.snapshot());
}

}  // namespace
}  // namespace yard::nets
