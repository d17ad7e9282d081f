#include "tools/audio/midi_render.h"

#include <fluidsynth.h>
#include <sndfile.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <memory>
#include <mutex>
#include <vector>

#include "tools/cas/fd.h"

namespace yard::tools {
namespace {

constexpr std::size_t kBlockFrames = 4'096;
constexpr float kSilence = 1.0F / 32768.0F;  // below the last bit of a sample
constexpr double kGain = 0.5;                // room for a dozen loud voices before samples clip

struct DeleteSettings {
  void operator()(fluid_settings_t* settings) const { delete_fluid_settings(settings); }
};
struct DeleteSynth {
  void operator()(fluid_synth_t* synth) const { delete_fluid_synth(synth); }
};
struct DeletePlayer {
  void operator()(fluid_player_t* player) const { delete_fluid_player(player); }
};
struct CloseSound {
  void operator()(SNDFILE* sound) const { sf_close(sound); }
};
using Settings = std::unique_ptr<fluid_settings_t, DeleteSettings>;
using Synth = std::unique_ptr<fluid_synth_t, DeleteSynth>;
using Player = std::unique_ptr<fluid_player_t, DeletePlayer>;
using Sound = std::unique_ptr<SNDFILE, CloseSound>;

// Everything that shapes the sound, stated: a newer FluidSynth's defaults must not change the bytes.
Settings make_settings(int sample_rate) {
  Settings settings(new_fluid_settings());
  if (settings == nullptr) return nullptr;
  const auto number = [&](const char* name, double value) { fluid_settings_setnum(settings.get(), name, value); };
  const auto integer = [&](const char* name, int value) { fluid_settings_setint(settings.get(), name, value); };
  fluid_settings_setstr(settings.get(), "player.timing-source", "sample");
  integer("player.reset-synth", 1);
  integer("synth.cpu-cores", 1);
  integer("synth.lock-memory", 0);
  integer("synth.polyphony", 256);
  number("synth.sample-rate", sample_rate);
  number("synth.gain", kGain);
  integer("synth.reverb.active", 1);
  number("synth.reverb.room-size", 0.2);
  number("synth.reverb.damp", 0.0);
  number("synth.reverb.width", 0.5);
  number("synth.reverb.level", 0.9);
  integer("synth.chorus.active", 1);
  integer("synth.chorus.nr", 3);
  number("synth.chorus.level", 2.0);
  number("synth.chorus.speed", 0.3);
  number("synth.chorus.depth", 8.0);
  return settings;
}

// FluidSynth fills global tables when the first synthesizer is made, and would print to stderr.
void prepare_library() {
  static std::once_flag once;
  std::call_once(once, [] {
    for (const int level : {FLUID_PANIC, FLUID_ERR, FLUID_WARN, FLUID_INFO, FLUID_DBG}) {
      fluid_set_log_function(level, nullptr, nullptr);
    }
    const Settings settings = make_settings(kSampleRateDefault);
    const Synth synth(settings == nullptr ? nullptr : new_fluid_synth(settings.get()));
  });
}

std::int16_t to_sample(float value) {
  return static_cast<std::int16_t>(std::lrint(std::clamp(value * 32767.0F, -32768.0F, 32767.0F)));
}

class Renderer {
 public:
  Renderer(BytesView midi, const RenderOptions& options) : midi_(midi), options_(options) {}

  Status open(int file) {
    if (!midi_.starts_with("MThd")) return fail(ErrorCode::kInvalidArguments, "the input is no MIDI file");
    settings_ = make_settings(options_.sample_rate);
    if (settings_ != nullptr) synth_.reset(new_fluid_synth(settings_.get()));
    if (synth_ == nullptr) return fail(ErrorCode::kToolFailed, "FluidSynth does not start");
    if (fluid_synth_sfload(synth_.get(), options_.soundfont.c_str(), 1) == FLUID_FAILED) {
      return fail(ErrorCode::kToolFailed, "FluidSynth does not load the soundfont");
    }
    player_.reset(new_fluid_player(synth_.get()));
    if (player_ == nullptr || fluid_player_add_mem(player_.get(), midi_.data(), midi_.size()) != FLUID_OK ||
        fluid_player_play(player_.get()) != FLUID_OK) {
      return fail(ErrorCode::kToolFailed, "FluidSynth does not take the MIDI file");
    }
    SF_INFO format = {};
    format.samplerate = options_.sample_rate;
    format.channels = 2;
    format.format = SF_FORMAT_WAV | SF_FORMAT_PCM_16;
    sound_.reset(sf_open_fd(file, SFM_WRITE, &format, SF_FALSE));
    if (sound_ == nullptr) return fail(ErrorCode::kIo, std::string("open the WAV file: ") + sf_strerror(nullptr));
    return {};
  }

  Result<RenderedAudio> run(const std::stop_token& stop, const RenderProgress& progress) {
    const auto frames_max = seconds_to_frames(kRenderMax);
    std::uint64_t tail_end = 0;  // 0: the piece still plays
    for (;;) {
      if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped");
      if (frames_ > frames_max) return fail(ErrorCode::kTooLarge, "the piece is longer than 30 minutes");
      YARD_TRY_STATUS(render_block());
      if (progress) progress(seconds(), share());
      if (fluid_player_get_status(player_.get()) == FLUID_PLAYER_PLAYING) continue;
      if (fluid_player_get_total_ticks(player_.get()) <= 0) {
        return fail(ErrorCode::kInvalidArguments, "the input is no MIDI file, or has nothing to play");
      }
      if (tail_end == 0) tail_end = frames_ + seconds_to_frames(kTailMax);
      if (is_silent() || frames_ >= tail_end) break;
    }
    // Closing writes the header's sizes.
    if (sf_close(sound_.release()) != 0) return io_error("write the WAV file", errno == 0 ? EIO : errno);
    return RenderedAudio{.frames = frames_, .duration_seconds = seconds()};
  }

 private:
  Status render_block() {
    const int frames = static_cast<int>(kBlockFrames);
    if (fluid_synth_write_float(synth_.get(), frames, block_.data(), 0, 2, block_.data(), 1, 2) != FLUID_OK) {
      return fail(ErrorCode::kToolFailed, "FluidSynth stopped");
    }
    std::ranges::transform(block_, samples_.begin(), to_sample);
    errno = 0;
    if (sf_writef_short(sound_.get(), samples_.data(), frames) != frames) {
      return io_error("write the WAV file", errno == 0 ? EIO : errno);
    }
    frames_ += kBlockFrames;
    return {};
  }

  [[nodiscard]] bool is_silent() const {
    return fluid_synth_get_active_voice_count(synth_.get()) == 0 &&
           std::ranges::all_of(block_, [](float sample) { return std::abs(sample) < kSilence; });
  }

  [[nodiscard]] double share() const {
    const int total = fluid_player_get_total_ticks(player_.get());
    if (total <= 0) return 0;
    return std::min(1.0, static_cast<double>(fluid_player_get_current_tick(player_.get())) / total);
  }

  [[nodiscard]] double seconds() const { return static_cast<double>(frames_) / options_.sample_rate; }

  [[nodiscard]] std::uint64_t seconds_to_frames(std::chrono::seconds duration) const {
    return static_cast<std::uint64_t>(duration.count()) * static_cast<std::uint64_t>(options_.sample_rate);
  }

  const BytesView midi_;  // the caller's, for the length of render_midi
  const RenderOptions& options_;
  // Deleted in reverse: the player before its synthesizer, that before its settings.
  Settings settings_;
  Synth synth_;
  Player player_;
  Sound sound_;
  std::uint64_t frames_ = 0;
  std::array<float, 2 * kBlockFrames> block_ = {};
  std::array<std::int16_t, 2 * kBlockFrames> samples_ = {};
};

}  // namespace

Result<RenderedAudio> render_midi(BytesView midi, const RenderOptions& options, int file, const std::stop_token& stop,
                                  const RenderProgress& progress) {
  prepare_library();
  const auto renderer = std::make_unique<Renderer>(midi, options);
  YARD_TRY_STATUS(renderer->open(file));
  return renderer->run(stop, progress);
}

}  // namespace yard::tools
