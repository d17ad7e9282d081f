// Ties carry accidentals over bar lines, also where a new key respells what follows.
#include <gtest/gtest.h>

#include "tests/tools/abc/smf_reader.h"
#include "tools/abc/midi.h"
#include "tools/abc/transpose.h"

namespace yard::abc {
namespace {

std::string played(std::string_view tune, int transposed) {
  const auto midi = to_midi(tune, {.transpose = transposed});
  return midi ? testing::written(testing::read_smf(midi->bytes)) : to_string(midi.error());
}

TEST(TransposedTies, SoundAsTheOldOnesShifted) {
  for (const std::string_view music : {
           "^F4-|F2 F2|",                    // the tie's accidental ends with the tie
           "^F4-|F2-F2|F4|",                 // over two notes
           "[^F^A]4-|[FA]2 [FA]2|",          // in chords
           "^F4-|[K:Bb]F2 F2|",              // into another key
           "^F4-|[K:C#]F2 F2|[K:Cb]F4-|F4|"  // into keys that are respelled
       }) {
    for (const std::string_view key : {"C", "F#", "Db", "B", "Cb", "none"}) {
      const std::string tune = "X:1\nT:Test\nM:4/4\nL:1/4\nK:" + std::string(key) + "\n" + std::string(music) + "\n";
      for (int semitones = -12; semitones <= 12; ++semitones) {
        const auto moved = transpose(tune, {.semitones = semitones});
        ASSERT_TRUE(moved.has_value()) << to_string(moved.error());
        ASSERT_EQ(played(moved->abc, 0), played(tune, semitones)) << tune << "by " << semitones << "\n" << moved->abc;
      }
    }
  }
}

}  // namespace
}  // namespace yard::abc
