// Which kinds can be written, and what a graph is told that has others.
#include "engine/aot/emission.h"

#include <gmock/gmock.h>

#include "engine/aot/generate.h"
#include "engine/aot/library.h"
#include "engine/kinds/standard.h"
#include "tests/engine/world/support.h"

namespace yard::graph::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(Emission, KnowsEveryStandardKernelButThoseItNames) {
  std::vector<std::string> refused;
  const auto kinds = standard_kinds();
  for (const Kind& kind : kinds->all())
    for (const Overload& overload : kind.overloads)
      if (overload.kernel.run_one != nullptr && aot::find_emission(overload.kernel) == nullptr &&
          (refused.empty() || refused.back() != kind.name))
        refused.push_back(kind.name);
  EXPECT_THAT(refused, ElementsAre("Call", "JsonAt", "JsonPut", "ParseJson", "ToJson", "Script", "Net"));
}

TEST(Emission, WritesLiteralsThatReadBackTheSame) {
  EXPECT_EQ(aot::literal(INT64_MIN), "(-9223372036854775807 - 1)");
  EXPECT_EQ(aot::literal(0.1), "0.1");
  EXPECT_EQ(aot::literal(-0.0), "-0.0");
  EXPECT_EQ(aot::literal(1e300), "1e+300");
  EXPECT_EQ(aot::quoted("a\"\\?\n\xC3"), R"("a\"\\\?\012\303")");
}

struct Twice {
  double operator()(double x) const { return x * 2; }
};

TEST(Generate, RefusesAllNodesThatCannotBeWrittenAtOnce) {
  auto kinds = std::make_shared<Kinds>();
  ASSERT_TRUE(add_standard_kinds(*kinds));
  ASSERT_TRUE(kinds->add(
      {.name = "Twice", .summary = "2 x.", .inputs = {{"x"}}, .outputs = {"out"}, .overloads = {overload<Twice>()}}));
  const auto world = make_world(Sketch()
                                    .node("a", "Value", "string", R"("value": "{}")")
                                    .node("parse", "ParseJson")
                                    .node("fine", "Floor")
                                    .node("twice", "Twice")
                                    .wire("a", "out", "parse", "x")
                                    .json(),
                                {}, kinds);
  const auto text = aot::generate(world->image(), {});
  ASSERT_FALSE(text.has_value());
  ASSERT_EQ(text.error().size(), 2u);
  EXPECT_EQ(text.error()[0].pointer, "/nodes/1/type");
  EXPECT_THAT(text.error()[0].message, HasSubstr("JSON"));
  EXPECT_EQ(text.error()[1].pointer, "/nodes/3/type");
  EXPECT_THAT(text.error()[1].message, HasSubstr("Twice"));
}

TEST(Generate, RefusesANamespaceThatIsNone) {
  const auto world = make_world(adder());
  for (const char* name : {"", "2x", "a b", "a::b", "__x"})
    EXPECT_FALSE(aot::generate(world->image(), {.name = name}).has_value()) << name;
}

TEST(Generate, HasTheImagesHandlesAndItsHash) {
  const auto world = make_world(adder());
  const auto text = aot::generate(world->image(), {.made_from = "adder.json"});
  ASSERT_TRUE(text.has_value());
  EXPECT_THAT(*text, HasSubstr("from adder.json: 4 nodes, graph_hash " + to_hex(world->image().hash())));
  EXPECT_THAT(*text, HasSubstr("{2, \"sum\", "));
}

TEST(Generate, WritesAStatementANodeWithItsId) {
  const auto world = make_world(adder());
  EXPECT_THAT(*aot::generate(world->image(), {}), HasSubstr("one<Sum<double>, kPlain>(c, {0, 1}, 2);  // sum"));
}

}  // namespace
}  // namespace yard::graph::testing
