#include "tools/abc/midi.h"

#include <algorithm>
#include <bit>
#include <string>

#include "tools/abc/abc.h"
#include "tools/abc/play.h"
#include "tools/abc/smf.h"

namespace yard::abc {
namespace {

constexpr std::uint8_t kMetaName = 0x03;
constexpr std::uint8_t kMetaTempo = 0x51;
constexpr std::uint8_t kMetaMeter = 0x58;
constexpr std::uint8_t kMetaKey = 0x59;
constexpr std::size_t kNameBytesMax = 200;
constexpr std::int64_t kTimePerTick = kTimePerWhole / (4 * kTicksPerQuarter);

char byte(unsigned value) { return static_cast<char>(static_cast<unsigned char>(value & 0xffU)); }

std::uint32_t tick_of(std::int64_t time) {
  return static_cast<std::uint32_t>((time + kTimePerTick / 2) / kTimePerTick);
}

void write_name(SmfTrack& track, std::string_view name) {
  if (!name.empty()) track.meta(0, kMetaName, name.substr(0, kNameBytesMax));
}

// Tempo, key and meter: what all voices share.
void write_conductor(SmfTrack& track, const PlayedTune& played) {
  for (const PlayedTempo& tempo : played.tempos) {
    const std::uint32_t micros = tempo.micros_per_quarter;
    track.meta(tick_of(tempo.time), kMetaTempo, Bytes{byte(micros >> 16U), byte(micros >> 8U), byte(micros)});
  }
  for (const PlayedKey& key : played.keys) {
    track.meta(tick_of(key.time), kMetaKey, Bytes{static_cast<char>(key.fifths), byte(key.minor ? 1 : 0)});
  }
  for (const PlayedMeter& at : played.meters) {
    const Meter& meter = at.meter;
    const bool compound = meter.denominator >= 8 && meter.numerator % 3 == 0;
    const unsigned click = std::clamp(96U / meter.denominator * (compound ? 3U : 1U), 1U, 255U);  // MIDI clocks
    const auto power = static_cast<unsigned>(std::countr_zero(meter.denominator));
    track.meta(tick_of(at.time), kMetaMeter, Bytes{byte(meter.numerator), byte(power), byte(click), byte(8)});
  }
}

void write_voice(SmfTrack& track, const PlayedVoice& voice) {
  for (const PlayedProgram& change : voice.programs) track.program(tick_of(change.time), voice.channel, change.program);
  for (const PlayedNote& note : voice.notes) {
    const std::uint32_t begin = tick_of(note.begin);
    const std::uint32_t end = std::max(tick_of(note.end), begin + 1);
    track.note(begin, end, voice.channel, note.pitch, note.velocity);
  }
}

Status check_options(const MidiOptions& options) {
  if (options.tempo_override && (*options.tempo_override < 1 || *options.tempo_override > 1'000)) {
    return fail(ErrorCode::kInvalidArguments, "tempo_override: 1 to 1000 beats a minute", "/tempo_override");
  }
  if (options.transpose < -60 || options.transpose > 60) {
    return fail(ErrorCode::kInvalidArguments, "transpose: -60 to 60 semitones", "/transpose");
  }
  if (options.velocity < 1 || options.velocity > 127) {
    return fail(ErrorCode::kInvalidArguments, "velocity: 1 to 127", "/velocity");
  }
  if (options.channel > 15) return fail(ErrorCode::kInvalidArguments, "channel: 0 to 15", "/channel");
  return {};
}

// A tune that is only half understood would play something else than what was meant. Faults of a book's other tunes
// don't matter.
Status check_tune(const Parsed& parsed, const Tune& tune) {
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    const bool inside = diagnostic.span.offset >= tune.span.offset && diagnostic.span.offset <= tune.span.end();
    if (diagnostic.severity != Severity::kError || !inside) continue;
    const ErrorCode code = diagnostic.code == "too_large" ? ErrorCode::kTooLarge : ErrorCode::kInvalidArguments;
    return fail(code,
                "abc: line " + std::to_string(diagnostic.span.line) + ", column " +
                    std::to_string(diagnostic.span.column) + ": " + diagnostic.message,
                "/abc");
  }
  return {};
}

}  // namespace

Result<MidiFile> to_midi(const Tune& tune, const MidiOptions& options) {
  YARD_TRY_STATUS(check_options(options));
  YARD_TRY(const PlayedTune played, play(tune, options));
  MidiFile file;
  std::int64_t end = 0;
  for (const PlayedVoice& voice : played.voices) {
    file.notes += static_cast<std::uint32_t>(voice.notes.size());
    for (const PlayedNote& note : voice.notes) end = std::max(end, note.end);
  }
  file.duration_seconds = seconds_at(played, end);

  SmfTrack track;
  write_name(track, tune.title);
  write_conductor(track, played);
  if (played.voices.size() == 1) {
    write_voice(track, played.voices.front());
    file.bytes = smf_header(0, 1, kTicksPerQuarter) + track.take_chunk();
    return file;
  }
  file.bytes = smf_header(1, static_cast<std::uint16_t>(played.voices.size() + 1), kTicksPerQuarter);
  file.bytes += track.take_chunk();
  for (const PlayedVoice& voice : played.voices) {
    write_name(track, voice.name);
    write_voice(track, voice);
    file.bytes += track.take_chunk();
  }
  return file;
}

Result<MidiFile> to_midi(std::string_view abc_text, const MidiOptions& options) {
  const Parsed parsed = parse(abc_text);
  YARD_TRY(const Tune* const tune, require_tune(parsed, options.tune));
  YARD_TRY_STATUS(check_tune(parsed, *tune));
  return to_midi(*tune, options);
}

}  // namespace yard::abc
