// Bars, repeats, fields within the body, voices.
#include <gtest/gtest.h>

#include "tests/tools/abc/reading.h"

namespace yard::abc {
namespace {

using testing::clean_body;
using testing::tune_of;
using testing::written;

struct Row {
  std::string_view says;
  std::string_view music;
  std::string_view expected;
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.says << ": " << row.music; }

class ParseBody : public ::testing::TestWithParam<Row> {};

TEST_P(ParseBody, ReadsAsWritten) {
  EXPECT_EQ(clean_body("X:1\nT:Test\nM:none\nK:C\n" + std::string(GetParam().music)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Bars, ParseBody,
    ::testing::Values(Row{"plain", "C|D", "C4:1/8 | D4:1/8"}, Row{"double", "C||", "C4:1/8 ||"},
                      Row{"end", "C|]", "C4:1/8 ||"}, Row{"start", "[|C", "|| C4:1/8"},
                      Row{"invisible", "C[|]", "C4:1/8 |"}, Row{"dotted", "C.|", "C4:1/8 |"},
                      Row{"repeat", "|:C:|", "|: C4:1/8 :|"}, Row{"both at once", "C::D", "C4:1/8 :|: D4:1/8"},
                      Row{"both with a line", "C:|:D", "C4:1/8 :|: D4:1/8"},
                      Row{"both with two lines", "C:||:D", "C4:1/8 :||: D4:1/8"},
                      Row{"twice repeated", "|::C::|", "|:: C4:1/8 ::|"}, Row{"repeat and end", "C:|]", "C4:1/8 :||"},
                      Row{"chord after a line", "|[CE]|", "| [C4:1/8 E4:1/8]1/8 |"},
                      Row{"notes like fields", "A::B:|\nG:|D", "A4:1/8 :|: B4:1/8 :| G4:1/8 :| D4:1/8"}));

INSTANTIATE_TEST_SUITE_P(
    Endings, ParseBody,
    ::testing::Values(Row{"in brackets", "|:C [1 D :|[2 E|]", "|: C4:1/8 (1,) D4:1/8 :| (2,) E4:1/8 ||"},
                      Row{"after lines", "|:C|1D:|2E|]", "|: C4:1/8 | (1,) D4:1/8 :| (2,) E4:1/8 ||"},
                      Row{"after lines and spaces", "C | 1 D :| 2 E |]", "C4:1/8 | (1,) D4:1/8 :| (2,) E4:1/8 ||"},
                      Row{"lists and ranges", "C[1,3D:|[2-4,6E|]", "C4:1/8 (1,3,) D4:1/8 :| (2,3,4,6,) E4:1/8 ||"}));

INSTANTIATE_TEST_SUITE_P(
    Fields, ParseBody,
    ::testing::Values(Row{"inline", "[K:Em][L:1/4][M:6/8][Q:3/8=80]C", "K:Em L:1/4 M:6/8 Q:3/8=80 C4:1/4"},
                      Row{"on lines", "C\nK:Em\nL:1/4\nM:6/8\nQ:3/8=80\nC", "C4:1/8 K:Em L:1/4 M:6/8 Q:3/8=80 C4:1/4"},
                      Row{"lyrics are no notes", "C D\nw:A bad cab_bage\nE", "C4:1/8 D4:1/8 w:A bad cab_bage E4:1/8"},
                      Row{"parts", "P:A\nC", "P:A C4:1/8"}, Row{"remarks", "C [r:decade] D", "C4:1/8 r:decade D4:1/8"},
                      Row{"words after", "C\nW:A bee", "C4:1/8 W:A bee"},
                      Row{"directives", "%%MIDI program 40\nC", "%%MIDI program 40 C4:1/8"},
                      Row{"instructions", "[I:MIDI program 40]C", "%%MIDI program 40 C4:1/8"},
                      Row{"comments", "C % D E\n% F\nG", "C4:1/8 G4:1/8"},
                      Row{"continued lines", "C>\\\nD\\ % more\nE", "C4:3/16 D4:1/16 E4:1/8"},
                      Row{"overlays", "C2&E2|", "C4:1/4 & E4:1/4 |"},
                      Row{"text blocks are skipped", "C\n%%begintext\nA B C\n%%endtext\nD",
                          "C4:1/8 %%begintext  D4:1/8"}));

constexpr std::string_view kTwoVoices =
    "X:1\nT:T\nM:4/4\nL:1/8\nV:A clef=treble name=\"High one\"\nV:B clef=bass octave=-1 transpose=-2\nK:C\n";

TEST(ParseVoices, TakeTurnsByLine) {
  const Parsed parsed = parse(std::string(kTwoVoices) + "V:A\nC8|\nV:B\nE8|\nV:A\nD8|\n");
  EXPECT_EQ(written(parsed.diagnostics), "");
  EXPECT_EQ(written(parsed.book.tunes.at(0), 0), "C4:1/1 | D4:1/1 |");
  EXPECT_EQ(written(parsed.book.tunes.at(0), 1), "E4:1/1 |");
}

TEST(ParseVoices, TakeTurnsInline) {
  const Parsed parsed = parse(std::string(kTwoVoices) + "[V:B]E8|\n[V:A]C8|\n");
  EXPECT_EQ(written(parsed.book.tunes.at(0), 0), "C4:1/1 |");
  EXPECT_EQ(written(parsed.book.tunes.at(0), 1), "E4:1/1 |");
}

TEST(ParseVoices, HaveSettings) {
  const Parsed parsed = parse(std::string(kTwoVoices) + "C\n");
  const auto& voices = parsed.book.tunes.at(0).voices;
  ASSERT_EQ(voices.size(), 2u);
  EXPECT_EQ(voices[0].name, "High one");
  EXPECT_EQ(voices[0].clef, "treble");
  EXPECT_EQ(voices[1].clef, "bass");
  EXPECT_EQ(voices[1].octave, -1);
  EXPECT_EQ(voices[1].transpose, -2);
}

TEST(ParseVoices, SettingsInTheBodyAreNoNotes) {
  const Parsed parsed = parse(tune_of("V:1 clef=bass\nC8|"));
  EXPECT_EQ(written(parsed.diagnostics), "");
  EXPECT_EQ(written(parsed.book.tunes.at(0)), "C4:1/1 |");
  ASSERT_EQ(parsed.book.tunes.at(0).voices.size(), 1u);
  EXPECT_EQ(parsed.book.tunes.at(0).voices[0].clef, "bass");
}

TEST(ParseVoices, KeepTheirLengthsAndTupletsApart) {
  const Parsed parsed = parse(std::string(kTwoVoices) + "[V:A][L:1/4](3AB[V:B]C[V:A]c d\n");
  EXPECT_EQ(written(parsed.book.tunes.at(0), 0), "L:1/4 A4:1/6 B4:1/6 C5:1/6 D5:1/4");
  EXPECT_EQ(written(parsed.book.tunes.at(0), 1), "C4:1/8");
}

TEST(ParseBook, HasSeveralTunes) {
  const Parsed parsed =
      parse("%%MIDI program 1\n\nX:1\nT:One\nK:D\nC|\n\nX:7\nT:Seven\nK:Em\nD|\n\nfree text, no tune\n");
  EXPECT_EQ(written(parsed.diagnostics), "");
  ASSERT_EQ(parsed.book.tunes.size(), 2u);
  EXPECT_EQ(written(parsed.book.tunes[0]), "C4:1/8 |");
  EXPECT_EQ(written(parsed.book.tunes[1]), "D4:1/8 |");
  ASSERT_EQ(parsed.book.tunes[1].directives.size(), 1u);
  EXPECT_EQ(find_tune(parsed.book, 7)->title, "Seven");
  EXPECT_EQ(find_tune(parsed.book, {})->title, "One");
  EXPECT_EQ(find_tune(parsed.book, 2), nullptr);
  EXPECT_EQ(require_tune(parsed, 2).error().code, ErrorCode::kInvalidArguments);
}

struct UnitRow {
  std::string_view meter;
  std::string_view expected;
};

TEST(ParseHeader, UnitLengthFollowsFromTheMeter) {
  for (const auto& [meter, expected] : {UnitRow{"4/4", "1/8"}, UnitRow{"6/8", "1/8"}, UnitRow{"3/4", "1/8"},
                                        UnitRow{"2/4", "1/16"}, UnitRow{"C|", "1/8"}, UnitRow{"none", "1/8"}}) {
    const Parsed parsed = parse("X:1\nT:T\nM:" + std::string(meter) + "\nK:C\nC\n");
    EXPECT_EQ(written(parsed.book.tunes.at(0).unit), expected) << meter;
  }
}

TEST(ParseHeader, ReadsTempi) {
  struct TempoRow {
    std::string_view text;
    std::string_view beat;
    std::uint32_t per_minute;
    std::string_view words;
  };
  for (const auto& [text, beat, per_minute, words] :
       {TempoRow{"1/4=120", "1/4", 120, ""}, TempoRow{"120", "1/4", 120, ""},
        TempoRow{"3/8=50 \"Slow\"", "3/8", 50, "Slow"}, TempoRow{"\"Allegro\"", "1/4", 0, "Allegro"},
        TempoRow{"1/4 3/8=40", "5/8", 40, ""}, TempoRow{"C=100", "1/8", 100, ""},
        TempoRow{"1/2 = 60", "1/2", 60, ""}}) {
    const Parsed parsed = parse("X:1\nT:T\nL:1/8\nQ:" + std::string(text) + "\nK:C\nC\n");
    EXPECT_EQ(written(parsed.diagnostics), "") << text;
    const auto& tempo = parsed.book.tunes.at(0).tempo;
    ASSERT_TRUE(tempo) << text;
    EXPECT_EQ(written(tempo->beat), beat) << text;
    EXPECT_EQ(tempo->per_minute, per_minute) << text;
    EXPECT_EQ(tempo->text, words) << text;
  }
}

TEST(ParseHeader, AllLineEndsAndTheByteOrderMarkAreTaken) {
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const Parsed parsed = parse("\xef\xbb\xbfX:1" + end + "T:T" + end + "K:C" + end + "CD" + end + end + "X:2" + end +
                                "T:U" + end + "K:D" + end + "E");
    EXPECT_EQ(written(parsed.diagnostics), "");
    ASSERT_EQ(parsed.book.tunes.size(), 2u);
    EXPECT_EQ(parsed.book.tunes[1].body.at(0).span.line, 9u);
  }
}

}  // namespace
}  // namespace yard::abc
