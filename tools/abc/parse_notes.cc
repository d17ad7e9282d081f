// The parser: notes, chords, grace notes, rests and their lengths.
#include <algorithm>

#include "tools/abc/parser.h"

namespace yard::abc {
namespace {

constexpr int kOctaveMin = -1;
constexpr int kOctaveMax = 10;

void scale(ElementValue& value, const Fraction& factor) {
  if (auto* note = std::get_if<Note>(&value)) note->duration = note->duration * factor;
  if (auto* rest = std::get_if<Rest>(&value)) rest->duration = rest->duration * factor;
  if (auto* chord = std::get_if<Chord>(&value)) {
    chord->duration = chord->duration * factor;
    for (Note& note : chord->notes) note.duration = note.duration * factor;
  }
}

Fraction duration_of(const ElementValue& value) {
  if (const auto* note = std::get_if<Note>(&value)) return note->duration;
  if (const auto* rest = std::get_if<Rest>(&value)) return rest->duration;
  if (const auto* chord = std::get_if<Chord>(&value)) return chord->duration;
  return {};
}

}  // namespace

// Digits at the cursor; 0 where there are none.
std::uint32_t Parser::read_natural() {
  std::string_view rest = text_.substr(at_, end_ - at_);
  const std::size_t size = rest.size();
  const auto value = take_number(rest);
  at_ += size - rest.size();
  return value.value_or(0);
}

// "3/2", "2", "/", "//", "/4" or nothing, as a multiple of the unit length.
Fraction Parser::read_length() {
  const std::size_t begin = at_;
  std::uint32_t numerator = is_digit(peek()) ? read_natural() : 1;
  std::uint32_t denominator = 1;
  while (peek() == '/') {
    ++at_;
    const std::uint32_t divisor = is_digit(peek()) ? read_natural() : 2;
    const std::uint64_t product = std::uint64_t{denominator} * divisor;
    denominator = static_cast<std::uint32_t>(std::min<std::uint64_t>(product, kNumberMax));
  }
  if (numerator == 0 || denominator == 0 || numerator > kLengthPartMax || denominator > kLengthPartMax) {
    error(here(begin), "bad_length", "a length's parts go from 1 to " + std::to_string(kLengthPartMax));
    numerator = 1;
    denominator = 1;
  }
  return make_fraction(numerator, denominator);
}

// "-", or ".-" for a dotted one.
bool Parser::take_tie() {
  const std::size_t dot = peek() == '.' ? 1 : 0;
  if (peek(dot) != '-') return false;
  at_ += dot + 1;
  return true;
}

// The cursor is at an accidental or a letter. False, with a diagnostic, where an accidental has no note.
bool Parser::read_note(Note& note, bool in_grace) {
  const std::size_t begin = at_;
  if (peek() == '^' || peek() == '_' || peek() == '=') {
    const char mark = peek();
    ++at_;
    const bool twice = mark != '=' && peek() == mark;
    if (twice) ++at_;
    const int sign = mark == '^' ? 1 : (mark == '_' ? -1 : 0);
    note.accidental = static_cast<std::int8_t>(sign * (twice ? 2 : 1));
    if (peek() == '/' || is_digit(peek())) {
      const std::size_t fraction = at_;
      static_cast<void>(read_length());
      warn(here(fraction), "microtone", "microtones are played as the plain accidental");
    }
    if (!is_note_letter(peek())) {
      error(here(begin), "stray_accidental", "an accidental without a note");
      return false;
    }
  }
  const char letter = peek();
  ++at_;
  int octave = letter >= 'a' ? 5 : 4;
  note.letter = letter >= 'a' ? static_cast<char>(letter - 'a' + 'A') : letter;
  for (; peek() == '\'' || peek() == ','; ++at_) octave = std::clamp(octave + (peek() == ',' ? -1 : 1), -99, 99);
  note.pitch_span = here(begin);
  if (octave < kOctaveMin || octave > kOctaveMax) {
    error(note.pitch_span, "octave_out_of_range", "no instrument goes there");
    octave = std::clamp(octave, kOctaveMin, kOctaveMax);
  }
  note.octave = static_cast<std::int8_t>(octave);
  note.duration = read_length() * voice_state().unit;
  note.tied = !in_grace && take_tie();
  note.span = here(begin);
  return true;
}

void Parser::read_single_note() {
  const std::size_t begin = at_;
  Note note;
  if (read_note(note, false)) put_timed(begin, note);
}

void Parser::read_chord() {
  const std::size_t begin = at_;
  ++at_;
  Chord chord;
  std::optional<std::size_t> too_many;
  while (at_ < end_ && peek() != ']') {
    const char c = peek();
    if (is_note_letter(c) || c == '^' || c == '_' || c == '=') {
      Note note;
      const std::size_t place = at_;
      if (!read_note(note, false)) continue;
      if (chord.notes.size() < kChordNotesMax)
        chord.notes.push_back(note);
      else if (!too_many)
        too_many = place;
    } else if (c == '"') {
      read_quoted();
    } else if (c == '!' || c == '+') {
      read_decoration(c);
    } else if (c == '|') {
      break;
    } else {
      // Slurs, fingerings by letter and spaces within a chord don't change what sounds.
      const std::size_t place = at_;
      ++at_;
      if (std::string_view(" \t()-.~uvTHLMPSO").find(c) == std::string_view::npos) {
        error(here(place), "unexpected_character", "not a note of a chord");
      }
    }
  }
  if (peek() != ']') {
    error(here(begin), "unclosed_chord", "the chord has no ]");
  } else {
    ++at_;
  }
  const Fraction length = read_length();
  const bool tied = take_tie();
  if (too_many) {
    error(here(*too_many), "chord_too_large", "more than " + std::to_string(kChordNotesMax) + " notes in a chord");
  }
  if (chord.notes.empty()) {
    error(here(begin), "empty_chord", "a chord without notes");
    return;
  }
  for (Note& note : chord.notes) {
    note.duration = note.duration * length;
    note.tied = note.tied || tied;
  }
  chord.duration = chord.notes.front().duration;
  put_timed(begin, std::move(chord));
}

void Parser::read_grace() {
  const std::size_t begin = at_;
  ++at_;
  GraceGroup grace;
  if (peek() == '/') {
    ++at_;
    grace.acciaccatura = true;
  }
  bool in_chord = false;
  bool first_of_chord = true;
  while (at_ < end_ && peek() != '}') {
    const char c = peek();
    if (is_note_letter(c) || c == '^' || c == '_' || c == '=') {
      Note note;
      if (!read_note(note, true)) continue;
      note.with_previous = in_chord && !first_of_chord;
      first_of_chord = false;
      grace.notes.push_back(note);
      continue;
    }
    if (c == '|') break;
    if (c == '[' || c == ']') {
      in_chord = c == '[';
      first_of_chord = true;
    }
    const std::size_t place = at_;
    ++at_;
    if (std::string_view(" \t()-.~[]<>uvTHLMPSO").find(c) == std::string_view::npos) {
      error(here(place), "unexpected_character", "not a grace note");
    }
  }
  if (peek() != '}') {
    error(here(begin), "unclosed_grace", "the grace notes have no }");
  } else {
    ++at_;
  }
  if (!grace.notes.empty()) put(here(begin), std::move(grace));
}

void Parser::read_rest() {
  const std::size_t begin = at_;
  Rest rest{.symbol = peek(), .bars = 0, .duration = {}};
  ++at_;
  if (rest.symbol == 'z' || rest.symbol == 'x') {
    rest.duration = read_length() * voice_state().unit;
    return put_timed(begin, rest);
  }
  rest.bars = is_digit(peek()) ? read_natural() : 1;
  if (rest.bars == 0 || rest.bars > kRestBarsMax) {
    error(here(begin), "bad_length", "a rest lasts 1 to " + std::to_string(kRestBarsMax) + " bars");
    rest.bars = 1;
  }
  const Meter& meter = voice_state().meter;
  if (meter.free) warn(here(begin), "bars_without_meter", "a bar's length is not known without M:; taken as 4/4");
  rest.duration = make_fraction(meter.numerator, meter.denominator) * make_fraction(rest.bars, 1);
  put_timed(begin, rest);
}

// Puts what takes time: applies the tuplet and the broken rhythm that wait for it.
void Parser::put_timed(std::size_t begin, ElementValue value) {
  VoiceState& state = voice_state();
  if (state.tuplet_left > 0) {
    scale(value, state.tuplet);
    --state.tuplet_left;
  }
  if (state.broken_pending) {
    // The note before was scaled when the mark was read; the bar's time moves from one to the other.
    scale(value, state.broken);
    state.broken_pending = false;
  }
  // Rests of several bars are several full bars.
  const auto* rest = std::get_if<Rest>(&value);
  if (rest == nullptr || rest->bars <= 1) state.bar_time = state.bar_time + duration_of(value);
  put(here(begin), std::move(value));
  if (!full_) state.last_timed = tune_.body.size() - 1;
}

void Parser::read_broken_rhythm() {
  const std::size_t begin = at_;
  const char direction = peek();
  std::uint8_t count = 0;
  for (; peek() == direction && count < 3; ++at_) ++count;
  VoiceState& state = voice_state();
  if (!state.last_timed || state.broken_pending) {
    error(here(begin), "broken_rhythm", "no note before to make shorter or longer");
    return;
  }
  const std::int64_t parts = std::int64_t{1} << count;
  const Fraction longer = make_fraction(2 * parts - 1, parts);
  const Fraction shorter = make_fraction(1, parts);
  ElementValue& before = tune_.body[*state.last_timed].value;
  const Fraction old_duration = duration_of(before);
  scale(before, direction == '>' ? longer : shorter);
  const Fraction removed = make_fraction(-old_duration.numerator, old_duration.denominator);
  state.bar_time = state.bar_time + removed + duration_of(before);
  state.broken = direction == '>' ? shorter : longer;
  state.broken_pending = true;
  state.broken_span = here(begin);
  put(state.broken_span, BrokenRhythm{.direction = direction, .count = count});
}

}  // namespace yard::abc
