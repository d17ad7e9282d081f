// Which accidental a note sounds with: its own, its bar's, its tie's or its key's.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/abc/key.h"
#include "tools/abc/midi.h"
#include "tools/abc/tune.h"

namespace yard::abc {

// The accidentals of one voice as its notes go by, in source order.
class Accidentals {
 public:
  Accidentals(const Signature& signature, AccidentalScope scope) : signature_(signature), scope_(scope) {}

  // A new key: the bar's accidentals are forgotten too.
  void change_key(const Signature& signature);
  void begin_bar();

  // What the note would sound with if it were written without an accidental.
  [[nodiscard]] int unwritten(const Note& note) const;

  // The note is written: the accidental it sounds with. Grace notes count.
  int hear(const Note& note);

  // The notes of one element (all of a chord's) are heard: their ties reach the next element, also over a bar line.
  // Grace groups leave this out.
  void end_element();

 private:
  struct Place {
    char letter;
    std::int8_t octave;
    std::int8_t accidental;
  };

  Signature signature_;
  AccidentalScope scope_;
  std::vector<Place> bar_;       // at most 7, or 7 in each octave
  std::vector<Place> ties_;      // from the element before
  std::vector<Place> new_ties_;  // of this element
};

// `I:propagate-accidentals` of the tune, otherwise `fallback`.
[[nodiscard]] AccidentalScope scope_of(const Tune& tune, AccidentalScope fallback);

// MIDI's number; C of octave 4 is 60.
[[nodiscard]] int midi_pitch(char letter, int octave, int accidental);

}  // namespace yard::abc
