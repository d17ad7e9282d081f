#include "tools/abc/tools.h"

#include <gtest/gtest.h>

#include "tests/support/call_tool.h"

namespace yard::tools {
namespace {

using nlohmann::json;
using testing::call;

constexpr std::string_view kJig = "X:3\nT:The Jig\nM:6/8\nL:1/8\nQ:3/8=110\nK:Em\n|:E2G B2e|[EB]3 {g}d3:|\n";

class AbcTools : public ::testing::Test {
 protected:
  void SetUp() override {
    const Status added = add_abc_tools(registry_);
    ASSERT_TRUE(added) << to_string(added.error());
  }

  json answer(std::string_view tool, const json& arguments) {
    auto result = call(registry_, tool, arguments);
    EXPECT_TRUE(result) << to_string(result.error());
    return result ? *result : json();
  }

  Registry registry_;
};

TEST_F(AbcTools, AreImmediateAndChangeNothing) {
  ASSERT_EQ(registry_.list().size(), 3u);
  for (const Tool* tool : registry_.list()) {
    EXPECT_EQ(tool->spec.kind, ToolKind::kImmediate) << tool->spec.name;
    EXPECT_TRUE(tool->spec.read_only && tool->spec.idempotent) << tool->spec.name;
  }
}

TEST_F(AbcTools, ParseSummarisesTheFirstTune) {
  const json parsed = answer("abc_parse", {{"abc", kJig}});
  EXPECT_EQ(parsed["valid"], true);
  EXPECT_EQ(parsed["title"], "The Jig");
  EXPECT_EQ(parsed["key"], "Em");
  EXPECT_EQ(parsed["meter"], "6/8");
  EXPECT_EQ(parsed["tempo"], 110);
  EXPECT_EQ(parsed["notes_count"], 7);
  EXPECT_EQ(parsed["diagnostics"], json::array());
}

TEST_F(AbcTools, ParseReturnsTheTreeWithSpans) {
  const json tune = answer("abc_parse", {{"abc", kJig}})["tunes"][0];
  EXPECT_EQ(tune["number"], 3);
  EXPECT_EQ(tune["unit_length"], json::array({1, 8}));
  EXPECT_EQ(tune["header"][5]["value"], "Em");
  const json& elements = tune["elements"];
  EXPECT_EQ(elements[0]["type"], "bar");
  EXPECT_EQ(elements[0]["repeat_starts"], 1);
  const auto offset = kJig.find("E2G");
  const json note = {{"type", "note"}, {"span", {offset, 2, 7, 3}}, {"voice", 0}, {"letter", "E"},
                     {"octave", 4},    {"duration", {1, 4}}};
  EXPECT_EQ(elements[1], note);
  EXPECT_EQ(elements[6]["type"], "chord");
  EXPECT_EQ(elements[6]["duration"], json::array({3, 8}));
  EXPECT_EQ(elements[6]["notes"].size(), 2u);
  EXPECT_EQ(elements[7]["type"], "grace");
}

TEST_F(AbcTools, ParseWritesEveryKindOfElement) {
  const json tune = answer("abc_parse", {{"abc",
                                          "X:1\nT:T\n%%MIDI program 4\nP:AB\nV:1 clef=bass name=Low\nK:C\n"
                                          "[K:D][M:3/4][L:1/4][Q:\"Slow\" 1/4=60](3A>Bc .d \"Am\"e \"^up\"f (g) y & z "
                                          "[V:2]|1 A :|2 A |]\nP:A\nw:la\n%%x y\n% c\nN:note\n"}})["tunes"][0];
  std::set<std::string> types;
  for (const json& element : tune["elements"]) types.insert(element["type"]);
  EXPECT_EQ(types,
            (std::set<std::string>{"annotation", "bar",     "broken_rhythm", "chord_symbol", "comment",    "decoration",
                                   "directive",  "ending",  "field",         "key",          "lyrics",     "meter",
                                   "note",       "overlay", "part",          "rest",         "slur_begin", "slur_end",
                                   "spacer",     "tempo",   "tuplet",        "unit_length",  "voice"}));
  EXPECT_EQ(tune["voices"][0]["name"], "Low");
  EXPECT_EQ(tune["directives"][0], (json{{"name", "MIDI"}, {"value", "program 4"}}));
  EXPECT_EQ(tune["parts"], "AB");
}

TEST_F(AbcTools, ParseOfNonsenseIsAnAnswer) {
  for (const std::string text : {"", "garbage", "\n\n"}) {
    const json parsed = answer("abc_parse", {{"abc", text}});
    EXPECT_EQ(parsed["valid"], false) << text;
    EXPECT_EQ(parsed["notes_count"], 0);
    EXPECT_EQ(parsed["tunes"], json::array());
    EXPECT_EQ(parsed["diagnostics"][0]["code"], "no_tune");
  }
}

TEST_F(AbcTools, ParseRefusesAResultThatFitsNoMessage) {
  std::string text = "X:1\nT:T\nK:C\n";
  for (int i = 0; i < 90'000; ++i) text += "A ";
  const auto result = call(registry_, "abc_parse", {{"abc", text}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::kTooLarge);
}

TEST_F(AbcTools, ValidateTellsErrorsFromWarnings) {
  const json found = answer("abc_validate", {{"abc", "X:1\nK:C\nC [EG\n"}});
  EXPECT_EQ(found["valid"], false);
  EXPECT_EQ(
      found["errors"],
      (json::array(
          {{{"line", 3}, {"column", 3}, {"code", "unclosed_chord"}, {"message", found["errors"][0]["message"]}}})));
  ASSERT_EQ(found["warnings"].size(), 1u);
  EXPECT_EQ(found["warnings"][0]["code"], "missing_title");
  EXPECT_EQ(answer("abc_validate", {{"abc", kJig}}),
            (json{{"valid", true}, {"errors", json::array()}, {"warnings", json::array()}}));
}

TEST_F(AbcTools, TransposeMovesByStepsAndToKeys) {
  const json up = answer("abc_transpose", {{"abc", kJig}, {"semitones", 2}});
  EXPECT_EQ(up["original_key"], "Em");
  EXPECT_EQ(up["new_key"], "F#m");
  EXPECT_EQ(up["semitones"], 2);
  EXPECT_NE(up["abc"].get<std::string>().find("|:F2A c2f|[Fc]3 {a}e3:|"), std::string::npos) << up["abc"];
  const json to_d = answer("abc_transpose", {{"abc", kJig}, {"target_key", "D"}});
  EXPECT_EQ(to_d["semitones"], -2);
  EXPECT_EQ(to_d["new_key"], "Dm");
}

TEST_F(AbcTools, TransposeNeedsToKnowHowFar) {
  EXPECT_EQ(call(registry_, "abc_transpose", {{"abc", kJig}}).error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(call(registry_, "abc_transpose", {{"abc", kJig}, {"semitones", 61}}).error().pointer, "/semitones");
  EXPECT_EQ(call(registry_, "abc_transpose", {{"abc", kJig}, {"target_key", "H"}}).error().code,
            ErrorCode::kInvalidArguments);
  EXPECT_EQ(call(registry_, "abc_transpose", {{"abc", ""}, {"semitones", 1}}).error().code,
            ErrorCode::kInvalidArguments);
}

}  // namespace
}  // namespace yard::tools
