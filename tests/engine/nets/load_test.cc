#include "engine/nets/load.h"

#include <gmock/gmock.h>

#include "engine/nets/snapshot.h"
#include "tests/engine/nets/support.h"

namespace yard::nets {
namespace {

using namespace testing;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> problems(std::string_view text) {
  std::vector<std::string> all;
  if (const auto network = load_net(text); !network)
    for (const Problem& problem : network.error()) all.push_back(problem.where + " " + problem.message);
  return all;
}

TEST(LoadNet, TellsEveryProblemWithItsPlaceAndMakesNoPartOfANet) {
  EXPECT_THAT(problems("agent Z, S 1, P(a!, b!)\n"
                       "rule S(x) ~ Z => x ~ q\n"
                       "rule Foo ~ Z => none\n"
                       "net S(a ~ Z\n"
                       "net Q(r) ~ Z\n"),
              ElementsAre("1:21 P has a second principal port; under lafont an agent has one",
                          "2:22 q is used once; a wire has two ends", "3:6 there is no type Foo",
                          "4:7 a has one end, and is no free wire", "4:9 ) is expected", "5:5 there is no type Q",
                          "5:7 r has one end, and is no free wire"));
}

TEST(LoadNet, PointsIntoJson) {
  EXPECT_THAT(problems(R"({"agents": [{"name": "A", "ports": ["p!", "q!"]}, {"name": "B", "ports": 2}, {"name": "C"}],
    "rules": [{"between": ["B", "C"], "connect": [["left.1", "right.1"]]}, {"between": ["B", "Q"]}],
    "net": {"agents": [{"id": "x", "agent": "C", "value": 3}], "connect": [["x.0", "y.0"]]}, "more": 1})"),
              ElementsAre("/more has no meaning here",
                          "/agents/0/ports/1 A has a second principal port; under lafont an agent has one",
                          "/rules/0/connect/0/1 C has no port 1", "/rules/1/between/1 there is no type Q",
                          "/net/agents/0 C has no value", "/net/connect/0/1 there is no agent y"));
}

TEST(LoadNet, RefusesASecondRuleForAPair) {
  EXPECT_THAT(problems("agent A, B\nrule A ~ B => none\nrule B ~ A => none"),
              ElementsAre("3:6 there is a rule for B and A already"));
  EXPECT_THAT(problems(R"({"agents": [{"name": "A"}], "rules": [{"between": ["A", "A"]}, {"between": ["A", "A"]}]})"),
              ElementsAre("/rules/1 there is a rule for A and A already"));
}

TEST(LoadNet, RefusesRulesThatAreNotLinear) {
  EXPECT_THAT(problems("agent A 1, B\nrule A(x) ~ B => none"), ElementsAre("2:8 x is used once; a wire has two ends"));
  EXPECT_THAT(
      problems("agent A 1, B\nrule A(x) ~ B => x ~ A(x)"),
      ElementsAre("2:18 x is used more than twice; a wire has two ends", "2:22 port 0 of A is never connected"));
  EXPECT_THAT(problems("agent A 1, B\nrule A ~ B => none"), ElementsAre("2:6 port 1 of A is never connected"));
}

TEST(LoadNet, RefusesNetsWithHoles) {
  EXPECT_THAT(problems("agent A 1  free r\nnet A(r) ~ A"), ElementsAre("2:12 port 1 of A is never connected"));
  EXPECT_THAT(problems("agent A  free r, s\nnet A ~ r"), ElementsAre("1:18 the free wire s leads to nothing"));
  EXPECT_THAT(problems("discipline annette  agent A 1\nnet A ~ A"), ElementsAre());
}

TEST(LoadNet, RefusesValuesThatDoNotFit) {
  EXPECT_THAT(problems("agent I : int64, J : time"), ElementsAre("1:18 time is no type of values"));
  EXPECT_THAT(problems("agent I : int64\nnet I[x] ~ I[1.5]").size(), 2u);
  EXPECT_THAT(problems("agent I : int64\nrule I[a] ~ I[b] => I[a + c] ~ I[b]"),
              Contains(HasSubstr("column 5: c is no input")));
}

TEST(LoadNet, TextsAreCarriedAndCopied) {
  Network network = load_good(
      "agent Name : string, Greet 1, Pair 2, Json : json\n"
      "rule Greet(r) ~ Name[n] => r ~ Pair(Name[n], Name[\"a \\\"b]\"])\n"
      "free r, s  net Greet(r) ~ Name[\"Ada\"], s ~ Json[{\"b\": [1], \"a\": 2}]");
  (void)network.reduce(10);
  EXPECT_EQ(normal_form(network), "r ~ Pair(Name[\"Ada\"], Name[\"a \\\"b]\"])\ns ~ Json[{\"a\":2,\"b\":[1]}]\n");
}

TEST(LoadNet, WhatIsPrintedIsRead) {
  Network network = load_good(demo("fib.net"));
  (void)network.reduce(200);
  std::string text = demo("fib.net");
  text.resize(text.find("free"));
  text += "free result\n";
  const PrintedNet printed = print_net(network.state(), network.texts());
  for (const std::string& line : printed.equations) text += "net " + line + "\n";
  for (const std::string& line : printed.rest) text += "net " + line + "\n";
  Network again = load_good(text);
  EXPECT_EQ(normal_form(again), normal_form(network));
  EXPECT_EQ(again.reduce(10'000).interactions, 260u);
  EXPECT_EQ(normal_form(again), "result ~ S^34(Z)\n");
}

TEST(LoadNet, DeepTermsAreRefusedAndRepeatedOnesAreNot) {
  std::string deep = "agent Z, S 1  free r  net r ~ ";
  for (int i = 0; i < 1'000; ++i) deep += "S(";
  EXPECT_THAT(problems(deep), Contains(HasSubstr("nested too deep")));
  Network network = load_good("agent Z, S 1  free r  net r ~ S^100000(Z)");
  EXPECT_EQ(normal_form(network), "r ~ S^100000(Z)\n");
}

TEST(LoadNet, ReadsTheExamplesOfItsPage) {
  std::ifstream file(YARD_SOURCE_DIR "/engine/nets/FORMAT.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  std::vector<std::string> results;
  for (const std::string_view language : {"```net\n", "```json\n"}) {
    const std::size_t begin = page.find(language) + language.size();
    ASSERT_LT(begin, page.size());
    Network network = load_good(page.substr(begin, page.find("```", begin) - begin));
    EXPECT_TRUE(network.reduce(1'000).is_normal);
    results.push_back(normal_form(network));
  }
  EXPECT_THAT(results, ElementsAre("result ~ Int[7]\n", "result ~ Int[7]\n"));
}

TEST(Snapshots, GoOnWhereTheyWereTaken) {
  for (const std::string name : {"fib.net", "gcd.net", "append.net", "ski.net", "combinators.json"}) {
    Network network = load_good(demo(name));
    (void)network.reduce(2);
    Network restored = load_good(network.snapshot());
    EXPECT_EQ(restored.hash(), network.hash()) << name;
    EXPECT_EQ(restored.reduce(10'000).interactions, network.reduce(10'000).interactions) << name;
    EXPECT_EQ(normal_form(restored), normal_form(network)) << name;
    EXPECT_EQ(restored.hash(), network.hash()) << name;
  }
}

TEST(Snapshots, DamagedOnesAreRefusedOrConsistent) {
  Network network = load_good(demo("gcd.net"));
  (void)network.reduce(3);
  const Bytes good = network.snapshot();
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(Network::restore(BytesView(good).substr(0, size))) << size;
  }
  for (std::size_t at = kSnapshotMagic.size(); at < good.size(); ++at) {
    for (const char flip : {char{1}, char{16}, char{127}}) {
      Bytes bad = good;
      bad[at] = static_cast<char>(bad[at] ^ flip);
      auto restored = Network::restore(bad);
      if (restored) (void)restored->reduce(100);
    }
  }
}

TEST(Snapshots, DoNotHoldRulesInCpp) {
  Network network = load_good("agent A, B");
  ASSERT_TRUE(network.add_function("A", "B", "gone", 0, [](const Meeting&, Patch&) { return true; }));
  EXPECT_EQ(Network::restore(network.snapshot()).error().code, ErrorCode::kUnsupported);
}

}  // namespace
}  // namespace yard::nets
