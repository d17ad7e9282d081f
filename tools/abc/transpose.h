// Moving a tune to another key, in its own text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "tools/abc/abc.h"

namespace yard::abc {

inline constexpr int kTransposeMax = 60;  // semitones, either way: five octaves

struct TransposeOptions {
  std::optional<int> semitones = {};
  // A tonic ("D", "Bb"), perhaps with the tune's own mode ("Dm"). Alone: the nearest shift, a tritone goes up. With
  // `semitones`: how to spell the result, for example Db instead of C#.
  std::optional<std::string_view> target_key = {};
  std::optional<std::uint32_t> tune = {};  // X: of the one tune to move; none: every tune of the book
};

struct TransposedTune {
  std::uint32_t number = 0;
  std::string original_key;
  std::string new_key;
  int semitones = 0;
};

struct Transposed {
  std::string abc;
  std::vector<TransposedTune> tunes;  // those that were moved; at least one
};

// Rewrites notes, K: fields and chord symbols; every other byte stays. Notes are spelled by moving them along the line
// of fifths together with their key, so that accidentals stay the accidentals they were. By 0 semitones the text is
// the same. Voices with clef=perc stay.
//
// Errors: kInvalidArguments (neither option, a shift out of range, a target that is no tonic, has another mode or
//         contradicts `semitones`, no tune), kTooLarge.
// Threads: any.
[[nodiscard]] Result<Transposed> transpose(std::string_view abc_text, const TransposeOptions& options);

// A chord symbol ("F#m7/C#") moved by an interval along the line of fifths. Nothing where the text is no chord.
[[nodiscard]] std::optional<std::string> transpose_chord(std::string_view symbol, int fifths);

}  // namespace yard::abc
