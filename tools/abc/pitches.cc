#include "tools/abc/pitches.h"

#include <algorithm>

namespace yard::abc {
namespace {

// One voice while its notes are read.
class VoicePitches {
 public:
  VoicePitches(AccidentalScope scope, const Signature& signature) : state_(scope) { state_.set_signature(signature); }

  void read(const Element& element, std::vector<std::int16_t>& out) {
    if (const auto* note = std::get_if<Note>(&element.value)) return read_timed({note, 1}, out);
    if (const auto* chord = std::get_if<Chord>(&element.value)) return read_timed(chord->notes, out);
    if (const auto* grace = std::get_if<GraceGroup>(&element.value)) {
      for (const Note& note : grace->notes) out.push_back(number_of(note, false));
      return;
    }
    if (std::holds_alternative<Rest>(element.value)) tied_.clear();
    if (std::holds_alternative<Bar>(element.value) || std::holds_alternative<Overlay>(element.value)) state_.new_bar();
    if (const auto* change = std::get_if<KeyChange>(&element.value); change != nullptr && change->has_key) {
      state_.set_signature(signature_of(change->key));
    }
    if (const auto* directive = std::get_if<Directive>(&element.value)) {
      if (const auto scope = scope_of(*directive)) state_.set_scope(*scope);
    }
  }

 private:
  struct Tied {
    char letter;
    std::int8_t octave;
    int accidental;
  };

  void read_timed(std::span<const Note> notes, std::vector<std::int16_t>& out) {
    std::vector<Tied> next;
    for (const Note& note : notes) {
      out.push_back(number_of(note, true));
      if (note.tied) next.push_back({.letter = note.letter, .octave = note.octave, .accidental = accidental_});
    }
    tied_ = std::move(next);
  }

  // A tied note keeps its accidental across the bar line; the notes after it do not.
  std::int16_t number_of(const Note& note, bool follows_tie) {
    const auto tied = std::ranges::find_if(
        tied_, [&](const Tied& t) { return follows_tie && t.letter == note.letter && t.octave == note.octave; });
    if (note.accidental) {
      accidental_ = *note.accidental;
      state_.write(note.letter, note.octave, accidental_);
    } else if (tied != tied_.end()) {
      accidental_ = tied->accidental;
    } else {
      accidental_ = state_.in_effect(note.letter, note.octave);
    }
    return static_cast<std::int16_t>(midi_number(note.letter, note.octave, accidental_));
  }

  AccidentalState state_;
  std::vector<Tied> tied_;
  int accidental_ = 0;  // of the last note read
};

}  // namespace

std::array<std::int8_t, 7 * AccidentalState::kOctaves> AccidentalState::unwritten() {
  std::array<std::int8_t, 7 * kOctaves> slots{};
  slots.fill(kUnwritten);
  return slots;
}

std::size_t AccidentalState::slot(char letter, int octave) {
  const int row = std::clamp(octave + 2, 0, kOctaves - 1);
  return static_cast<std::size_t>(row * 7 + letter_index(letter));
}

void AccidentalState::set_signature(const Signature& signature) {
  signature_ = signature;
  new_bar();
}

void AccidentalState::new_bar() { written_ = unwritten(); }

int AccidentalState::in_effect(char letter, int octave) const {
  const std::int8_t written = written_[slot(letter, octave)];
  return written != kUnwritten ? written : signature_[static_cast<std::size_t>(letter_index(letter))];
}

void AccidentalState::write(char letter, int octave, int accidental) {
  const auto value = static_cast<std::int8_t>(accidental);
  if (scope_ == AccidentalScope::kNot) return;
  if (scope_ == AccidentalScope::kOctave) {
    written_[slot(letter, octave)] = value;
    return;
  }
  for (int row = 0; row < kOctaves; ++row) written_[slot(letter, row - 2)] = value;
}

std::optional<AccidentalScope> scope_of(const Directive& directive) {
  if (directive.name != "propagate-accidentals") return std::nullopt;
  if (directive.value == "octave") return AccidentalScope::kOctave;
  if (directive.value == "not") return AccidentalScope::kNot;
  return AccidentalScope::kPitch;
}

int midi_number(char letter, int octave, int accidental) {
  return 12 * (octave + 1) + letter_semitones(letter) + accidental;
}

Pitches::Pitches(const Tune& tune, AccidentalScope scope) {
  for (const Directive& directive : tune.directives) scope = scope_of(directive).value_or(scope);
  std::vector<VoicePitches> voices(tune.voices.size(), VoicePitches(scope, signature_of(tune.key.key)));
  first_.reserve(tune.body.size() + 1);
  numbers_.reserve(tune.body.size());
  for (const Element& element : tune.body) {
    first_.push_back(static_cast<std::uint32_t>(numbers_.size()));
    voices[element.voice].read(element, numbers_);
  }
  first_.push_back(static_cast<std::uint32_t>(numbers_.size()));
}

std::span<const std::int16_t> Pitches::of(std::size_t element) const {
  return std::span(numbers_).subspan(first_[element], first_[element + 1] - first_[element]);
}

}  // namespace yard::abc
