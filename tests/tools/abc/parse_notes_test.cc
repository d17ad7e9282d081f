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
  std::string_view meter = "4/4";
};

void PrintTo(const Row& row, std::ostream* out) { *out << row.says << ": " << row.music; }

class ParseNotes : public ::testing::TestWithParam<Row> {};

TEST_P(ParseNotes, ReadsAsWritten) {
  EXPECT_EQ(clean_body(tune_of(GetParam().music, GetParam().meter)), GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Pitches, ParseNotes,
    ::testing::Values(Row{"octaves", "C,, C, C c c' c''", "C2:1/8 C3:1/8 C4:1/8 C5:1/8 C6:1/8 C7:1/8"},
                      Row{"marks cancel", "C,' c,", "C4:1/8 C4:1/8"},
                      Row{"accidentals", "^F _B =c ^^G __A", "^F4:1/8 _B4:1/8 =C5:1/8 ^^G4:1/8 __A4:1/8"},
                      Row{"the signature is not applied", "[K:D]F", "K:D F4:1/8"}));

INSTANTIATE_TEST_SUITE_P(Lengths, ParseNotes,
                         ::testing::Values(Row{"multiples", "A2 A3 A8", "A4:1/4 A4:3/8 A4:1/1"},
                                           Row{"fractions", "A3/2 A1/2 A/4 A7/4", "A4:3/16 A4:1/16 A4:1/32 A4:7/32"},
                                           Row{"slashes", "A/ A// A///", "A4:1/16 A4:1/32 A4:1/64"},
                                           Row{"slash after a number", "A3/ A3//", "A4:3/16 A4:3/32"},
                                           Row{"the length comes after octaves", "a'/ A,2", "A6:1/16 A3:1/4"}));

INSTANTIATE_TEST_SUITE_P(Rests, ParseNotes,
                         ::testing::Values(Row{"plain and invisible", "z x2 z/", "z:1/8 x:1/4 z:1/16"},
                                           Row{"whole bars in 4/4", "Z|Z2", "Z:1/1 | Z:2/1"},
                                           Row{"whole bars in 6/8", "Z|Z4|X2", "Z:3/4 | Z:3/1 | X:3/2", "6/8"},
                                           Row{"whole bars follow the meter", "[M:3/4] Z", "M:3/4 Z:3/4"}));

INSTANTIATE_TEST_SUITE_P(Chords, ParseNotes,
                         ::testing::Values(Row{"plain", "[CEG]", "[C4:1/8 E4:1/8 G4:1/8]1/8"},
                                           Row{"outer length", "[CE]2", "[C4:1/4 E4:1/4]1/4"},
                                           Row{"inner lengths", "[C2E2]", "[C4:1/4 E4:1/4]1/4"},
                                           Row{"both multiply", "[C2E4]/2", "[C4:1/8 E4:1/4]1/8"},
                                           Row{"accidentals and octaves", "[^c_e'G,]", "[^C5:1/8 _E6:1/8 G3:1/8]1/8"},
                                           Row{"decorations come first", "[!f!CE]", "!f! [C4:1/8 E4:1/8]1/8"}));

INSTANTIATE_TEST_SUITE_P(Ties, ParseNotes,
                         ::testing::Values(Row{"of a note", "A2-A", "A4:1/4- A4:1/8"},
                                           Row{"over a bar", "A8-|A8", "A4:1/1- | A4:1/1"},
                                           Row{"of a chord", "[CE]-[CE]", "[C4:1/8- E4:1/8-]1/8 [C4:1/8 E4:1/8]1/8"},
                                           Row{"of one note of a chord", "[C-E]C", "[C4:1/8- E4:1/8]1/8 C4:1/8"},
                                           Row{"dotted", "A.-A", "A4:1/8- A4:1/8"}));

INSTANTIATE_TEST_SUITE_P(
    BrokenRhythm, ParseNotes,
    ::testing::Values(Row{"long short", "A>B", "A4:3/16 B4:1/16"}, Row{"short long", "A<B", "A4:1/16 B4:3/16"},
                      Row{"twice", "A>>B", "A4:7/32 B4:1/32"}, Row{"twice back", "A<<B", "A4:1/32 B4:7/32"},
                      Row{"thrice", "A>>>B", "A4:15/64 B4:1/64"}, Row{"with spaces", "A > B", "A4:3/16 B4:1/16"},
                      Row{"around grace notes", "A>{g}B", "A4:3/16 { G5:1/8} B4:1/16"},
                      Row{"of chords", "[CE]>[DF]", "[C4:3/16 E4:3/16]3/16 [D4:1/16 F4:1/16]1/16"},
                      Row{"of rests", "z>B", "z:3/16 B4:1/16"},
                      Row{"in a chain", "A>B A<B", "A4:3/16 B4:1/16 A4:1/16 B4:3/16"}));

INSTANTIATE_TEST_SUITE_P(
    Tuplets, ParseNotes,
    ::testing::Values(Row{"triplet", "(3ABc d", "A4:1/12 B4:1/12 C5:1/12 D5:1/8"},
                      Row{"duplet", "(2AB", "A4:3/16 B4:3/16", "6/8"},
                      Row{"quadruplet", "(4ABcd", "A4:3/32 B4:3/32 C5:3/32 D5:3/32", "6/8"},
                      Row{"five in simple time", "(5ABcde", "A4:1/20 B4:1/20 C5:1/20 D5:1/20 E5:1/20"},
                      Row{"five in compound time", "(5ABcde", "A4:3/40 B4:3/40 C5:3/40 D5:3/40 E5:3/40", "6/8"},
                      Row{"3/8 is simple", "(5ABcde", "A4:1/20 B4:1/20 C5:1/20 D5:1/20 E5:1/20", "3/8"},
                      Row{"written out", "(3:2:2A2B", "A4:1/6 B4:1/12"},
                      Row{"time left out", "(3::2A2B", "A4:1/6 B4:1/12"},
                      Row{"number left out", "(5:4ABcde", "A4:1/10 B4:1/10 C5:1/10 D5:1/10 E5:1/10"},
                      Row{"rests count", "(3AzB c", "A4:1/12 z:1/12 B4:1/12 C5:1/8"},
                      Row{"chords count", "(3A[CE]B c", "A4:1/12 [C4:1/12 E4:1/12]1/12 B4:1/12 C5:1/8"},
                      Row{"grace notes don't", "(3A{g}BA c", "A4:1/12 { G5:1/8} B4:1/12 A4:1/12 C5:1/8"}));

INSTANTIATE_TEST_SUITE_P(GraceNotes, ParseNotes,
                         ::testing::Values(Row{"one", "{g}A", "{ G5:1/8} A4:1/8"},
                                           Row{"several with lengths", "{g/a2}A", "{ G5:1/16 A5:1/4} A4:1/8"},
                                           Row{"acciaccatura", "{/g}A", "{/ G5:1/8} A4:1/8"},
                                           Row{"a chord of them", "{[ce]g}A", "{ C5:1/8+E5:1/8 G5:1/8} A4:1/8"}));

INSTANTIATE_TEST_SUITE_P(Marks, ParseNotes,
                         ::testing::Values(Row{"named", "!trill!A !>!B", "!trill! A4:1/8 !>! B4:1/8"},
                                           Row{"older form", "+trill+A", "!trill! A4:1/8"},
                                           Row{"short forms", ".A ~B Hc Td",
                                               "!staccato! A4:1/8 !roll! B4:1/8 !fermata! C5:1/8 !trill! D5:1/8"},
                                           Row{"own forms", "U:W=!wedge!\nWA", "U:W=!wedge! !wedge! A4:1/8"},
                                           Row{"chord symbols", "\"Am7\"A", "\"Am7\" A4:1/8"},
                                           Row{"annotations", "\"^CDEFG\"A", "\"^CDEFG\" A4:1/8"},
                                           Row{"slurs", "(AB) .(c)", "( A4:1/8 B4:1/8 ) ( C5:1/8 )"},
                                           Row{"spacers", "A y2 B y", "A4:1/8 B4:1/8"},
                                           Row{"beams' backticks", "A`B", "A4:1/8 B4:1/8"}));

TEST(ParseNotes, SpansCoverPitchAndNote) {
  const std::string text = tune_of("A \"é\"^f'3/2-f");
  const Parsed parsed = parse(text);
  const auto& note = std::get<Note>(parsed.book.tunes.at(0).body.at(2).value);
  EXPECT_EQ(text_of(text, note.span), "^f'3/2-");
  EXPECT_EQ(text_of(text, note.pitch_span), "^f'");
  EXPECT_EQ(note.span.line, 6u);
  EXPECT_EQ(note.span.column, 6u);  // in characters: é is one
}

TEST(ParseNotes, AreCountedSinglyInChordsAndWithoutGraceNotes) {
  EXPECT_EQ(count_notes(parse(tune_of("{ga}A [CEG] z (3ABc")).book.tunes.at(0)), 7u);
}

}  // namespace
}  // namespace yard::abc
