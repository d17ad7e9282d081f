#include "tools/abc/transpose.h"

#include <gtest/gtest.h>

#include "tools/abc/pitches.h"

namespace yard::abc {
namespace {

std::string in_key(std::string_view key, std::string_view music) {
  return "X:1\nT:Test\nM:4/4\nL:1/8\nK:" + std::string(key) + "\n" + std::string(music) + "\n";
}

std::string moved(std::string_view text, int semitones) {
  const auto result = transpose(text, {.semitones = semitones});
  return result ? result->abc : "error: " + result.error().message;
}

// What every note of the first tune sounds, in the order of the text.
std::vector<int> numbers(std::string_view text) {
  const Parsed parsed = parse(text);
  if (parsed.book.tunes.empty()) return {};
  const Tune& tune = parsed.book.tunes.front();
  const Pitches pitches(tune, AccidentalScope::kPitch);
  std::vector<int> all;
  for (std::size_t i = 0; i < tune.body.size(); ++i) {
    for (const std::int16_t number : pitches.of(i)) all.push_back(number);
  }
  return all;
}

struct Spelling {
  std::string_view what;
  std::string_view key;
  std::string_view music;
  int semitones;
  std::string_view new_key;
  std::string_view new_music;
};

class TransposeSpelling : public testing::TestWithParam<Spelling> {};

TEST_P(TransposeSpelling, FollowsTheNewKey) {
  const Spelling& row = GetParam();
  EXPECT_EQ(moved(in_key(row.key, row.music), row.semitones), in_key(row.new_key, row.new_music)) << row.what;
}

INSTANTIATE_TEST_SUITE_P(
    Transpose, TransposeSpelling,
    testing::Values(Spelling{"a scale keeps its signature's notes unmarked", "D", "DEFGABcd|", -2, "C", "CDEFGABc|"},
                    Spelling{"flats where the new key has flats", "C", "CDEF|", 3, "Eb", "EFGA|"},
                    Spelling{"a sharpened note stays sharpened", "C", "^FGA|", 2, "D", "^GAB|"},
                    Spelling{"a natural against a sharp becomes a flat", "D", "=FG|", -2, "C", "_EF|"},
                    Spelling{"minor", "Em", "EFGA|", 5, "Am", "ABcd|"},
                    Spelling{"a mode's text stays", "Ador", "ABcd|", 2, "Bdor", "Bcde|"},
                    Spelling{"a spaced mode too", "E minor", "E|", 1, "F minor", "F|"},
                    Spelling{"a flat tonic with its mode", "Bbm", "B|", 2, "Cm", "c|"},
                    Spelling{"octaves up", "C", "C,CcC'|", 12, "C", "Ccc'c'|"},
                    Spelling{"octaves down over the letters' case", "C", "cBc'|", -12, "C", "CB,c|"},
                    Spelling{"no double sharps out of B sharp", "C#", "B|", 2, "Eb", "d|"},
                    Spelling{"accidentals of K: move along", "D =c", "c|", 2, "E =d", "d|"},
                    Spelling{"no key: written out where the scale needs it", "none", "EF|", 2, "none", "^FG|"},
                    Spelling{"pipes leave their key", "HP", "Ac|", 3, "Cmix", "ce|"}));

TEST(Transpose, ByZeroIsTheSameText) {
  const std::string text = "% notes\nX:7\nT:A b c\nK:G#m % odd\n\"G#m\"^F-F {c}[CE]2 (3abc C'' | % end\nw: A-b c\n";
  EXPECT_EQ(moved(text, 0), text);
}

TEST(Transpose, LeavesEverythingElseByteForByte) {
  const std::string text =
      "%%MIDI program 40\nX:1\nT:C D E\nC:Abe\nM:6/8\nL:1/8\nK:D % the key\n"
      "!trill!D \"^text A\"E|(3DEF !fff!z2|1 A>B:|2 D y|]\nw: A-men  B*c\n% C D E\n";
  const std::string expected =
      "%%MIDI program 40\nX:1\nT:C D E\nC:Abe\nM:6/8\nL:1/8\nK:E % the key\n"
      "!trill!E \"^text A\"F|(3EFG !fff!z2|1 B>c:|2 E y|]\nw: A-men  B*c\n% C D E\n";
  EXPECT_EQ(moved(text, 2), expected);
}

TEST(Transpose, MovesInlineAndLaterKeysByTheSameInterval) {
  EXPECT_EQ(moved(in_key("G", "GABc|[K:Em]EFGA|\nK:D\nDEFG|"), 2), in_key("A", "ABcd|[K:F#m]FGAB|\nK:E\nEFGA|"));
}

TEST(Transpose, LeavesPercussionAlone) {
  EXPECT_EQ(moved("X:1\nT:t\nV:1\nV:2 clef=perc\nK:C\n[V:1]CD|\n[V:2]CD|\n", 2),
            "X:1\nT:t\nV:1\nV:2 clef=perc\nK:D\n[V:1]DE|\n[V:2]CD|\n");
}

TEST(Transpose, MovesEveryTuneOfABookUnlessOneIsNamed) {
  const std::string book = in_key("C", "C|") + "\nX:2\nT:Two\nK:G\nG|\n";
  EXPECT_EQ(moved(book, 2), in_key("D", "D|") + "\nX:2\nT:Two\nK:A\nA|\n");
  const auto second = transpose(book, {.semitones = 2, .tune = 2});
  ASSERT_TRUE(second);
  EXPECT_EQ(second->abc, in_key("C", "C|") + "\nX:2\nT:Two\nK:A\nA|\n");
  ASSERT_EQ(second->tunes.size(), 1U);
  EXPECT_EQ(second->tunes[0].number, 2U);
}

// The pitch of every note moves by exactly the shift, whatever the spelling had to do.
TEST(Transpose, SoundsShiftedFromEveryKeyByEveryInterval) {
  constexpr std::string_view kMusic =
      "^CDc_E|=F^^G__AB|{^fg}c'2-|c'B,[C^E_G]-|[CEG]2 ^F-|F F =B,,|[K:Bb]_ABc=e|d^d_dd|&^F2G2|";
  for (const std::string_view tonic :
       {"C", "G", "D", "A", "E", "B", "F#", "C#", "F", "Bb", "Eb", "Ab", "Db", "Gb", "Cb", "G#", "D#", "A#"}) {
    for (const std::string_view mode : {"", "m", "dor", "phr", "lyd", "mix", "loc"}) {
      const std::string text = in_key(std::string(tonic) + std::string(mode), kMusic);
      const std::vector<int> before = numbers(text);
      for (int semitones = -13; semitones <= 13; ++semitones) {
        std::vector<int> expected = before;
        for (int& number : expected) number += semitones;
        const std::string after = moved(text, semitones);
        ASSERT_EQ(numbers(after), expected) << tonic << mode << " by " << semitones << "\n" << after;
      }
    }
  }
}

TEST(Transpose, ThereAndBackIsTheSameText) {
  const std::string text = in_key("G", "GABc d2ef|g^ga=f [GBd]2 z2|");
  for (int semitones = -11; semitones <= 11; ++semitones) {
    EXPECT_EQ(moved(moved(text, semitones), -semitones), text) << semitones;
  }
}

struct Target {
  std::string_view key;
  std::string_view target;
  std::string_view new_key;
  int semitones;
};

class TransposeTarget : public testing::TestWithParam<Target> {};

TEST_P(TransposeTarget, IsReachedTheShorterWay) {
  const Target& row = GetParam();
  const auto result = transpose(in_key(row.key, "C|"), {.target_key = row.target});
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->tunes[0].original_key, row.key);
  EXPECT_EQ(result->tunes[0].new_key, row.new_key);
  EXPECT_EQ(result->tunes[0].semitones, row.semitones);
}

INSTANTIATE_TEST_SUITE_P(Transpose, TransposeTarget,
                         testing::Values(Target{"C", "D", "D", 2}, Target{"C", "A", "A", -3},
                                         Target{"C", "F#", "F#", 6}, Target{"C", "Gb", "Gb", 6},
                                         Target{"Em", "D", "Dm", -2}, Target{"Em", "Am", "Am", 5},
                                         Target{"C#", "Db", "Db", 0}, Target{"B", "C", "C", 1},
                                         Target{"none", "D", "none", 2}));

struct Refusal {
  std::string_view what;
  std::optional<int> semitones;
  std::optional<std::string_view> target;
  std::string_view pointer;
};

class TransposeRefusal : public testing::TestWithParam<Refusal> {};

TEST_P(TransposeRefusal, NamesTheArgument) {
  const Refusal& row = GetParam();
  const auto result = transpose(in_key("Em", "E|"), {.semitones = row.semitones, .target_key = row.target});
  ASSERT_FALSE(result) << row.what;
  EXPECT_EQ(result.error().code, ErrorCode::kInvalidArguments);
  EXPECT_EQ(result.error().pointer, row.pointer) << row.what;
}

INSTANTIATE_TEST_SUITE_P(Transpose, TransposeRefusal,
                         testing::Values(Refusal{"neither", {}, {}, ""}, Refusal{"too far", 61, {}, "/semitones"},
                                         Refusal{"too far down", -61, {}, "/semitones"},
                                         Refusal{"no key", {}, "H", "/target_key"},
                                         Refusal{"trailing text", {}, "D clef=bass", "/target_key"},
                                         Refusal{"another mode", {}, "Ador", "/target_key"},
                                         Refusal{"a shift that leads elsewhere", 2, "G", "/target_key"}));

TEST(Transpose, RefusesATextWithoutATune) {
  for (const std::string_view text : {"", "hello world\n"}) {
    const auto result = transpose(text, {.semitones = 2});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::kInvalidArguments);
    EXPECT_EQ(result.error().pointer, "/abc");
  }
}

struct ChordRow {
  std::string_view symbol;
  int fifths;
  std::string_view moved;  // empty: no chord
};

class TransposeChord : public testing::TestWithParam<ChordRow> {};

TEST_P(TransposeChord, MovesRootAndBassAndNothingElse) {
  const ChordRow& row = GetParam();
  EXPECT_EQ(transpose_chord(row.symbol, row.fifths).value_or(""), row.moved) << row.symbol;
}

INSTANTIATE_TEST_SUITE_P(Transpose, TransposeChord,
                         testing::Values(ChordRow{"C", 2, "D"}, ChordRow{"Am7", 2, "Bm7"}, ChordRow{"G/B", 2, "A/C#"},
                                         ChordRow{"Bbmaj7", 2, "Cmaj7"}, ChordRow{"F#m7b5", -1, "Bm7b5"},
                                         ChordRow{"(Dm)", 1, "(Am)"}, ChordRow{"Gsus4", -2, "Fsus4"},
                                         ChordRow{"Fine", 2, ""}, ChordRow{"D.C. al Coda", 2, ""},
                                         ChordRow{"Coda", 2, ""}, ChordRow{"Allegro", 2, ""}, ChordRow{"G/x", 2, ""},
                                         ChordRow{"", 2, ""}));

}  // namespace
}  // namespace yard::abc
