// A tune as timed events: what is left of ABC when it sounds.
#pragma once

#include <cstdint>
#include <vector>

#include "tools/abc/midi.h"
#include "tools/abc/tune.h"

namespace yard::abc {

// Time is counted in whole numbers, so that long tunes don't drift: 2^10 * 3^3 * 5^2 * 7^2 * 11 * 13 to a whole note
// make every usual tuplet exact. Other lengths are rounded, one by one.
inline constexpr std::int64_t kTimePerWhole = std::int64_t{1'024} * 27 * 25 * 49 * 143;
static_assert(kTimePerWhole % (4 * kTicksPerQuarter) == 0);

// One note or rest lasts at most this; a written length can reach it only by intent.
inline constexpr std::int64_t kNoteWholesMax = 1'024;

// A tune lasts at most this: its ticks fill the 28 bits of a MIDI delta time.
inline constexpr std::int64_t kTuneWholesMax = (std::int64_t{1} << 28) / (4 * kTicksPerQuarter) - 1;
static_assert((kTuneWholesMax + 2 * kNoteWholesMax) * kTimePerWhole > 0, "sums of times stay within 64 bits");

// Elements walked through, repeats included. With kMidiNotesMax, what bounds the cost of one call.
inline constexpr std::size_t kPlayStepsMax = 2'000'000;

struct PlayedNote {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::uint8_t pitch = 60;
  std::uint8_t velocity = 80;
};

struct PlayedProgram {
  std::int64_t time = 0;
  std::uint8_t program = 0;  // 0 to 127
};

struct PlayedVoice {
  std::string name;
  std::uint8_t channel = 0;
  std::vector<PlayedNote> notes = {};  // not sorted
  std::vector<PlayedProgram> programs = {};
};

struct PlayedTempo {
  std::int64_t time = 0;
  std::uint32_t micros_per_quarter = 500'000;
  std::uint32_t sequence = 0;  // of several at one time the last one counts
};

struct PlayedKey {
  std::int64_t time = 0;
  int fifths = 0;  // -7 to 7
  bool minor = false;
};

struct PlayedMeter {
  std::int64_t time = 0;
  Meter meter;
};

struct PlayedTune {
  std::vector<PlayedVoice> voices;  // those of the tune, in order
  std::vector<PlayedTempo> tempos;  // by time; the first at 0
  std::vector<PlayedKey> keys;      // by time
  std::vector<PlayedMeter> meters;  // by time
};

// Errors: kTooLarge (notes, steps or length beyond the limits above and kMidiNotesMax).
// `options` are in range.
[[nodiscard]] Result<PlayedTune> play(const Tune& tune, const MidiOptions& options);

// Seconds from the start to `time`.
[[nodiscard]] double seconds_at(const PlayedTune& tune, std::int64_t time);

}  // namespace yard::abc
