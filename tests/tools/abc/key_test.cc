#include "tools/abc/key.h"

#include <gtest/gtest.h>

namespace yard::abc {
namespace {

struct Row {
  std::string_view text;
  int fifths;
  std::string_view written;
};

TEST(Key, EveryTonicAndModeHasItsSignature) {
  for (const auto& [text, fifths, written] :
       {Row{"C", 0, "C"},           Row{"G", 1, "G"},        Row{"D major", 2, "D"},   Row{"Amaj", 3, "A"},
        Row{"F#", 6, "F#"},         Row{"C#", 7, "C#"},      Row{"F", -1, "F"},        Row{"Bb", -2, "Bb"},
        Row{"Ebmaj", -3, "Eb"},     Row{"Abmaj", -4, "Ab"},  Row{"Cb", -7, "Cb"},      Row{"Am", 0, "Am"},
        Row{"Bbm", -5, "Bbm"},      Row{"G#m", 5, "G#m"},    Row{"D#m", 6, "D#m"},     Row{"A#m", 7, "A#m"},
        Row{"Emin", 1, "Em"},       Row{"E minor", 1, "Em"}, Row{"Eaeolian", 1, "Em"}, Row{"Ador", 1, "Ador"},
        Row{"A Dorian", 1, "Ador"}, Row{"Emix", 3, "Emix"},  Row{"D MIX", 1, "Dmix"},  Row{"Ephr", 0, "Ephr"},
        Row{"Flyd", 0, "Flyd"},     Row{"Bloc", 0, "Bloc"},  Row{"Gion", 1, "G"},      Row{"Bbdor", -4, "Bbdor"},
        Row{"F#loc", 1, "F#loc"},   Row{"HP", 2, "HP"},      Row{"Hp", 2, "Hp"},       Row{"none", 0, "none"},
        Row{"", 0, "none"},         Row{"EbMaj", -3, "Eb"},  Row{"DM", 2, "D"}}) {
    const auto parsed = parse_key(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(fifths_of(parsed->key), fifths) << text;
    EXPECT_EQ(to_string(parsed->key), written) << text;
  }
}

TEST(Key, ExplicitAccidentalsChangeTheSignature) {
  const auto changed = parse_key("D =c ^g");
  ASSERT_TRUE(changed);
  EXPECT_EQ(signature_of(changed->key), (Signature{0, 0, 0, 1, 1, 0, 0}));
  const auto only = parse_key("D exp _b _e ^f");
  ASSERT_TRUE(only);
  EXPECT_EQ(signature_of(only->key), (Signature{0, 0, -1, 1, 0, 0, -1}));
  const auto double_sharp = parse_key("C ^^f __b");
  ASSERT_TRUE(double_sharp);
  EXPECT_EQ(signature_of(double_sharp->key), (Signature{0, 0, 0, 2, 0, 0, -2}));
}

TEST(Key, SettingsAfterItAreNoMode) {
  for (const std::string_view text :
       {"C clef=bass", "C bass", "C octave=-1", "C transpose=2", "C middle=d", "C alto-8"}) {
    const auto parsed = parse_key(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(to_string(parsed->key), "C") << text;
    EXPECT_EQ(text.substr(parsed->rest), text.substr(2)) << text;
  }
}

TEST(Key, SettingsAloneAreNoKey) {
  for (const std::string_view text : {"clef=bass", "bass", "treble", "octave=1"}) {
    const auto parsed = parse_key(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_FALSE(parsed->has_key) << text;
  }
}

TEST(Key, NonsenseIsRefused) {
  for (const std::string_view text : {"H", "Q", "Dfoo", "7", "?", "hello", "d"}) EXPECT_FALSE(parse_key(text)) << text;
}

TEST(Key, PitchesLieOnTheLineOfFifths) {
  for (int fifths = -15; fifths <= 15; ++fifths) EXPECT_EQ(fifths_of(name_at_fifths(fifths)), fifths);
  EXPECT_EQ(to_string(name_at_fifths(-2)), "Bb");
  EXPECT_EQ(to_string(name_at_fifths(13)), "F##");
}

}  // namespace
}  // namespace yard::abc
