// MIDI to WAV.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stop_token>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard::tools {

inline constexpr int kSampleRateMin = 8'000;
inline constexpr int kSampleRateMax = 96'000;  // FluidSynth's own
inline constexpr int kSampleRateDefault = 44'100;

// Longer than any tune; a MIDI file of a few bytes can ask for days.
inline constexpr std::chrono::minutes kRenderMax{30};

// How long notes may ring after the last event.
inline constexpr std::chrono::seconds kTailMax{3};

struct RenderOptions {
  std::filesystem::path soundfont;
  int sample_rate = kSampleRateDefault;
};

struct RenderedAudio {
  std::uint64_t frames = 0;
  double duration_seconds = 0;
};

// Told after each block: seconds rendered so far, and the share of the piece that is done (0 to 1).
using RenderProgress = std::function<void(double seconds, double share)>;

// Plays `midi` into `file` (open for reading and writing, empty) as 16-bit stereo WAV, as fast as it goes.
// The same input gives the same bytes: one core, fixed reverb and chorus, no dither.
//
// Errors:  kInvalidArguments where the bytes are no MIDI or have nothing to play, kTooLarge beyond
//          kRenderMax, kCancelled (looked at every few milliseconds), kIo, kToolFailed where the
//          soundfont does not load.
// Threads: any number at once.
[[nodiscard]] Result<RenderedAudio> render_midi(BytesView midi, const RenderOptions& options, int file,
                                                const std::stop_token& stop, const RenderProgress& progress = {});

}  // namespace yard::tools
