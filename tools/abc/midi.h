// ABC to a Standard MIDI File.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "tools/abc/tune.h"

namespace yard::abc {

inline constexpr std::uint32_t kTicksPerQuarter = 480;

// Sounding notes after repeats, grace notes included: more is kTooLarge. Ten times the longest real tune we know.
inline constexpr std::size_t kMidiNotesMax = 200'000;

// How far an accidental reaches within its bar. ABC 2.1's default is kPitch; `I:propagate-accidentals` overrides it.
enum class AccidentalScope : std::uint8_t {
  kPitch,   // the same letter in every octave
  kOctave,  // the same letter in the same octave
  kNot,     // the one note
};

struct MidiOptions {
  std::optional<std::uint16_t> tempo_override = {};  // beats a minute, 1 to 1000; the beat is that of the tune's Q:,
                                                     // a quarter where it has none. Replaces every Q: of the tune.
  int transpose = 0;                                 // semitones, -60 to 60; notes that leave 0..127 are dropped
  std::uint8_t velocity = 80;                        // 1 to 127; what !mf! and unmarked notes get
  std::uint8_t channel = 0;                          // 0 to 15: of the first voice; the next ones follow, skipping 9
  std::optional<std::uint32_t> tune = {};            // the X: number in a tunebook; none: the first tune
  AccidentalScope accidentals = AccidentalScope::kPitch;
};

struct MidiFile {
  Bytes bytes;                  // format 0 for one voice, 1 for several; kTicksPerQuarter
  double duration_seconds = 0;  // until the last note ends
  std::uint32_t notes = 0;      // note-on events
};

// Plays a tune of `abc_text`: repeats, endings, parts, ties, tuplets, grace notes, tempo changes, one channel a voice.
//
// Errors: kInvalidArguments (no tune, no such X:, a fault in the tune, with its line and column, an option out of
//         range), kTooLarge (text above kTextBytesMax, notes above kMidiNotesMax, longer than MIDI's 28-bit time).
// Threads: any.
[[nodiscard]] Result<MidiFile> to_midi(std::string_view abc_text, const MidiOptions& options = {});

// The same for a parsed tune; `options.tune` is not looked at.
[[nodiscard]] Result<MidiFile> to_midi(const Tune& tune, const MidiOptions& options = {});

}  // namespace yard::abc
