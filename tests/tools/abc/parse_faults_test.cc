// What is wrong with a text, and where.
#include <gtest/gtest.h>

#include "tests/tools/abc/reading.h"

namespace yard::abc {
namespace {

using testing::tune_of;
using testing::written;

struct Row {
  std::string text;
  std::string_view expected;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.text; }

class ParseFaults : public ::testing::TestWithParam<Row> {};

TEST_P(ParseFaults, AreReportedAtTheirPlace) {
  EXPECT_EQ(written(parse(GetParam().text).diagnostics), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Books, ParseFaults,
    ::testing::Values(Row{"", "error no_tune 1:1"}, Row{"\n\n  \n", "error no_tune 1:1"},
                      Row{"this is no music at all", "error no_tune 1:1"}, Row{"{\"json\": true}", "error no_tune 1:1"},
                      Row{"X:1\nT:T\nC D E\n", "error missing_key 3:1"},
                      Row{"X:1\nT:T\nM:4/4\n", "error missing_key 1:1, warning no_music 1:1"},
                      Row{"T:T\nK:C\nC\n", "error missing_number 1:1"},
                      Row{"X:1\nK:C\nC\n", "warning missing_title 1:1"}, Row{"X:1\nT:T\nK:C\n", "warning no_music 1:1"},
                      Row{"X:one\nT:T\nK:C\nC\n", "error bad_number 1:1"},
                      Row{"X:1\nT:T\nK:C\nC\n\nX:1\nT:T\nK:C\nC\n", "warning duplicate_number 6:1"},
                      Row{"X:1\nT:T\nK:C\nC\nX:2\nT:T\nK:C\nC\n", "warning missing_blank_line 5:1"}));

INSTANTIATE_TEST_SUITE_P(Fields, ParseFaults,
                         ::testing::Values(Row{"X:1\nT:T\nM:4/5\nK:C\nC\n", "error bad_meter 3:1"},
                                           Row{"X:1\nT:T\nM:0/4\nK:C\nC\n", "error bad_meter 3:1"},
                                           Row{"X:1\nT:T\nL:1/0\nK:C\nC\n", "error bad_unit_length 3:1"},
                                           Row{"X:1\nT:T\nQ:fast\nK:C\nC\n", "error bad_tempo 3:1"},
                                           Row{"X:1\nT:T\nQ:1/4=0\nK:C\nC\n", "error bad_tempo 3:1"},
                                           Row{"X:1\nT:T\nK:H\nC\n", "error bad_key 3:1"},
                                           Row{"X:1\nT:T\nV:\nK:C\nC\n", "error bad_voice 3:1"},
                                           Row{"X:1\nT:T\nm:~n = n/o/n\nK:C\nC\n", "warning macro_not_expanded 3:1"},
                                           Row{tune_of("C [K:Q] D"), "error bad_key 6:3"},
                                           Row{tune_of("C [K:G D"), "error unclosed_inline_field 6:3"}));

INSTANTIATE_TEST_SUITE_P(
    Music, ParseFaults,
    ::testing::Values(
        Row{tune_of("C [CEG"), "error unclosed_chord 6:3"}, Row{tune_of("C [CEG | D"), "error unclosed_chord 6:3"},
        Row{tune_of("C []"), "error empty_chord 6:3"}, Row{tune_of("C \"Am D"), "error unclosed_string 6:3"},
        Row{tune_of("C {ga D"), "error unclosed_grace 6:3"},
        Row{tune_of("C !trill D"), "error unclosed_decoration 6:3"},
        Row{tune_of("C D !"), "warning old_line_break 6:5"}, Row{tune_of("C ^ D"), "error stray_accidental 6:3"},
        Row{tune_of("C é D"), "error unexpected_character 6:3"},
        Row{tune_of("é C \x01 D"), "error unexpected_character 6:1, error unexpected_character 6:5"},
        Row{tune_of("C k D"), "error unexpected_character 6:3"},
        Row{tune_of("C ] D"), "error unexpected_character 6:3"},
        Row{tune_of("C 4 D"), "error unexpected_character 6:3"},
        Row{tune_of("C * D @"), "warning reserved_character 6:3, warning reserved_character 6:7"},
        Row{tune_of("C : D"), "error unexpected_character 6:3"}, Row{tune_of("-C"), "error stray_tie 6:1"},
        Row{tune_of("(CD)-D"), "warning detached_tie 6:5"}, Row{tune_of(">C"), "error broken_rhythm 6:1"},
        Row{tune_of("C>"), "error broken_rhythm 6:2"}, Row{tune_of("C>|D"), "error broken_rhythm 6:2"},
        Row{tune_of("(1C"), "error bad_tuplet 6:1"}, Row{tune_of("(99C"), "error bad_tuplet 6:1"},
        Row{tune_of("(3CD"), "warning incomplete_tuplet 6:5"}, Row{tune_of("C[0D"), "error bad_ending 6:2"},
        Row{tune_of("C0"), "error bad_length 6:2"}, Row{tune_of("C/0"), "error bad_length 6:2"},
        Row{tune_of("Z0"), "error bad_length 6:1"}, Row{tune_of("C^1/2D"), "warning microtone 6:3"},
        Row{tune_of("C (&D &)"), "warning overlay_unsupported 6:3, warning overlay_unsupported 6:7"}));

INSTANTIATE_TEST_SUITE_P(Bars, ParseFaults,
                         ::testing::Values(Row{tune_of("C8|C7|C8|"), "warning bar_too_short 6:6"},
                                           Row{tune_of("C8|C9|C8|"), "warning bar_too_long 6:6"},
                                           Row{tune_of("C2|C8|C6|]"), ""}, Row{tune_of("C2|:C8|C6:|:C2|C6:|"), ""},
                                           Row{tune_of("|:C8|1C6:|2C8|C8|]"), ""}, Row{tune_of("Z4|C8|"), ""},
                                           Row{tune_of("C6|C6|", "6/8"), ""}, Row{tune_of("C8|\n[M:3/4]C6|C6|"), ""},
                                           Row{tune_of("C8|C4&E4|C8|"), ""}));

TEST(Parsed, IsValidWithWarningsAndNotWithErrors) {
  EXPECT_TRUE(parse(tune_of("C8|C7|C8|")).valid());
  EXPECT_FALSE(parse(tune_of("C k")).valid());
  EXPECT_FALSE(parse("").valid());
}

TEST(Parsed, ListsSoManyDiagnosticsAndSaysThatThereAreMore) {
  std::string warnings;
  for (int i = 0; i < 300; ++i) warnings += "* C ";
  const Parsed many = parse(tune_of(warnings));
  EXPECT_EQ(many.diagnostics.size(), kDiagnosticsMax);
  EXPECT_EQ(many.diagnostics.back().code, "too_many_diagnostics");
  EXPECT_TRUE(many.valid());
  EXPECT_FALSE(parse(tune_of(warnings + " k")).valid());
}

TEST(Parsed, RefusesTooLargeATextWhole) {
  const Parsed parsed = parse(tune_of(std::string(kTextBytesMax, 'C')));
  EXPECT_EQ(written(parsed.diagnostics), "error too_large 1:1");
  EXPECT_TRUE(parsed.book.tunes.empty());
  EXPECT_EQ(require_tune(parsed, {}).error().code, ErrorCode::kTooLarge);
}

}  // namespace
}  // namespace yard::abc
