// Texts that mean harm: the parser answers all of them, soon.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "tests/tools/abc/reading.h"

namespace yard::abc {
namespace {

using testing::tune_of;

// Every claim that holds for any text at all.
void expect_sound(std::string_view text) {
  const Parsed parsed = parse(text);
  EXPECT_LE(parsed.diagnostics.size(), kDiagnosticsMax);
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    EXPECT_LE(diagnostic.span.end(), text.size());
    EXPECT_GE(diagnostic.span.line, 1u);
    EXPECT_GE(diagnostic.span.column, 1u);
  }
  for (const Tune& tune : parsed.book.tunes) {
    ASSERT_FALSE(tune.voices.empty());
    for (const Element& element : tune.body) {
      EXPECT_LT(element.voice, tune.voices.size());
      EXPECT_LE(element.span.end(), text.size());
      if (const auto* note = std::get_if<Note>(&element.value)) {
        EXPECT_GT(note->duration.denominator, 0);
        EXPECT_GE(note->duration.numerator, 0);
      }
    }
  }
}

std::string repeated(std::string_view piece, std::size_t bytes = kTextBytesMax - 64) {
  std::string text;
  while (text.size() + piece.size() <= bytes) text += piece;
  return text;
}

TEST(ParseHostile, LongTextsOfOneThingTakeLinearTime) {
  const auto begin = std::chrono::steady_clock::now();
  for (const std::string_view piece : {"[",
                                       "]",
                                       "{",
                                       "(",
                                       "(3",
                                       "((((",
                                       "\"",
                                       "!",
                                       "+",
                                       "|",
                                       ":",
                                       "::",
                                       "|:",
                                       "[1",
                                       "-",
                                       ">",
                                       "A>",
                                       "A/",
                                       "A////////////",
                                       "&",
                                       "&A",
                                       "\\",
                                       "%",
                                       "^",
                                       "^^",
                                       "y",
                                       "Z",
                                       "Z9",
                                       "A'",
                                       "A,",
                                       "[V:1]",
                                       "[V:1",
                                       "[K:C",
                                       "[K:Cm]",
                                       "V:",
                                       "\nV:x",
                                       "\nK:",
                                       "\nw:a",
                                       "X:1\n",
                                       "\nX:1\nK:C\n",
                                       "\nX:1\nK:C\nA\n",
                                       "\n",
                                       "\r",
                                       "\n%%a b",
                                       "\n%%begintext",
                                       "\nU:h=!a!",
                                       "h",
                                       "\xc3",
                                       "\xc3\xa9",
                                       "9",
                                       "99999999999999999999",
                                       "A99999",
                                       "A1023/1021>",
                                       "(32:31:32A1/1023",
                                       "[CE",
                                       "[C]",
                                       "{g}",
                                       "'",
                                       "[1,",
                                       "[1-",
                                       "[1-9,",
                                       "T:x\n",
                                       "\nI:x",
                                       "[r:",
                                       "!a",
                                       "\"^a",
                                       "\xef\xbb\xbf",
                                       " ",
                                       "\t",
                                       "`",
                                       "A0",
                                       "^1/",
                                       ".",
                                       "~"}) {
    expect_sound(tune_of(repeated(piece)));
    expect_sound(repeated(piece));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(30));
}

TEST(ParseHostile, ManyVoicesAreRefused) {
  std::string text = tune_of("C");
  for (int i = 0; i < 20'000; ++i) text += "[V:v" + std::to_string(i) + "]C\n";
  const Parsed parsed = parse(text);
  EXPECT_FALSE(parsed.valid());
  EXPECT_EQ(parsed.book.tunes.at(0).voices.size(), kVoicesMax);
}

TEST(ParseHostile, ManyElementsAreRefused) {
  const Parsed parsed = parse(tune_of(repeated("A")));
  EXPECT_FALSE(parsed.valid());
  EXPECT_LE(parsed.book.tunes.at(0).body.size(), kElementsMax);
}

TEST(ParseHostile, TheLimitOnElementsMayFallBetweenTunes) {
  std::string text = tune_of(std::string(kElementsMax, 'A'));
  for (const std::string_view music : {"A>B-", "[CE]-A<", "(3AB", "{g}A"}) {
    expect_sound(text + "\nX:2\nT:U\nK:C\n" + std::string(music) + "\n");
  }
}

TEST(ParseHostile, ManyTunesAreRefused) {
  const Parsed parsed = parse(repeated("X:1\nK:C\n\n"));
  EXPECT_FALSE(parsed.valid());
  EXPECT_EQ(parsed.book.tunes.size(), kTunesMax);
}

TEST(ParseHostile, LengthsNeverOverflow) {
  expect_sound(tune_of(repeated("A1023/1021<<<B1019/1013>>>", 100'000), "128/128"));
  expect_sound(tune_of("[L:1024/1023]" + repeated("(32:31:32Z1000A1024/1023<<<", 100'000)));
}

// Pieces of real notation, put together at random, and then bytes changed at random.
TEST(ParseHostile, RandomTextsAreSound) {
  constexpr std::uint32_t kSeed = 20'260'101;
  constexpr std::string_view kPieces[] = {
      "X:1\n",  "X:2\n",     "T:T\n", "K:C\n", "K:",      "M:6/8\n", "L:1/8\n",   "Q:1/4=120\n", "V:1\n",   "[V:2]",
      "[K:Em]", "w:la la\n", "\n",    "\n\n",  "|",       "|:",      ":|",        "::",          "[1",      "|2",
      "A",      "b'2",       "^c/",   "_D,,",  "=e3/2",   "z4",      "Z2",        "[CEG]",       "[",       "]",
      "{ga}",   "{",         "}",     "(3",    "(",       ")",       ">",         "<<",          "-",       "!f!",
      "!",      "\"Am\"",    "\"",    "&",     "%%x y\n", "% c\n",   "\\\n",      "y",           "~",       ".",
      "é",      "\xff",      "9",     "/",     ":",       "P:A\n",   "U:T=!x!\n", "I:a b\n",     "m:a=b\n", "\r"};
  std::mt19937 random(kSeed);
  for (int round = 0; round < 3'000; ++round) {
    std::string text = round % 2 == 0 ? "X:1\nT:T\nK:C\n" : "";
    for (auto pieces = random() % 60; pieces > 0; --pieces) text += kPieces[random() % std::size(kPieces)];
    for (auto changes = random() % 4; changes > 0 && !text.empty(); --changes) {
      text[random() % text.size()] = static_cast<char>(random() % 256);
    }
    SCOPED_TRACE("seed " + std::to_string(kSeed) + " round " + std::to_string(round));
    expect_sound(text);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace yard::abc
