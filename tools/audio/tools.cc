#include "tools/audio/tools.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "tools/abc/midi.h"
#include "tools/artifacts/tools.h"
#include "tools/audio/render_book.h"
#include "tools/cas/arguments.h"

namespace yard::tools {
namespace {

constexpr Millis kRenderWait{60'000};      // how long a caller is held for a render
constexpr Millis kRenderTimeout{900'000};  // of one render: half an hour of music on a busy machine

constexpr std::string_view kConvertProperties = R"json(
    "input_hash": {"type": "string", "maxLength": 128, "description": "The MIDI file: its content hash, or the id of an artifact"},
    "soundfont_hash": {"type": "string", "maxLength": 128, "default": "default",
                       "description": "The soundfont's content hash, or default for the broker's own"},
    "sample_rate": {"type": "integer", "minimum": 8000, "maximum": 96000, "default": 44100, "description": "In Hz"},
)json";

constexpr std::string_view kConvertResult = R"json({
  "type": "object",
  "properties": {
    "artifact_id": {"type": "string"},
    "content_hash": {"type": "string", "description": "Name of the WAV file in the content store"},
    "sample_rate": {"type": "integer"},
    "duration_secs": {"type": "number", "description": "The last notes' ringing included"}
  },
  "required": ["artifact_id", "content_hash", "sample_rate", "duration_secs"]
})json";

constexpr std::string_view kAbcProperties = R"json(
    "abc": {"type": "string", "minLength": 1, "maxLength": 262144, "description": "The tune in ABC notation, 2.1"},
    "tempo_override": {"type": "integer", "minimum": 1, "maximum": 1000, "description": "Beats a minute, in place of the tune's Q:"},
    "transpose": {"type": "integer", "minimum": -60, "maximum": 60, "default": 0, "description": "Semitones"},
    "velocity": {"type": "integer", "minimum": 1, "maximum": 127, "default": 80, "description": "Loudness of notes without a dynamic"},
    "channel": {"type": "integer", "minimum": 0, "maximum": 15, "default": 0, "description": "Of the first voice; the next ones follow"},
    "tune": {"type": "integer", "minimum": 0, "maximum": 4294967295, "description": "X: of the tune, in a tunebook; without it the first one"},
)json";

constexpr std::string_view kAbcResult = R"json({
  "type": "object",
  "properties": {
    "artifact_id": {"type": "string"},
    "content_hash": {"type": "string", "description": "Name of the MIDI file in the content store"},
    "duration_secs": {"type": "number"},
    "notes": {"type": "integer", "description": "Notes that sound, repeats included"}
  },
  "required": ["artifact_id", "content_hash", "duration_secs", "notes"]
})json";

constexpr std::string_view kInspectArguments = R"json({
  "type": "object",
  "properties": {
    "soundfont_hash": {"type": "string", "maxLength": 128, "description": "The soundfont's content hash, or default for the broker's own"},
    "include_drum_map": {"type": "boolean", "default": false, "description": "Also which keys play which drum, for the kits of bank 128"}
  },
  "required": ["soundfont_hash"],
  "additionalProperties": false
})json";

constexpr std::string_view kInspectResult = R"json({
  "type": "object",
  "properties": {
    "name": {"type": "string"},
    "presets": {"type": "array", "items": {"type": "object", "properties": {
      "bank": {"type": "integer"}, "program": {"type": "integer"}, "name": {"type": "string"}}}},
    "preset_count": {"type": "integer"},
    "drum_map": {"type": "array", "description": "A drum kit each", "items": {"type": "object", "properties": {
      "program": {"type": "integer"},
      "name": {"type": "string"},
      "zones": {"type": "array", "items": {"type": "object", "properties": {
        "key_low": {"type": "integer"}, "key_high": {"type": "integer"}, "sample": {"type": "string"}}}}}}},
    "drum_map_cut": {"type": "boolean", "description": "There were more zones than 4096"}
  },
  "required": ["name", "presets", "preset_count"]
})json";

std::string arguments_schema(std::string_view properties, std::string_view required) {
  return R"({"type": "object", "additionalProperties": false, "required": [")" + std::string(required) +
         R"("], "properties": {)" + std::string(properties) + std::string(lineage_properties()) + "}}";
}

Status convert(const Studio& studio, PackView arguments, jobs::JobContext& context, PackWriter& result) {
  const std::string_view soundfont = arguments.find("soundfont_hash").string_or(kDefaultSoundfont);
  const int sample_rate = static_cast<int>(arguments.find("sample_rate").integer_or(kSampleRateDefault));
  YARD_TRY(const AudioInput input, studio.input(arguments.find("input_hash").string_or("")));
  YARD_TRY(const Bytes midi, studio.midi_bytes(input.hash, context.stop()));
  YARD_TRY(const RenderOptions options, studio.render_options(soundfont, sample_rate, context.stop()));

  ArtifactDraft draft = lineage_argument(arguments, {"type:audio", "source:midi"});
  if (draft.parent_id.empty()) draft.parent_id = input.artifact_id;
  const bool is_default = soundfont == kDefaultSoundfont;
  draft.metadata = pack({{"input_hash", input.hash.text()},
                         {"soundfont_hash", is_default ? studio.soundfonts().default_hash() : std::string(soundfont)},
                         {"sample_rate", sample_rate}});
  const auto on_progress = [&](double seconds, double share) {
    char message[48] = {};
    std::snprintf(message, sizeof message, "%.1f s rendered", seconds);
    context.progress(100.0 * share, message);
  };
  YARD_TRY(const auto sound, studio.render(midi, options, std::move(draft), context, on_progress));
  PackMap(result)
      .string("artifact_id", sound.artifact->id)
      .string("content_hash", sound.artifact->content_hash)
      .integer("sample_rate", sample_rate)
      .real("duration_secs", sound.audio.duration_seconds);
  return {};
}

Status abc_to_midi(const Studio& studio, PackView arguments, jobs::JobContext& context, PackWriter& result) {
  abc::MidiOptions options{
      .transpose = static_cast<int>(arguments.find("transpose").integer_or(0)),
      .velocity = static_cast<std::uint8_t>(arguments.find("velocity").integer_or(80)),
      .channel = static_cast<std::uint8_t>(arguments.find("channel").integer_or(0)),
  };
  nlohmann::json metadata = {{"transpose", options.transpose}};
  if (const PackView tempo = arguments.find("tempo_override")) {
    options.tempo_override = static_cast<std::uint16_t>(tempo.integer_or(0));
    metadata["tempo_override"] = *options.tempo_override;
  }
  if (const PackView tune = arguments.find("tune")) options.tune = static_cast<std::uint32_t>(tune.integer_or(0));
  YARD_TRY(const abc::MidiFile midi, abc::to_midi(arguments.find("abc").string_or(""), options));

  metadata["duration_secs"] = midi.duration_seconds;
  metadata["notes"] = midi.notes;
  ArtifactDraft draft = lineage_argument(arguments, {"type:midi", "source:abc"});
  draft.metadata = pack(metadata);
  YARD_TRY(const auto artifact, studio.keep_midi(midi.bytes, std::move(draft), context));
  PackMap(result)
      .string("artifact_id", artifact->id)
      .string("content_hash", artifact->content_hash)
      .real("duration_secs", midi.duration_seconds)
      .natural("notes", midi.notes);
  return {};
}

// Zones are sorted by program, so that a kit's stand together.
void write_drum_map(PackMap& map, const Soundfont& font) {
  PackArray kits = map.array("drum_map");
  auto zone = font.drum_zones.begin();
  for (const SoundfontPreset& preset : font.presets) {
    if (preset.bank != kDrumBank) continue;
    PackMap kit = kits.map();
    kit.natural("program", preset.program).string("name", preset.name);
    PackArray zones = kit.array("zones");
    for (; zone != font.drum_zones.end() && zone->program == preset.program; ++zone) {
      zones.map().natural("key_low", zone->key_low).natural("key_high", zone->key_high).string("sample", zone->sample);
    }
  }
}

Status inspect(const Studio& studio, PackView arguments, PackWriter& result) {
  const std::string_view hash = arguments.find("soundfont_hash").string_or("");
  const auto font = studio.soundfonts().find(hash);
  if (font == nullptr) {
    return fail(ErrorCode::kNotFound,
                hash == kDefaultSoundfont
                    ? "the broker has no default soundfont; configure one, or upload one with cas_upload_file"
                    : "no soundfont of this hash is known; upload it with cas_upload_file and use the hash it returns",
                "/soundfont_hash");
  }
  PackMap map(result);
  map.string("name", font->name).natural("preset_count", font->presets.size());
  {
    PackArray presets = map.array("presets");
    for (const SoundfontPreset& preset : font->presets) {
      presets.map().natural("bank", preset.bank).natural("program", preset.program).string("name", preset.name);
    }
  }
  if (!arguments.find("include_drum_map").boolean_or(false)) return {};
  write_drum_map(map, *font);
  if (font->drum_zones_cut) map.boolean("drum_map_cut", true);
  return {};
}

}  // namespace

Status add_audio_tools(Registry& registry, const Studio& studio) {
  YARD_TRY_STATUS(registry.add({
      .name = "convert_midi_to_wav",
      .title = "Render MIDI to WAV",
      .description =
          "Plays a MIDI file with a soundfont into a 16-bit stereo WAV file and makes an artifact of it, child of the "
          "MIDI artifact where that was given. The same input gives the same bytes. At most 30 minutes of music. Takes "
          "about a second for a minute of it, with progress; the reply is the result if it is ready within a minute, "
          "else a job_id.",
      .arguments = arguments_schema(kConvertProperties, "input_hash"),
      .result = std::string(kConvertResult),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kShort,
      .wait = kRenderWait,
      .timeout = kRenderTimeout,
      .handler = JobHandler([&studio](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return convert(studio, arguments, context, result);
      }),
  }));
  YARD_TRY_STATUS(registry.add({
      .name = "abc_to_midi",
      .title = "ABC to MIDI",
      .description =
          "Plays a tune in ABC notation into a MIDI file and makes an artifact of it: repeats, endings, ties, tuplets, "
          "chords, tempo changes, one channel a voice. Check the tune with abc_validate first; hear it with "
          "convert_midi_to_wav.",
      .arguments = arguments_schema(kAbcProperties, "abc"),
      .result = std::string(kAbcResult),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kShort,
      .handler = JobHandler([&studio](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return abc_to_midi(studio, arguments, context, result);
      }),
  }));
  YARD_TRY_STATUS(registry.add(render_book_tool(studio)));
  return registry.add({
      .name = "soundfont_inspect",
      .title = "Look into a soundfont",
      .description = "Lists the instruments (presets) of a soundfont by bank and program, and on demand which keys "
                     "play which drum. "
                     "Use it to choose a program for %%MIDI program or a soundfont for convert_midi_to_wav.",
      .arguments = std::string(kInspectArguments),
      .result = std::string(kInspectResult),
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .idempotent = true,
      .handler = ImmediateHandler([&studio](PackView arguments, InlineContext&, PackWriter& result) {
        return inspect(studio, arguments, result);
      }),
  });
}

}  // namespace yard::tools
