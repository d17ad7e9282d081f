#include <gmock/gmock.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/engine/graph/rig.h"

namespace yard::graph {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

// fib(n) as a node.
std::string fib(std::int64_t n, const json& more = json::object(), const std::string& type = "int64") {
  std::ifstream file(YARD_SOURCE_DIR "/deploy/demo/nets/fib.net");
  std::string net(std::istreambuf_iterator<char>(file), {});
  net.replace(net.find("free result"), std::string::npos,
              "free n, result\nnet Fib(result) ~ n\nderived fib = number(result, S, Z)\n");
  json parameters = {{"net", net}, {"inputs", {{"n", "number(S, Z)"}}}, {"n", n}};
  parameters.update(more);
  return json{{"nodes",
               {{{"id", "f"},
                 {"type", "Net"},
                 {"inputs", {{{"id", "n"}, {"type", "int64"}}}},
                 {"outputs", {{{"id", "out"}, {"type", type}}, {{"id", "interactions"}, {"type", "int64"}}}},
                 {"parameters", parameters}}}}}
      .dump();
}

TEST(NetKind, ReducesForItsInput) {
  testing::Rig rig(fib(9));
  EXPECT_EQ(rig.get<std::int64_t>("f"), 34);
  testing::Rig other(fib(10));
  EXPECT_EQ(other.get<std::int64_t>("f"), 55);
}

TEST(NetKind, IsAFaultBeyondItsInteractions) {
  testing::Rig enough(fib(9, {{"max_interactions", 460}}));
  EXPECT_FALSE(enough.fault("f"));
  testing::Rig few(fib(9, {{"max_interactions", 459}}));
  ASSERT_TRUE(few.fault("f"));
  EXPECT_THAT(few.fault("f")->text, HasSubstr("not normal after 459"));
}

TEST(NetKind, RefusesNumbersThatNetsCannotHave) {
  testing::Rig rig(fib(-1));
  ASSERT_TRUE(rig.fault("f"));
  EXPECT_EQ(rig.fault("f")->code, FaultCode::kBadInput);
}

TEST(NetKind, TellsAllThatIsDerivedAsJson) {
  testing::Rig rig(fib(9, json::object(), "json"));
  EXPECT_EQ(rig.text("f"), R"({"fib":34})");
}

}  // namespace
}  // namespace yard::graph
