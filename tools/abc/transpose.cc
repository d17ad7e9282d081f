#include "tools/abc/transpose.h"

#include <algorithm>
#include <array>

#include "tools/abc/pitches.h"

namespace yard::abc {
namespace {

constexpr int kFifthsMax = 7;  // sharps or flats of a signature people read

struct Edit {
  Span span;
  std::string text;
};

// How far one tune moves: up so many semitones, and along the line of fifths under its first key.
struct Shift {
  int semitones = 0;
  int fifths = 0;
};

std::string written_accidental(int accidental) {
  constexpr std::array<std::string_view, 5> kMarks = {"__", "_", "=", "^", "^^"};
  return std::string(kMarks[static_cast<std::size_t>(accidental + 2)]);
}

char lower(char letter) { return static_cast<char>(letter - 'A' + 'a'); }

std::string written_pitch(std::optional<int> accidental, char letter, int octave) {
  std::string text = accidental ? written_accidental(*accidental) : "";
  text += octave >= 5 ? lower(letter) : letter;
  text.append(static_cast<std::size_t>(std::max(octave - 5, 0)), '\'');
  text.append(static_cast<std::size_t>(std::max(4 - octave, 0)), ',');
  return text;
}

// The name at `fifths`, respelled where it would take more than two accidentals.
PitchName readable_name(int fifths) {
  while (name_at_fifths(fifths).accidental > 2) fifths -= 12;
  while (name_at_fifths(fifths).accidental < -2) fifths += 12;
  return name_at_fifths(fifths);
}

// A later key moves by the same interval, unless its signature would be unreadable.
int fifths_for(const Key& key, const Shift& shift) {
  int fifths = shift.fifths;
  if (fifths == 0 || key.kind == KeyKind::kNone) return fifths;
  while (fifths_of(key) + fifths > kFifthsMax) fifths -= 12;
  while (fifths_of(key) + fifths < -kFifthsMax) fifths += 12;
  return fifths;
}

Key moved_key(Key key, int fifths) {
  if (fifths == 0) return key;
  if (key.kind == KeyKind::kPipes || key.kind == KeyKind::kPipesMarked) {
    // The pipes' scale is A mixolydian; elsewhere it is no longer the pipes'.
    key.kind = KeyKind::kTonic;
    key.mode = Mode::kMixolydian;
    key.tonic = {.letter = 'A'};
  }
  if (key.kind == KeyKind::kTonic) key.tonic = name_at_fifths(fifths_of(key.tonic) + fifths);
  for (KeyAccidental& accidental : key.accidentals) {
    const PitchName name =
        readable_name(fifths_of({.letter = accidental.letter, .accidental = accidental.accidental}) + fifths);
    accidental.letter = name.letter;
    accidental.accidental = name.accidental;
  }
  return key;
}

// One voice, while its text is rewritten: what accidentals are in effect before and after.
struct VoiceMove {
  struct Tied {
    char letter;
    std::int8_t octave;
    int accidental;
    PitchName moved;  // what was written instead
    int moved_octave;
  };
  AccidentalState source;
  AccidentalState target;
  int fifths = 0;
  std::vector<Tied> tied;
};

class TuneMover {
 public:
  TuneMover(std::string_view text, const Tune& tune, const Shift& shift, std::vector<Edit>& edits)
      : text_(text), tune_(tune), shift_(shift), edits_(edits), voices_(tune.voices.size()) {}

  void run() {
    AccidentalScope scope = AccidentalScope::kPitch;
    for (const Directive& directive : tune_.directives) scope = scope_of(directive).value_or(scope);
    for (VoiceMove& voice : voices_) {
      voice.source.set_scope(scope);
      voice.target.set_scope(scope);
      enter_key(voice, tune_.key.key, shift_.fifths);
    }
    if (tune_.has_key) edit_key(tune_.key, shift_.fifths);
    for (const Element& element : tune_.body) move(element);
  }

 private:
  static void enter_key(VoiceMove& voice, const Key& key, int fifths) {
    voice.fifths = fifths;
    voice.source.set_signature(signature_of(key));
    voice.target.set_signature(signature_of(moved_key(key, fifths)));
  }

  void move(const Element& element) {
    VoiceMove& voice = voices_[element.voice];
    if (const auto* change = std::get_if<KeyChange>(&element.value); change != nullptr && change->has_key) {
      const int fifths = fifths_for(change->key, shift_);
      enter_key(voice, change->key, fifths);
      edit_key(*change, fifths);
    }
    if (tune_.voices[element.voice].percussion) return;
    if (const auto* note = std::get_if<Note>(&element.value)) {
      move_timed(voice, {note, 1});
    } else if (const auto* chord = std::get_if<Chord>(&element.value)) {
      move_timed(voice, chord->notes);
    } else if (const auto* grace = std::get_if<GraceGroup>(&element.value)) {
      for (const Note& inner : grace->notes) move_note(voice, inner, nullptr);
    } else if (std::holds_alternative<Rest>(element.value)) {
      voice.tied.clear();
    } else if (std::holds_alternative<Bar>(element.value) || std::holds_alternative<Overlay>(element.value)) {
      voice.source.new_bar();
      voice.target.new_bar();
    } else if (const auto* symbol = std::get_if<ChordSymbol>(&element.value)) {
      move_chord_symbol(element.span, *symbol, voice.fifths);
    } else if (const auto* directive = std::get_if<Directive>(&element.value)) {
      if (const auto scope = scope_of(*directive)) {
        voice.source.set_scope(*scope);
        voice.target.set_scope(*scope);
      }
    }
  }

  void move_timed(VoiceMove& voice, std::span<const Note> notes) {
    std::vector<VoiceMove::Tied> next;
    for (const Note& note : notes) {
      const auto tied = std::ranges::find_if(
          voice.tied, [&](const VoiceMove::Tied& t) { return t.letter == note.letter && t.octave == note.octave; });
      const VoiceMove::Tied moved = move_note(voice, note, tied == voice.tied.end() ? nullptr : &*tied);
      if (note.tied) next.push_back(moved);
    }
    voice.tied = std::move(next);
  }

  // Returns what a note tied to it goes by.
  VoiceMove::Tied move_note(VoiceMove& voice, const Note& note, const VoiceMove::Tied* tied) {
    const bool by_tie = tied != nullptr && !note.accidental;
    int accidental = by_tie ? tied->accidental : voice.source.in_effect(note.letter, note.octave);
    if (note.accidental) {
      accidental = *note.accidental;
      voice.source.write(note.letter, note.octave, accidental);
    }
    const PitchName name = readable_name(fifths_of({.letter = note.letter, .accidental = accidental}) + voice.fifths);
    const int number = midi_number(note.letter, note.octave, accidental) + shift_.semitones;
    const int natural = number - name.accidental - letter_semitones(name.letter);
    const int octave = natural / 12 - 1 - (natural % 12 < 0 ? 1 : 0);
    // A key change within the tie may respell it: then the accidental doesn't come with the tie.
    const bool carried = by_tie && tied->moved == name && tied->moved_octave == octave;
    std::optional<int> written;
    if (note.accidental || (!carried && voice.target.in_effect(name.letter, octave) != name.accidental)) {
      written = name.accidental;
      voice.target.write(name.letter, octave, name.accidental);
    }
    const bool same = name.letter == note.letter && octave == note.octave &&
                      written == (note.accidental ? std::optional<int>(*note.accidental) : std::nullopt);
    if (!same) edits_.push_back({.span = note.pitch_span, .text = written_pitch(written, name.letter, octave)});
    return {
        .letter = note.letter, .octave = note.octave, .accidental = accidental, .moved = name, .moved_octave = octave};
  }

  void move_chord_symbol(const Span& span, const ChordSymbol& symbol, int fifths) {
    if (fifths == 0) return;
    if (const auto moved = transpose_chord(symbol.text, fifths)) {
      edits_.push_back({.span = span, .text = '"' + *moved + '"'});
    }
  }

  void edit_key(const KeyChange& change, int fifths) {
    if (fifths == 0) return;
    const Key key = moved_key(change.key, fifths);
    const auto edit = [&](std::uint32_t offset, std::uint32_t length, std::string text) {
      const Span span{.offset = change.value_offset + offset, .length = length};
      if (text_of(text_, span) != text) edits_.push_back({.span = span, .text = std::move(text)});
    };
    if (change.key.kind == KeyKind::kTonic) {
      edit(change.key.name_offset, change.key.name_length, to_string(key.tonic));
    } else if (change.key.kind != KeyKind::kNone) {
      edit(change.key.name_offset, change.key.name_length, to_string(key.tonic) + "mix");
    }
    for (std::size_t i = 0; i < key.accidentals.size(); ++i) {
      const KeyAccidental& old = change.key.accidentals[i];
      const char old_letter = text_[change.value_offset + old.offset + old.length - 1];
      const char letter = old_letter >= 'a' ? lower(key.accidentals[i].letter) : key.accidentals[i].letter;
      edit(old.offset, old.length, written_accidental(key.accidentals[i].accidental) + letter);
    }
  }

  std::string_view text_;
  const Tune& tune_;
  Shift shift_;
  std::vector<Edit>& edits_;
  std::vector<VoiceMove> voices_;
};

std::string applied(std::string_view text, std::vector<Edit>& edits) {
  // Chord symbols within brackets are put before their chord, so edits are only nearly in order.
  std::ranges::sort(edits, {}, [](const Edit& edit) { return edit.span.offset; });
  std::string out;
  out.reserve(text.size() + edits.size());
  std::size_t at = 0;
  for (const Edit& edit : edits) {
    out += text.substr(at, edit.span.offset - at);
    out += edit.text;
    at = edit.span.end();
  }
  out += text.substr(at);
  return out;
}

// The tonic that shifts are counted from: C where there is none.
PitchName tonic_of(const Key& key) {
  switch (key.kind) {
    case KeyKind::kTonic: return key.tonic;
    case KeyKind::kNone: return {.letter = 'C'};
    case KeyKind::kPipes:
    case KeyKind::kPipesMarked: break;
  }
  return {.letter = 'A'};
}

int pitch_class(PitchName name) { return ((letter_semitones(name.letter) + name.accidental) % 12 + 12) % 12; }

// The interval with the fewest sharps or flats at its end; six of either as the old key leans.
Shift shift_by(const Key& key, int semitones) {
  if (semitones % 12 == 0) return {.semitones = semitones, .fifths = 0};
  const int from = fifths_of(key);
  int to = from + fifths_of_semitones(semitones);
  while (to > 6) to -= 12;
  while (to < -6) to += 12;
  if (to == 6 && from <= 0) to = -6;
  if (to == -6 && from > 0) to = 6;
  return {.semitones = semitones, .fifths = to - from};
}

Result<Shift> shift_to(const Key& key, const TransposeOptions& options) {
  const std::string_view target_text = *options.target_key;
  const auto target = parse_key(target_text);
  if (!target || target->key.kind != KeyKind::kTonic || target->rest != target_text.size() ||
      !target->key.accidentals.empty() || target->key.explicit_only) {
    return fail(ErrorCode::kInvalidArguments, "target_key: not a key such as D, Bb or F#m", "/target_key");
  }
  const bool names_mode = target->key.name_offset + target->key.name_length != target_text.size();
  const Mode mode = key.kind == KeyKind::kTonic ? key.mode : target->key.mode;
  if (names_mode && target->key.mode != mode) {
    return fail(ErrorCode::kInvalidArguments,
                "target_key: transposing keeps the mode, and the tune is in " + to_string(key), "/target_key");
  }
  const PitchName from = tonic_of(key);
  const PitchName to = target->key.tonic;
  int nearest = ((pitch_class(to) - pitch_class(from)) % 12 + 12) % 12;
  if (nearest > 6) nearest -= 12;
  const int semitones = options.semitones.value_or(nearest);
  if ((semitones - nearest) % 12 != 0) {
    return fail(ErrorCode::kInvalidArguments,
                "target_key: " + std::to_string(semitones) + " semitones don't lead from " + to_string(key) + " there",
                "/target_key");
  }
  return Shift{.semitones = semitones, .fifths = fifths_of(to) - fifths_of(from)};
}

}  // namespace

Result<Transposed> transpose(std::string_view abc_text, const TransposeOptions& options) {
  if (!options.semitones && !options.target_key) {
    return fail(ErrorCode::kInvalidArguments, "give semitones or target_key");
  }
  if (options.semitones && (*options.semitones < -kTransposeMax || *options.semitones > kTransposeMax)) {
    return fail(ErrorCode::kInvalidArguments, "semitones: -60 to 60", "/semitones");
  }
  const Parsed parsed = parse(abc_text);
  YARD_TRY(const Tune* const first, require_tune(parsed, options.tune));
  Transposed result;
  std::vector<Edit> edits;
  for (const Tune& tune : parsed.book.tunes) {
    if (options.tune && &tune != first) continue;
    const Key& key = tune.key.key;
    Shift shift;
    if (options.target_key) {
      YARD_TRY(shift, shift_to(key, options));
    } else {
      shift = shift_by(key, *options.semitones);
    }
    TuneMover(abc_text, tune, shift, edits).run();
    result.tunes.push_back({.number = tune.number,
                            .original_key = to_string(key),
                            .new_key = to_string(moved_key(key, shift.fifths)),
                            .semitones = shift.semitones});
  }
  result.abc = applied(abc_text, edits);
  return result;
}

}  // namespace yard::abc
