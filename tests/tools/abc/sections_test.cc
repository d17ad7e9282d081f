// The order of playing: one letter a bar, so that a row reads as what is heard.
#include "tools/abc/sections.h"

#include <gtest/gtest.h>

#include <ostream>

#include "tests/tools/abc/smf_reader.h"
#include "tools/abc/midi.h"

namespace yard::abc {
namespace {

struct Row {
  std::string_view claim;
  std::string_view music;
  std::string_view heard;  // letters of C major from C up to c, d, …
};

std::ostream& operator<<(std::ostream& out, const Row& row) { return out << row.claim << ": " << row.music; }

std::string heard(std::string_view head, std::string_view music) {
  const auto midi = to_midi("X:1\nT:Test\n" + std::string(head) + "L:1\nK:C\n" + std::string(music) + "\n");
  if (!midi) return to_string(midi.error());
  std::string letters;
  for (const int pitch : testing::pitches_of(testing::read_smf(midi->bytes))) {
    constexpr std::string_view kFrom60 = "C?D?EF?G?A?Bc?d?ef?g?a?b";
    letters += pitch >= 60 && pitch < 84 ? kFrom60[static_cast<std::size_t>(pitch - 60)] : '!';
  }
  return letters;
}

class PlayingOrder : public ::testing::TestWithParam<Row> {};

TEST_P(PlayingOrder, IsAsWritten) { EXPECT_EQ(heard("", GetParam().music), GetParam().heard); }

INSTANTIATE_TEST_SUITE_P(
    Repeats, PlayingOrder,
    ::testing::Values(Row{"no repeat", "C|D|E|]", "CDE"}, Row{"a repeat", "|:C|D:|E|", "CDCDE"},
                      Row{"three times", "|::C|D::|E|", "CDCDCDE"}, Row{"from the beginning", "C|D:|E|", "CDCDE"},
                      Row{"from the last repeat", "C:|D:|E", "CCDDE"},
                      Row{"from the last double bar", "C||D|E:|F|", "CDEDEF"},
                      Row{"over a double bar within", "|:C||D:|", "CDCD"}, Row{"end and begin", "|:C::D:|", "CCDD"},
                      Row{"end and begin in full", "|:C:||:D:|", "CCDD"},
                      Row{"a begin without an end", "|:C|D|]", "CD"}, Row{"a begin within", "C|:D:|", "CDD"},
                      Row{"two begins", "|:C|:D:|", "CDD"}, Row{"ends only", ":|C", "C"},
                      Row{"nothing to repeat", "|::|:|C::|:|", "CCC"}));

INSTANTIATE_TEST_SUITE_P(
    Endings, PlayingOrder,
    ::testing::Values(Row{"two endings", "|:C|1 D:|2 E|]", "CDCE"}, Row{"without a begin", "C|1 D:|2 E|]", "CDCE"},
                      Row{"bracketed", "|:C|[1 D:|[2 E|]", "CDCE"}, Row{"three", "|:C|1 D:|2 E:|3 F|]", "CDCECF"},
                      Row{"lists", "|:C|1,3 D:|2,4 E:|F", "CDCECDCEF"}, Row{"ranges", "|:C|1-3 D:|4 E|]", "CDCDCDCE"},
                      Row{"a last one that ends a repeat", "|:C|1 D:|2 E:|F", "CDCEF"},
                      Row{"music after them", "|:C|1 D:|2 E||F|]", "CDCEF"},
                      Row{"a section after them", "|:C|1 D:|2 E||F|1 G:|2 A|]", "CDCEFGFA"},
                      Row{"a begin after them", "|:C|1 D:|2 E|:F|1 G:|2 A|]", "CDCEFGFA"},
                      Row{"of several bars", "|:C|1 D|E:|2 F|G|]", "CDECFG"},
                      Row{"a first one alone", "|:C|1 D:|E|]", "CDCE"},
                      Row{"followed by ::", "|:C|1 D:|2 E::F:|", "CDCEFF"}));

TEST(PlayingParts, FollowTheHeader) {
  EXPECT_EQ(heard("P:ABA\n", "P:A\nC|\nP:B\nD|"), "CDC");
  EXPECT_EQ(heard("P:A2(BA)2\n", "P:A\nC|\nP:B\nD|"), "CCDCDC");
  EXPECT_EQ(heard("P:AB\n", "P:A\n|:C|1 D:|2 E|]\nP:B\nF:|"), "CDCEFF");
}

TEST(PlayingParts, LabelsAloneChangeNothing) { EXPECT_EQ(heard("", "P:A\nC|\nP:B\nD|"), "CD"); }

TEST(PlayingParts, AreBounded) {
  EXPECT_EQ(expand_parts("A9999"), std::string(kPartsPlayedMax, 'A'));
  EXPECT_EQ(expand_parts(std::string(5'000, '(') + "A" + std::string(5'000, ')')), "A");
  EXPECT_LE(expand_parts("((((((A99)99)99)99)99)99)99").size(), kPartsPlayedMax);
  EXPECT_EQ(expand_parts(")2A(B"), "AB");
}

TEST(PlayingOrder, OfOneVoiceIsItsOwn) {
  const auto midi = to_midi("X:1\nT:Test\nL:1\nV:1\nV:2\nK:C\n[V:1]|:C:|D|\n[V:2]|:E:|F|\n");
  ASSERT_TRUE(midi.has_value());
  EXPECT_EQ(testing::written(testing::read_smf(midi->bytes)), "60@0+4 64@0+4 60@4+4 64@4+4 62@8+4 65@8+4");
}

}  // namespace
}  // namespace yard::abc
