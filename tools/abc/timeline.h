// A tune as it is played: notes on a time axis.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "tools/abc/midi.h"
#include "tools/abc/tune.h"

namespace yard::abc {

// Times count these parts of a whole note: every length down to 1/1024, within tuplets of 3 (three deep), 5, 7, 11 and
// 13, is a whole number of them. Anything else is rounded, by less than a nanosecond at any tempo in use.
inline constexpr std::int64_t kUnitsPerWhole = std::int64_t{1024} * 27 * 5 * 7 * 11 * 13;
inline constexpr std::int64_t kUnitsPerTick = kUnitsPerWhole / (4 * kTicksPerQuarter);
static_assert(kUnitsPerTick * 4 * kTicksPerQuarter == kUnitsPerWhole);

// A tune that lasts longer is refused: MIDI's times have 28 bits.
inline constexpr std::int64_t kTimelineUnitsMax = ((std::int64_t{1} << 28) - 2) * kUnitsPerTick;

struct TimedNote {
  std::int64_t begin = 0;  // in units
  std::int64_t end = 0;    // tied notes are one
  int pitch = 60;          // MIDI's number, with the voice's octave and transposition; may be outside of 0..127
  std::uint16_t voice = 0;
  std::int8_t loudness = 0;  // steps from !mf!: !p! is -2, !ff! is 2
  bool grace = false;

  bool operator==(const TimedNote&) const = default;
};

struct TimedTempo {
  std::int64_t begin = 0;
  const Tempo* tempo = nullptr;
};

struct TimedKey {
  std::int64_t begin = 0;
  const Key* key = nullptr;
};

struct TimedMeter {
  std::int64_t begin = 0;
  const Meter* meter = nullptr;
};

// %%MIDI program
struct TimedProgram {
  std::int64_t begin = 0;
  std::uint16_t voice = 0;
  std::uint8_t program = 0;
};

struct Timeline {
  std::vector<TimedNote> notes;    // voice after voice, each in playing order
  std::vector<TimedTempo> tempos;  // of all voices, by time; the header's is the first, if it has one
  std::vector<TimedKey> keys;      // of the first voice, where it changes; the header's is the first
  std::vector<TimedMeter> meters;  // the same
  std::vector<TimedProgram> programs;
  std::int64_t end = 0;  // of the last note
};

// Plays `tune`: repeats, endings, parts, ties, chords, grace notes (a quarter of their written length, taken from the
// next note and at most half of it), overlays, all voices at once.
//
// Errors:   kTooLarge above kMidiNotesMax events, kPlayStepsMax steps or kTimelineUnitsMax.
// Lifetime: borrows the tune's keys, meters and tempos.
[[nodiscard]] Result<Timeline> flatten(const Tune& tune, AccidentalScope scope = AccidentalScope::kPitch);

// The program of "%%MIDI program 40" or, with a channel, "%%MIDI program 1 40": the channel is the voice's anyway.
[[nodiscard]] std::optional<std::uint8_t> midi_program(const Directive& directive);

}  // namespace yard::abc
