#include "tools/abc/play.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "tools/abc/parser.h"
#include "tools/abc/pitches.h"
#include "tools/abc/sections.h"

namespace yard::abc {
namespace {

constexpr int kAccentVelocity = 16;
constexpr std::size_t kTiesMax = 256;  // open at once in a voice; four chords of the largest size

std::int64_t time_of(const Fraction& length) {
  if (length.numerator >= kNoteWholesMax * length.denominator) return kNoteWholesMax * kTimePerWhole;
  const std::int64_t wholes = length.numerator / length.denominator;
  const std::int64_t rest = length.numerator % length.denominator;  // below kFractionMax: the product fits
  return wholes * kTimePerWhole + rest * kTimePerWhole / length.denominator;
}
static_assert(kTimePerWhole < INT64_MAX / kFractionMax);

std::uint32_t micros_of(const Fraction& beat, std::uint32_t per_minute) {
  const double micros = 60e6 * static_cast<double>(beat.denominator) /
                        (static_cast<double>(per_minute) * static_cast<double>(beat.numerator) * 4.0);
  return static_cast<std::uint32_t>(std::clamp(micros, 1.0, 16'777'215.0));
}

struct Dynamic {
  std::string_view name;
  int change;
};
constexpr std::array<Dynamic, 10> kDynamics = {{{"pppp", -60},
                                                {"ppp", -48},
                                                {"pp", -36},
                                                {"p", -24},
                                                {"mp", -12},
                                                {"mf", 0},
                                                {"f", 12},
                                                {"ff", 24},
                                                {"fff", 36},
                                                {"ffff", 47}}};

// "MIDI program 40", "MIDI channel 2", …: the command and its last number.
struct MidiCommand {
  std::string_view name;
  std::optional<int> first;
  std::optional<int> second;
};

std::optional<MidiCommand> midi_command(const Directive& directive) {
  if (directive.name != "MIDI") return std::nullopt;
  std::string_view rest = trimmed(directive.value);
  if (rest.starts_with('=')) rest = trimmed(rest.substr(1));
  const auto word = [&rest] {
    const std::string_view taken = rest.substr(0, std::min(rest.find_first_of(" \t"), rest.size()));
    rest = trimmed(rest.substr(taken.size()));
    return taken;
  };
  MidiCommand command{.name = word(), .first = {}, .second = {}};
  command.first = signed_number(word());
  command.second = signed_number(word());
  return command;
}

// Walks one voice in the order of playing.
class VoicePlayer {
 public:
  VoicePlayer(const Tune& tune, const Pitches& pitches, const MidiOptions& options, std::uint16_t voice,
              std::size_t& steps, std::size_t& notes, PlayedTune& out)
      : tune_(tune),
        pitches_(pitches),
        options_(options),
        voice_(tune.voices[voice]),
        conducts_(voice == 0),
        steps_(steps),
        notes_(notes),
        out_(out),
        played_(out.voices[voice]),
        transpose_(12 * voice_.octave + voice_.transpose + options.transpose) {}

  void add_transpose(int semitones) { midi_transpose_ = semitones; }

  // `elements` are this voice's within one stretch of the body. False when a limit was met.
  [[nodiscard]] bool play_stretch(std::span<const std::uint32_t> elements) {
    for (const Section& section : sections_of(tune_, elements)) {
      for (std::uint32_t pass = 1; pass <= section.passes; ++pass) {
        if (!play_pass(elements, section, pass)) return false;
      }
    }
    return true;
  }

 private:
  struct Tie {
    std::uint8_t pitch;
    std::size_t note;  // index into played_.notes
  };

  bool play_pass(std::span<const std::uint32_t> elements, const Section& section, std::uint32_t pass) {
    bool active = true;  // not within another pass's ending
    bool ending_met = false;
    for (std::size_t i = section.begin; i < section.end; ++i) {
      if (++steps_ > kPlayStepsMax || now_ > kTuneWholesMax * kTimePerWhole || notes_ > kMidiNotesMax) return false;
      const std::size_t index = elements[i];
      const ElementValue& value = tune_.body[index].value;
      if (const auto* ending = std::get_if<Ending>(&value)) {
        const bool mine = std::ranges::find(ending->passes, pass) != ending->passes.end();
        // The next ending without an end of repeat before it: this pass is over all the same.
        if (ending_met && active && !mine && pass < section.passes) return true;
        active = mine;
        ending_met = true;
        continue;
      }
      if (!active) continue;
      play_element(index, value);
      const auto* bar = std::get_if<Bar>(&value);
      if (bar != nullptr && bar->repeat_ends > 0 && pass < section.passes) return true;
    }
    return true;
  }

  void play_element(std::size_t index, const ElementValue& value) {
    if (const auto* note = std::get_if<Note>(&value)) return play_notes(index, {note, 1}, note->duration);
    if (const auto* chord = std::get_if<Chord>(&value)) return play_notes(index, chord->notes, chord->duration);
    if (const auto* rest = std::get_if<Rest>(&value)) {
      now_ += time_of(rest->duration);
      ties_.clear();
    } else if (std::holds_alternative<GraceGroup>(value)) {
      grace_ = index;
    } else if (std::holds_alternative<Bar>(value)) {
      now_ = std::max(now_, bar_end_);
      bar_begin_ = now_;
      bar_end_ = now_;
    } else if (std::holds_alternative<Overlay>(value)) {
      bar_end_ = std::max(now_, bar_end_);
      now_ = bar_begin_;
      ties_.clear();
    } else if (const auto* decoration = std::get_if<Decoration>(&value)) {
      decorate(decoration->name);
    } else if (const auto* directive = std::get_if<Directive>(&value)) {
      obey(*directive);
    } else if (const auto* tempo = std::get_if<Tempo>(&value)) {
      if (tempo->per_minute > 0 && !options_.tempo_override) {
        out_.tempos.push_back({.time = now_, .micros_per_quarter = micros_of(tempo->beat, tempo->per_minute)});
      }
    } else if (const auto* key = std::get_if<KeyChange>(&value)) {
      if (conducts_ && key->has_key) out_.keys.push_back(played_key(now_, key->key));
    } else if (const auto* meter = std::get_if<Meter>(&value)) {
      if (conducts_ && !meter->free) out_.meters.push_back({.time = now_, .meter = *meter});
    }
  }

  void decorate(std::string_view name) {
    const auto dynamic = std::ranges::find(kDynamics, name, &Dynamic::name);
    if (dynamic != kDynamics.end()) dynamic_ = dynamic->change;
    staccato_ = staccato_ || name == "staccato";
    accent_ = accent_ || name == "accent" || name == ">" || name == "emphasis" || name == "marcato";
  }

  void obey(const Directive& directive) {
    const auto command = midi_command(directive);
    if (!command || !command->first) return;
    if (command->name == "transpose") midi_transpose_ = std::clamp(*command->first, -60, 60);
    if (command->name != "program") return;
    const int program = command->second.value_or(*command->first);
    if (program < 0 || program > 127) return;
    played_.programs.push_back({.time = now_, .program = static_cast<std::uint8_t>(program)});
  }

 public:
  static PlayedKey played_key(std::int64_t time, const Key& key) {
    int fifths = fifths_of(key);
    while (fifths > 7) fifths -= 12;
    while (fifths < -7) fifths += 12;
    return {.time = time, .fifths = fifths, .minor = key.kind == KeyKind::kTonic && key.mode == Mode::kMinor};
  }

 private:
  void play_notes(std::size_t index, std::span<const Note> notes, const Fraction& duration) {
    const std::int64_t length = time_of(duration);
    const std::int64_t begin = now_ + play_grace(length);
    const std::span<const std::int16_t> numbers = pitches_.of(index);
    const int accent = accent_ ? kAccentVelocity : 0;
    std::vector<Tie> next;
    for (const Tie& tie : ties_) {
      if (played_.notes[tie.note].end > now_) next.push_back(tie);  // a long note of a chord still sounds
    }
    for (std::size_t i = 0; i < notes.size(); ++i) {
      const auto pitch = sounding(numbers[i]);
      if (!pitch) continue;
      const std::int64_t written_end = now_ + time_of(notes[i].duration);
      const std::size_t note = tied_note(*pitch).value_or(played_.notes.size());
      if (note == played_.notes.size()) {
        put_note({.begin = begin, .end = written_end, .pitch = *pitch, .velocity = velocity(accent)});
      }
      std::int64_t& end = played_.notes[note].end;
      end = written_end;
      if (notes[i].tied && next.size() < kTiesMax) {
        next.push_back({.pitch = *pitch, .note = note});
      } else if (staccato_ && !notes[i].tied && note + 1 == played_.notes.size()) {
        end = std::max(begin + (end - begin) / 2, begin + 1);
      }
    }
    ties_ = std::move(next);
    now_ += length;
    staccato_ = false;
    accent_ = false;
  }

  // The note this pitch is tied to: it ends just now.
  std::optional<std::size_t> tied_note(std::uint8_t pitch) const {
    const auto tie = std::ranges::find_if(
        ties_, [&](const Tie& t) { return t.pitch == pitch && played_.notes[t.note].end == now_; });
    return tie == ties_.end() ? std::nullopt : std::optional(tie->note);
  }

  // Grace notes take their time from the note they precede: a quarter of what is written, at most half of that
  // note all together. Returns what they took.
  std::int64_t play_grace(std::int64_t note_length) {
    if (!grace_) return 0;
    const std::size_t index = *grace_;
    grace_.reset();
    const auto& grace = std::get<GraceGroup>(tune_.body[index].value);
    const std::span<const std::int16_t> numbers = pitches_.of(index);
    std::int64_t wanted = 0;
    for (const Note& note : grace.notes) wanted += note.with_previous ? 0 : time_of(note.duration) / 4;
    const std::int64_t taken = std::min(wanted, note_length / 2);
    if (wanted == 0) return 0;
    // In parts of the whole group, so that rounding doesn't add up.
    const double scale = static_cast<double>(taken) / static_cast<double>(wanted);
    std::int64_t offset = 0;
    std::int64_t begin = 0;
    for (std::size_t i = 0; i < grace.notes.size(); ++i) {
      if (!grace.notes[i].with_previous) {
        begin = offset;
        offset += time_of(grace.notes[i].duration) / 4;
      }
      const auto scaled = [&](std::int64_t time) {
        return now_ + static_cast<std::int64_t>(static_cast<double>(time) * scale);
      };
      const auto pitch = sounding(numbers[i]);
      if (!pitch) continue;
      put_note({.begin = scaled(begin), .end = scaled(offset), .pitch = *pitch, .velocity = velocity(0)});
    }
    return taken;
  }

  void put_note(const PlayedNote& note) {
    played_.notes.push_back(note);
    ++notes_;
  }

  std::optional<std::uint8_t> sounding(int number) const {
    const int pitch = number + (voice_.percussion ? 0 : transpose_ + midi_transpose_);
    if (pitch < 0 || pitch > 127) return std::nullopt;
    return static_cast<std::uint8_t>(pitch);
  }

  std::uint8_t velocity(int accent) const {
    return static_cast<std::uint8_t>(std::clamp(options_.velocity + dynamic_ + accent, 1, 127));
  }

  const Tune& tune_;
  const Pitches& pitches_;
  const MidiOptions& options_;
  const Voice& voice_;
  bool conducts_;  // its key and meter changes are the tune's
  std::size_t& steps_;
  std::size_t& notes_;
  PlayedTune& out_;
  PlayedVoice& played_;
  int transpose_;
  int midi_transpose_ = 0;

  std::int64_t now_ = 0;
  std::int64_t bar_begin_ = 0;
  std::int64_t bar_end_ = 0;  // of the longest overlay so far
  std::vector<Tie> ties_;
  std::optional<std::size_t> grace_;  // the group that waits for its note
  int dynamic_ = 0;
  bool staccato_ = false;
  bool accent_ = false;
};

// Channels in order from the options', skipping the drums' 9 (unless it was asked for); %%MIDI channel overrides.
void assign_channels(const Tune& tune, const MidiOptions& options, PlayedTune& out) {
  std::uint8_t channel = options.channel;
  for (const Voice& voice : tune.voices) {
    out.voices.push_back({.name = voice.name.empty() ? voice.id : voice.name, .channel = channel});
    channel = static_cast<std::uint8_t>((channel + 1) % 16);
    if (channel == 9) channel = 10;
  }
  const auto assign = [&](const Directive& directive, std::size_t voice) {
    const auto command = midi_command(directive);
    if (command && command->name == "channel" && command->first && *command->first >= 1 && *command->first <= 16) {
      out.voices[voice].channel = static_cast<std::uint8_t>(*command->first - 1);
    }
  };
  for (const Directive& directive : tune.directives) assign(directive, directive.voice.value_or(0));
  for (const Element& element : tune.body) {
    if (const auto* directive = std::get_if<Directive>(&element.value)) assign(*directive, element.voice);
  }
}

// The header's %%MIDI program: of one voice, of one channel ("program 2 40") or of all.
void assign_programs(const Tune& tune, PlayedTune& out) {
  for (const Directive& directive : tune.directives) {
    const auto command = midi_command(directive);
    if (!command || command->name != "program" || !command->first) continue;
    const int program = command->second.value_or(*command->first);
    if (program < 0 || program > 127) continue;
    for (std::size_t voice = 0; voice < out.voices.size(); ++voice) {
      if (command->second && out.voices[voice].channel + 1 != *command->first) continue;
      if (!command->second && directive.voice && *directive.voice != voice) continue;
      out.voices[voice].programs.push_back({.time = 0, .program = static_cast<std::uint8_t>(program)});
    }
  }
}

void set_first_tempo(const Tune& tune, const MidiOptions& options, PlayedTune& out) {
  PlayedTempo tempo;
  const Fraction beat = tune.tempo ? tune.tempo->beat : Fraction{.numerator = 1, .denominator = 4};
  if (options.tempo_override) {
    tempo.micros_per_quarter = micros_of(beat, *options.tempo_override);
  } else if (tune.tempo && tune.tempo->per_minute > 0) {
    tempo.micros_per_quarter = micros_of(beat, tune.tempo->per_minute);
  }
  out.tempos.push_back(tempo);
}

// By time, as they were met where that is equal. What several voices say in the same words stays once.
void sort_tempos(std::vector<PlayedTempo>& tempos) {
  for (std::size_t i = 0; i < tempos.size(); ++i) tempos[i].sequence = static_cast<std::uint32_t>(i);
  std::ranges::sort(tempos, [](const PlayedTempo& a, const PlayedTempo& b) {
    return a.time != b.time ? a.time < b.time : a.sequence < b.sequence;
  });
  const auto repeated = std::ranges::unique(tempos, [](const PlayedTempo& a, const PlayedTempo& b) {
    return a.time == b.time && a.micros_per_quarter == b.micros_per_quarter;
  });
  tempos.erase(repeated.begin(), repeated.end());
}

}  // namespace

Result<PlayedTune> play(const Tune& tune, const MidiOptions& options) {
  PlayedTune out;
  assign_channels(tune, options, out);
  assign_programs(tune, out);
  set_first_tempo(tune, options, out);
  out.keys.push_back(VoicePlayer::played_key(0, tune.key.key));
  if (!tune.meter.free) out.meters.push_back({.time = 0, .meter = tune.meter});

  std::vector<std::vector<std::uint32_t>> by_voice(tune.voices.size());
  for (std::size_t i = 0; i < tune.body.size(); ++i) {
    by_voice[tune.body[i].voice].push_back(static_cast<std::uint32_t>(i));
  }
  const Pitches pitches(tune, options.accidentals);
  const std::vector<BodyRange> ranges = played_ranges(tune);
  std::size_t steps = 0;
  std::size_t notes = 0;
  for (std::size_t voice = 0; voice < tune.voices.size(); ++voice) {
    VoicePlayer player(tune, pitches, options, static_cast<std::uint16_t>(voice), steps, notes, out);
    for (const Directive& directive : tune.directives) {
      const auto command = midi_command(directive);
      const bool mine = !directive.voice || *directive.voice == voice;
      if (mine && command && command->name == "transpose") {
        player.add_transpose(std::clamp(command->first.value_or(0), -60, 60));
      }
    }
    const std::span<const std::uint32_t> elements(by_voice[voice]);
    for (const BodyRange& range : ranges) {
      const auto begin = std::ranges::lower_bound(elements, range.begin);
      const auto end = std::ranges::lower_bound(elements, range.end);
      if (!player.play_stretch({begin, end})) {
        return fail(ErrorCode::kTooLarge, "abc: the tune is too long to play; it has too many notes or repeats",
                    "/abc");
      }
    }
  }
  sort_tempos(out.tempos);
  return out;
}

double seconds_at(const PlayedTune& tune, std::int64_t time) {
  double seconds = 0;
  for (std::size_t i = 0; i < tune.tempos.size(); ++i) {
    const std::int64_t begin = tune.tempos[i].time;
    const std::int64_t end = i + 1 < tune.tempos.size() ? std::min(tune.tempos[i + 1].time, time) : time;
    if (end <= begin) continue;
    const double quarters = static_cast<double>(end - begin) / (static_cast<double>(kTimePerWhole) / 4);
    seconds += quarters * tune.tempos[i].micros_per_quarter * 1e-6;
  }
  return seconds;
}

}  // namespace yard::abc
