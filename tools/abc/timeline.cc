#include "tools/abc/timeline.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "tools/abc/pitches.h"
#include "tools/abc/repeats.h"

namespace yard::abc {
namespace {

// What a reader of the score knows at an element, whatever was played before it.
struct Context {
  const Key* key = nullptr;
  const Meter* meter = nullptr;
  const Tempo* tempo = nullptr;
  std::size_t first_pitch = 0;  // of its notes, in Score::pitches
};

struct Score {
  std::vector<Context> contexts;  // parallel to the body
  std::vector<int> pitches;       // of all notes, in source order
};

int sounding_shift(const Voice& voice) { return 12 * voice.octave + voice.transpose; }

// Reads the whole body once, in source order.
Score read_score(const Tune& tune, AccidentalScope scope) {
  struct VoiceState {
    Context context;
    Accidentals accidentals;
  };
  Score score;
  const Context start{.key = &tune.key.key, .meter = &tune.meter, .tempo = tune.tempo ? &*tune.tempo : nullptr};
  std::vector<VoiceState> voices(tune.voices.size(),
                                 {.context = start, .accidentals = Accidentals(signature_of(tune.key.key), scope)});
  for (const Element& element : tune.body) {
    VoiceState& state = voices[element.voice];
    state.context.first_pitch = score.pitches.size();
    const int shift = sounding_shift(tune.voices[element.voice]);
    const auto hear = [&](const Note& note) {
      score.pitches.push_back(midi_pitch(note.letter, note.octave, state.accidentals.hear(note)) + shift);
    };
    if (const auto* note = std::get_if<Note>(&element.value)) {
      hear(*note);
      state.accidentals.end_element();
    } else if (const auto* chord = std::get_if<Chord>(&element.value)) {
      for (const Note& inner : chord->notes) hear(inner);
      state.accidentals.end_element();
    } else if (const auto* grace = std::get_if<GraceGroup>(&element.value)) {
      for (const Note& inner : grace->notes) hear(inner);
    } else if (std::holds_alternative<Rest>(element.value)) {
      state.accidentals.end_element();
    } else if (std::holds_alternative<Bar>(element.value) || std::holds_alternative<Overlay>(element.value)) {
      state.accidentals.begin_bar();
    } else if (const auto* key = std::get_if<KeyChange>(&element.value); key != nullptr && key->has_key) {
      state.accidentals.change_key(signature_of(key->key));
      state.context.key = &key->key;
    } else if (const auto* meter = std::get_if<Meter>(&element.value)) {
      state.context.meter = meter;
    } else if (const auto* tempo = std::get_if<Tempo>(&element.value); tempo != nullptr && tempo->per_minute > 0) {
      state.context.tempo = tempo;
    }
    score.contexts.push_back(state.context);
  }
  return score;
}

// Parts are at most 2^31: the product fits.
std::int64_t units_of(const Fraction& fraction) {
  static_assert(kUnitsPerWhole < (std::int64_t{1} << 31));
  return fraction.numerator * kUnitsPerWhole / fraction.denominator;
}

std::optional<std::int8_t> loudness_of(std::string_view decoration) {
  constexpr std::array<std::pair<std::string_view, std::int8_t>, 11> kMarks = {{{"pppp", -5},
                                                                                {"ppp", -4},
                                                                                {"pp", -3},
                                                                                {"p", -2},
                                                                                {"mp", -1},
                                                                                {"mf", 0},
                                                                                {"f", 1},
                                                                                {"ff", 2},
                                                                                {"fff", 3},
                                                                                {"ffff", 4},
                                                                                {"sfz", 2}}};
  for (const auto& [name, loudness] : kMarks) {
    if (name == decoration) return loudness;
  }
  return std::nullopt;
}

class Player {
 public:
  Player(const Tune& tune, const Score& score, Timeline& timeline) : tune_(tune), score_(score), timeline_(timeline) {}

  Status play(std::uint16_t voice, const std::vector<std::uint32_t>& order) {
    voice_ = voice;
    tempo_ = tune_.tempo ? &*tune_.tempo : nullptr;
    key_ = &tune_.key.key;
    meter_ = &tune_.meter;
    for (const std::uint32_t index : order) {
      step(tune_.body[index], score_.contexts[index]);
      if (time_ > kTimelineUnitsMax || furthest_ > kTimelineUnitsMax) {
        return fail(ErrorCode::kTooLarge, "the tune lasts longer than a MIDI file can");
      }
      if (events() > kMidiNotesMax) {
        return fail(ErrorCode::kTooLarge,
                    "the tune has more than " + std::to_string(kMidiNotesMax) + " events after its repeats");
      }
    }
    timeline_.end = std::max(timeline_.end, furthest_);
    return {};
  }

 private:
  // A note that waits for the one it is tied to.
  struct Tie {
    std::size_t note;
    std::int64_t ready;  // when that one begins
  };

  [[nodiscard]] std::size_t events() const {
    return timeline_.notes.size() + timeline_.tempos.size() + timeline_.keys.size() + timeline_.meters.size() +
           timeline_.programs.size();
  }

  void step(const Element& element, const Context& context) {
    if (const auto* note = std::get_if<Note>(&element.value)) {
      play_notes({note, 1}, note->duration, context);
    } else if (const auto* chord = std::get_if<Chord>(&element.value)) {
      play_notes(chord->notes, chord->duration, context);
    } else if (const auto* rest = std::get_if<Rest>(&element.value)) {
      note_context(context);
      static_cast<void>(steal_for_grace(units_of(rest->duration)));
      time_ += units_of(rest->duration);
    } else if (const auto* grace = std::get_if<GraceGroup>(&element.value)) {
      grace_ = grace;
      grace_pitch_ = context.first_pitch;
    } else if (std::holds_alternative<Bar>(element.value)) {
      time_ = std::max(time_, bar_reach_);
      bar_begin_ = time_;
    } else if (std::holds_alternative<Overlay>(element.value)) {
      bar_reach_ = std::max(bar_reach_, time_);
      time_ = bar_begin_;
    } else if (const auto* decoration = std::get_if<Decoration>(&element.value)) {
      loudness_ = loudness_of(decoration->name).value_or(loudness_);
    } else if (const auto* directive = std::get_if<Directive>(&element.value)) {
      if (const auto program = midi_program(*directive)) {
        timeline_.programs.push_back({.begin = time_, .voice = voice_, .program = *program});
      }
    }
  }

  // Keys, meters and tempos come with the notes they hold for: going back in a repeat brings the old ones back.
  void note_context(const Context& context) {
    if (context.tempo != tempo_) timeline_.tempos.push_back({.begin = time_, .tempo = context.tempo});
    tempo_ = context.tempo;
    if (voice_ != 0) return;
    if (context.key != key_) timeline_.keys.push_back({.begin = time_, .key = context.key});
    if (context.meter != meter_) timeline_.meters.push_back({.begin = time_, .meter = context.meter});
    key_ = context.key;
    meter_ = context.meter;
  }

  // Plays the grace notes that wait, out of the time of what follows them; returns what they took.
  std::int64_t steal_for_grace(std::int64_t duration) {
    if (grace_ == nullptr) return 0;
    std::int64_t wanted = 0;
    for (const Note& note : grace_->notes) {
      if (!note.with_previous) wanted += std::min(units_of(note.duration), kUnitsPerWhole) / 4;
    }
    const std::int64_t taken = std::min(wanted, duration / 2);
    std::int64_t begin = time_;
    std::int64_t written = 0;
    for (std::size_t i = 0; wanted > 0 && i < grace_->notes.size(); ++i) {
      const std::int64_t length = std::min(units_of(grace_->notes[i].duration), kUnitsPerWhole) / 4;
      if (i == 0 || !grace_->notes[i].with_previous) {
        begin = time_ + scaled(written, taken, wanted);
        written += length;
      }
      add(score_.pitches[grace_pitch_ + i], begin, time_ + scaled(written, taken, wanted), true);
    }
    grace_ = nullptr;
    return taken;
  }

  // value * part / whole, for part <= whole.
  static std::int64_t scaled(std::int64_t value, std::int64_t part, std::int64_t whole) {
    if (part == whole) return value;
    return static_cast<std::int64_t>(static_cast<double>(value) *
                                     (static_cast<double>(part) / static_cast<double>(whole)));
  }

  void play_notes(std::span<const Note> notes, const Fraction& duration, const Context& context) {
    note_context(context);
    const std::int64_t start = time_;
    const std::int64_t next = start + units_of(duration);
    const std::int64_t taken = steal_for_grace(units_of(duration));
    std::erase_if(ties_, [&](const Tie& tie) { return tie.ready < start; });
    std::vector<Tie> new_ties;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      const int pitch = score_.pitches[context.first_pitch + i];
      const std::int64_t end = start + units_of(notes[i].duration);
      const auto tie = std::ranges::find_if(ties_, [&](const Tie& waiting) {
        return waiting.ready == start && timeline_.notes[waiting.note].pitch == pitch;
      });
      std::size_t place = timeline_.notes.size();
      if (tie != ties_.end()) {
        place = tie->note;
        timeline_.notes[place].end = std::max(timeline_.notes[place].end, end);
        furthest_ = std::max(furthest_, end);
        ties_.erase(tie);
      } else {
        add(pitch, std::min(start + taken, end), end, false);
      }
      if (notes[i].tied) new_ties.push_back({.note = place, .ready = next});
    }
    std::erase_if(ties_, [&](const Tie& tie) { return tie.ready == start; });
    ties_.insert(ties_.end(), new_ties.begin(), new_ties.end());
    time_ = next;
  }

  void add(int pitch, std::int64_t begin, std::int64_t end, bool grace) {
    timeline_.notes.push_back(
        {.begin = begin, .end = end, .pitch = pitch, .voice = voice_, .loudness = loudness_, .grace = grace});
    furthest_ = std::max(furthest_, end);
  }

  const Tune& tune_;
  const Score& score_;
  Timeline& timeline_;
  std::uint16_t voice_ = 0;
  const Key* key_ = nullptr;
  const Meter* meter_ = nullptr;
  const Tempo* tempo_ = nullptr;
  std::int64_t time_ = 0;
  std::int64_t bar_begin_ = 0;
  std::int64_t bar_reach_ = 0;
  std::int64_t furthest_ = 0;
  std::int8_t loudness_ = 0;
  const GraceGroup* grace_ = nullptr;
  std::size_t grace_pitch_ = 0;
  std::vector<Tie> ties_;
};

// Numbers after `word` at the start of `text`, separated by spaces.
std::vector<int> numbers_after(std::string_view text, std::string_view word) {
  std::vector<int> numbers;
  if (!text.starts_with(word)) return numbers;
  text.remove_prefix(word.size());
  while (numbers.size() < 4) {
    text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{}) break;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    numbers.push_back(number);
  }
  return numbers;
}

}  // namespace

std::optional<std::uint8_t> midi_program(const Directive& directive) {
  if (directive.name != "MIDI") return std::nullopt;
  const std::vector<int> numbers = numbers_after(directive.value, "program ");
  if (numbers.empty() || numbers.size() > 2 || numbers.back() < 0 || numbers.back() > 127) return std::nullopt;
  return static_cast<std::uint8_t>(numbers.back());
}

Result<Timeline> flatten(const Tune& tune, AccidentalScope scope) {
  Timeline timeline;
  const Score score = read_score(tune, scope_of(tune, scope));
  if (tune.tempo && tune.tempo->per_minute > 0) timeline.tempos.push_back({.begin = 0, .tempo = &*tune.tempo});
  timeline.keys.push_back({.begin = 0, .key = &tune.key.key});
  timeline.meters.push_back({.begin = 0, .meter = &tune.meter});
  std::size_t steps_left = kPlayStepsMax;
  for (std::size_t voice = 0; voice < tune.voices.size(); ++voice) {
    const auto number = static_cast<std::uint16_t>(voice);
    YARD_TRY(const std::vector<std::uint32_t> order, playing_order(tune, number, steps_left));
    YARD_TRY_STATUS(Player(tune, score, timeline).play(number, order));
  }
  std::ranges::stable_sort(timeline.tempos, {}, &TimedTempo::begin);
  return timeline;
}

}  // namespace yard::abc
