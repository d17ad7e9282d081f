#include "engine/kinds/formula.h"

#include <gmock/gmock.h>

#include "tests/engine/graph/rig.h"

namespace yard::graph {
namespace {

using ::testing::HasSubstr;

const std::vector<FormulaName> kNames = {{"a", DataType::kDouble}, {"n", DataType::kInt64}, {"on", DataType::kBool}};

std::string refusal(std::string_view text, DataType wanted = DataType::kDouble) {
  const auto formula = Formula::compile(text, kNames, wanted);
  return formula ? "" : formula.error().message;
}

// The formula's value with a = 1.5, n = 7, on = true.
double value(const std::string& text) {
  testing::Rig rig(R"({"nodes": [{"id": "f", "type": "Formula",
    "inputs": [{"id": "a", "type": "double"}, {"id": "n", "type": "int"}, {"id": "on", "type": "bool"}],
    "outputs": [{"id": "out", "type": "double"}],
    "parameters": {"a": 1.5, "n": 7, "on": true, "formula": ")" +
                   text + R"("}}]})");
  EXPECT_FALSE(rig.fault("f")) << text;
  return rig.get<double>("f");
}

TEST(Formula, KnowsWhatBindsStronger) {
  EXPECT_EQ(value("1 + 2 * 3"), 7);
  EXPECT_EQ(value("(1 + 2) * 3"), 9);
  EXPECT_EQ(value("10 - 4 - 3"), 3);
  EXPECT_EQ(value("-a * 2"), -3);
  EXPECT_EQ(value("on && n > 3 || false ? 1 : 2"), 1);
  EXPECT_EQ(value("n != 7 ? 1 : n == 7 ? 2 : 3"), 2);
  EXPECT_EQ(value("!(a >= 1.5) ? 1 : 0"), 0);
}

TEST(Formula, WholeNumbersStayWholeUntilTheyMeetADouble) {
  EXPECT_EQ(value("n / 2"), 3);
  EXPECT_EQ(value("n / 2.0"), 3.5);
  EXPECT_EQ(value("n % 4 + a"), 4.5);
  EXPECT_EQ(value("on ? n : a"), 7);
  EXPECT_EQ(value("double(n) / 2"), 3.5);
  EXPECT_EQ(value("int(3.9)"), 3);
}

TEST(Formula, HasAFixedListOfFunctions) {
  EXPECT_EQ(value("a * 2 + max(n, 1)"), 10);
  EXPECT_EQ(value("min(a, n)"), 1.5);
  EXPECT_EQ(value("pow(2, 10)"), 1024);
  EXPECT_EQ(value("abs(-3) + sqrt(16) + floor(1.9) + ceil(0.1) + round(2.5)"), 3 + 4 + 1 + 1 + 3);
}

TEST(Formula, EvaluatesOnlyWhatItNeeds) {
  EXPECT_EQ(value("n > 0 ? 1 : n / 0"), 1);
  EXPECT_EQ(value("on || n / 0 > 1 ? 5 : 6"), 5);
  EXPECT_EQ(value("!on && n / 0 > 1 ? 5 : 6"), 6);
}

TEST(Formula, SaysWhereItIsWrong) {
  EXPECT_THAT(refusal("a +"), HasSubstr("column 4"));
  EXPECT_THAT(refusal("a + q"), HasSubstr("column 5: q is no input"));
  EXPECT_THAT(refusal("system(1)"), HasSubstr("column 1: system is no function"));
  EXPECT_THAT(refusal("a b"), HasSubstr("column 3"));
  EXPECT_THAT(refusal("on + 1"), HasSubstr("numbers"));
  EXPECT_THAT(refusal("a ? 1 : 2"), HasSubstr("bool"));
  EXPECT_THAT(refusal("on ? 1 : on"), HasSubstr("one type"));
  EXPECT_THAT(refusal("min(1)"), HasSubstr(", is missing"));
  EXPECT_THAT(refusal("9223372036854775808"), HasSubstr("too large"));
  EXPECT_THAT(refusal("a > 1"), HasSubstr("double is wanted"));
  EXPECT_THAT(refusal(""), HasSubstr("missing"));
}

TEST(Formula, IsBounded) {
  EXPECT_THAT(refusal(std::string(5'000, ' ') + "1"), HasSubstr("longer"));
  EXPECT_THAT(refusal(std::string(100, '(') + "1" + std::string(100, ')')), HasSubstr("deep"));
  EXPECT_THAT(refusal(std::string(200, '-') + "1"), HasSubstr("deep"));
  std::string sum = "1";
  for (int i = 0; i < 1'000; ++i) sum += "+1";
  EXPECT_EQ(refusal(sum), "");
}

}  // namespace
}  // namespace yard::graph
