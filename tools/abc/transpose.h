// Transposing ABC in its own text: only pitches, keys and chord symbols change.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace yard::abc {

// How far a tune can be moved at once, in semitones.
inline constexpr int kTransposeMax = 60;

// Exactly one of them.
struct TransposeOptions {
  std::optional<int> semitones = {};           // -kTransposeMax to kTransposeMax
  std::optional<std::string> target_key = {};  // a tonic as K: has it, "Eb" or "F#m": the nearest shift from the first
                                               // tune's key, at most a tritone; a mode must be the tune's own
};

struct Transposed {
  std::string abc;
  std::string original_key;  // of the first tune
  std::string new_key;
  int semitones = 0;
};

// Moves every tune of `abc` by the same interval. Notes are spelled by their new key; what is no pitch stays byte for
// byte, and a shift of 0 gives the same text.
//
// Errors: kInvalidArguments for a text with errors (with line and column), without a tune, in pipes' keys (K:HP: their
//         scale is fixed), for options out of range, and for a note that would leave what ABC can write; kTooLarge.
// Threads: any.
[[nodiscard]] Result<Transposed> transpose(std::string_view abc, const TransposeOptions& options);

}  // namespace yard::abc
