#include "tools/audio/render_book.h"

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/base/pack_json.h"
#include "tools/abc/abc.h"
#include "tools/abc/midi.h"
#include "tools/artifacts/tools.h"
#include "tools/cas/arguments.h"

namespace yard::tools {
namespace {

constexpr std::string_view kOwnProperties = R"json(
    "abc": {"type": "string", "minLength": 1, "maxLength": 262144, "description": "An ABC tunebook: one tune or many, each beginning with X:"},
    "semitones": {"type": "array", "items": {"type": "integer", "minimum": -24, "maximum": 24}, "minItems": 1, "maxItems": 49,
                  "default": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11],
                  "description": "The keys: each tune is transposed by each of these, in semitones. Without it all twelve keys upwards"},
    "render": {"type": "boolean", "default": true, "description": "false makes only the MIDI files, which is quick"},
    "soundfont_hash": {"type": "string", "default": "default", "description": "The soundfont's content hash, or default for the broker's own"},
    "sample_rate": {"type": "integer", "minimum": 8000, "maximum": 96000, "default": 44100, "description": "Of the WAV files, in Hz"},
)json";

constexpr std::string_view kResult = R"json({
  "type": "object",
  "properties": {
    "items": {"type": "array", "description": "In the order they were made: tune by tune, key by key", "items": {"type": "object", "properties": {
      "tune": {"type": "integer", "description": "The tune's X: number"},
      "title": {"type": "string"},
      "semitones": {"type": "integer"},
      "duration_secs": {"type": "number"},
      "midi_artifact_id": {"type": "string"},
      "midi_hash": {"type": "string"},
      "wav_artifact_id": {"type": "string", "description": "Not where render was false"},
      "wav_hash": {"type": "string", "description": "Not where render was false"},
      "error": {"type": "string", "description": "Why this item could not be made; the others were"}
    }}},
    "count": {"type": "integer", "description": "Items made"},
    "failed": {"type": "integer", "description": "Items that could not be made"},
    "variation_set_id": {"type": "string", "description": "What all artifacts of this run share"}
  },
  "required": ["items", "count", "failed", "variation_set_id"]
})json";

constexpr std::string_view kDescription =
    "Plays a whole tunebook in many keys: transposes every tune of an ABC text by every one of the given shifts, makes "
    "a MIDI file of each and renders it to WAV. A long job: the reply is a job_id, and nothing waits. Follow it with "
    "job_poll or on its stream, where every finished item is a chunk (one line of JSON) and an artifact_created event, "
    "and progress counts all items. job_cancel stops it at any moment; what was finished by then stays. The result "
    "lists the artifacts. Use abc_to_midi and convert_midi_to_wav for a single tune.";

struct BookOptions {
  std::vector<int> semitones;
  bool render = true;
  int sample_rate = kSampleRateDefault;
  std::string soundfont;
};

BookOptions options_of(PackView arguments) {
  BookOptions options{
      .semitones = {},
      .render = arguments.find("render").boolean_or(true),
      .sample_rate = static_cast<int>(arguments.find("sample_rate").integer_or(kSampleRateDefault)),
      .soundfont = std::string(arguments.find("soundfont_hash").string_or(kDefaultSoundfont)),
  };
  arguments.find("semitones").each_element([&](PackView shift) {
    options.semitones.push_back(static_cast<int>(shift.integer_or(0)));
  });
  if (!options.semitones.empty()) return options;
  for (int shift = 0; shift < 12; ++shift) options.semitones.push_back(shift);
  return options;
}

std::string signed_text(int semitones) { return (semitones >= 0 ? "+" : "") + std::to_string(semitones); }

// One run of the job.
class BookRun {
 public:
  BookRun(const Studio& studio, PackView arguments, jobs::JobContext& context)
      : studio_(studio), arguments_(arguments), context_(context), options_(options_of(arguments)) {}

  Status run(PackWriter& result) {
    const abc::Parsed parsed = abc::parse(arguments_.find("abc").string_or(""));
    YARD_TRY_STATUS(check(parsed));
    variation_set_id_ = arguments_.find("variation_set_id").string_or("");
    if (variation_set_id_.empty()) variation_set_id_ = to_hex(context_.id().value());
    for (const abc::Tune& tune : parsed.book.tunes) {
      for (const int shift : options_.semitones) YARD_TRY_STATUS(make(tune, shift));
    }
    return finish(result);
  }

 private:
  Status check(const abc::Parsed& parsed) {
    YARD_TRY_STATUS(abc::require_tune(parsed, std::nullopt));
    total_ = parsed.book.tunes.size() * options_.semitones.size();
    if (total_ > kBookItemsMax) {
      return fail(ErrorCode::kTooLarge, std::to_string(total_) +
                                            " items are too many; split the book into parts of at "
                                            "most 1000 (tunes times keys)");
    }
    if (!options_.render) return {};
    YARD_TRY(render_options_, studio_.render_options(options_.soundfont, options_.sample_rate, context_.stop()));
    return {};
  }

  // One tune in one key. An Error ends the run; a tune that can't be played is an item with an error.
  Status make(const abc::Tune& tune, int shift) {
    if (context_.stop().stop_requested()) return stopped();
    nlohmann::json item = {{"tune", tune.number}, {"title", tune.title}, {"semitones", shift}};
    const Status made = play(tune, shift, item);
    if (!made && made.error().code == ErrorCode::kCancelled) return stopped();
    if (!made && made.error().code == ErrorCode::kIo) return made;  // a full disk will not mend within this run
    if (!made) {
      item["error"] = to_string(made.error());
      context_.log(
          "warn", "tune " + std::to_string(tune.number) + " by " + signed_text(shift) + ": " + to_string(made.error()));
      ++failed_;
    }
    ++done_;
    announce(item);
    items_.push_back(std::move(item));
    return {};
  }

  Status play(const abc::Tune& tune, int shift, nlohmann::json& item) {
    YARD_TRY(const abc::MidiFile midi, abc::to_midi(tune, {.transpose = shift}));
    const std::string key_tag = "transpose:" + signed_text(shift);
    ArtifactDraft draft = lineage_argument(arguments_, {"type:midi", "source:abc", key_tag});
    draft.variation_set_id = variation_set_id_;
    draft.metadata = pack(
        {{"tune", tune.number}, {"title", tune.title}, {"semitones", shift}, {"duration_secs", midi.duration_seconds}});
    YARD_TRY(const auto score, studio_.keep_midi(midi.bytes, std::move(draft), context_));
    item["midi_artifact_id"] = score->id;
    item["midi_hash"] = score->content_hash;
    item["duration_secs"] = midi.duration_seconds;
    if (!options_.render) return {};

    draft = lineage_argument(arguments_, {"type:audio", "source:midi", key_tag});
    draft.variation_set_id = variation_set_id_;
    draft.parent_id = score->id;
    const auto on_progress = [&](double, double share) { show(share, tune.title, shift); };
    YARD_TRY(const auto sound, studio_.render(midi.bytes, render_options_, std::move(draft), context_, on_progress));
    item["wav_artifact_id"] = sound.artifact->id;
    item["wav_hash"] = sound.artifact->content_hash;
    item["duration_secs"] = sound.audio.duration_seconds;
    return {};
  }

  void show(double share, std::string_view title, int shift) {
    const double percent = 100.0 * (static_cast<double>(done_) + share) / static_cast<double>(total_);
    context_.progress(percent, std::to_string(done_ + 1) + " of " + std::to_string(total_) + ": " + std::string(title) +
                                   " " + signed_text(shift));
  }

  void announce(nlohmann::json item) {
    item["done"] = done_;
    item["total"] = total_;
    context_.chunk(item.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    context_.progress(100.0 * static_cast<double>(done_) / static_cast<double>(total_),
                      std::to_string(done_) + " of " + std::to_string(total_));
  }

  Status finish(PackWriter& result) {
    if (failed_ == items_.size()) {
      return fail(ErrorCode::kToolFailed, "no item could be made; the first: " + items_[0]["error"].get<std::string>());
    }
    write_json(result, {{"items", items_},
                        {"count", items_.size() - failed_},
                        {"failed", failed_},
                        {"variation_set_id", variation_set_id_}});
    return {};
  }

  [[nodiscard]] std::unexpected<Error> stopped() const {
    return fail(ErrorCode::kCancelled, "stopped after " + std::to_string(done_) + " of " + std::to_string(total_) +
                                           " items; their artifacts stay");
  }

  const Studio& studio_;
  const PackView arguments_;  // the executor's, for the length of the run
  jobs::JobContext& context_;
  const BookOptions options_;
  RenderOptions render_options_;
  std::string variation_set_id_;
  nlohmann::json items_ = nlohmann::json::array();
  std::size_t total_ = 0;
  std::size_t done_ = 0;
  std::size_t failed_ = 0;
};

}  // namespace

ToolSpec render_book_tool(const Studio& studio) {
  return {
      .name = "abc_render_book",
      .title = "Render a tunebook in many keys",
      .description = std::string(kDescription),
      .arguments = R"({"type": "object", "additionalProperties": false, "required": ["abc"], "properties": {)" +
                   std::string(kOwnProperties) + std::string(lineage_properties()) + "}}",
      .result = std::string(kResult),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kLong,
      .timeout = std::chrono::hours(6),
      .streams = true,
      .handler = JobHandler([&studio](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return BookRun(studio, arguments, context).run(result);
      }),
  };
}

}  // namespace yard::tools
