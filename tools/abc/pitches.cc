#include "tools/abc/pitches.h"

#include <algorithm>

namespace yard::abc {

void Accidentals::change_key(const Signature& signature) {
  signature_ = signature;
  bar_.clear();
}

void Accidentals::begin_bar() { bar_.clear(); }

int Accidentals::unwritten(const Note& note) const {
  const auto in_bar = std::ranges::find_if(bar_, [&](const Place& place) {
    return place.letter == note.letter && (scope_ == AccidentalScope::kPitch || place.octave == note.octave);
  });
  if (in_bar != bar_.end()) return in_bar->accidental;
  const auto tied = std::ranges::find_if(
      ties_, [&](const Place& place) { return place.letter == note.letter && place.octave == note.octave; });
  if (tied != ties_.end()) return tied->accidental;
  return signature_[static_cast<std::size_t>(letter_index(note.letter))];
}

int Accidentals::hear(const Note& note) {
  const int accidental = note.accidental ? *note.accidental : unwritten(note);
  const Place place{.letter = note.letter, .octave = note.octave, .accidental = static_cast<std::int8_t>(accidental)};
  if (note.accidental && scope_ != AccidentalScope::kNot) {
    const auto old = std::ranges::find_if(bar_, [&](const Place& other) {
      return other.letter == place.letter && (scope_ == AccidentalScope::kPitch || other.octave == place.octave);
    });
    if (old != bar_.end()) {
      *old = place;
    } else {
      bar_.push_back(place);
    }
  }
  if (note.tied && new_ties_.size() < 64) new_ties_.push_back(place);
  return accidental;
}

void Accidentals::end_element() {
  ties_.swap(new_ties_);
  new_ties_.clear();
}

AccidentalScope scope_of(const Tune& tune, AccidentalScope fallback) {
  for (const Directive& directive : tune.directives) {
    if (directive.name != "propagate-accidentals") continue;
    if (directive.value == "not") fallback = AccidentalScope::kNot;
    if (directive.value == "octave") fallback = AccidentalScope::kOctave;
    if (directive.value == "pitch") fallback = AccidentalScope::kPitch;
  }
  return fallback;
}

int midi_pitch(char letter, int octave, int accidental) {
  return 12 * (octave + 1) + letter_semitones(letter) + accidental;
}

}  // namespace yard::abc
