// What the written notes sound: signatures, accidentals with their reach, ties.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "tools/abc/midi.h"
#include "tools/abc/tune.h"

namespace yard::abc {

// The accidentals in effect in one voice. A new bar or key forgets those of the bar.
class AccidentalState {
 public:
  explicit AccidentalState(AccidentalScope scope = AccidentalScope::kPitch) : scope_(scope) {}

  void set_scope(AccidentalScope scope) { scope_ = scope; }
  void set_signature(const Signature& signature);
  void new_bar();

  // What a note without an accidental of its own gets. octave: as Note::octave.
  [[nodiscard]] int in_effect(char letter, int octave) const;

  // A written accidental, good until the bar ends.
  void write(char letter, int octave, int accidental);

 private:
  static constexpr int kOctaves = 16;
  static constexpr std::int8_t kUnwritten = 127;
  [[nodiscard]] static std::size_t slot(char letter, int octave);

  AccidentalScope scope_;
  Signature signature_{};
  std::array<std::int8_t, 7 * kOctaves> written_ = unwritten();
  [[nodiscard]] static std::array<std::int8_t, 7 * kOctaves> unwritten();
};

// The scope a directive sets, if it is one that does ("propagate-accidentals").
[[nodiscard]] std::optional<AccidentalScope> scope_of(const Directive& directive);

// MIDI number of a spelled note; C4 is 60. May leave 0..127.
[[nodiscard]] int midi_number(char letter, int octave, int accidental);

// The MIDI numbers of every note of a body, in the order of the text (which repeats do not change). Octave and
// transposition of voices are not applied.
class Pitches {
 public:
  Pitches(const Tune& tune, AccidentalScope scope);

  // Of the note, the chord's notes or the grace notes that body[element] is; empty for anything else.
  [[nodiscard]] std::span<const std::int16_t> of(std::size_t element) const;

 private:
  std::vector<std::int16_t> numbers_;
  std::vector<std::uint32_t> first_;  // by element, and one more
};

}  // namespace yard::abc
