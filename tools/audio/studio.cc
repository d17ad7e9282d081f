#include "tools/audio/studio.h"

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"
#include "tools/artifacts/tools.h"

namespace yard::tools {

Result<AudioInput> Studio::input(std::string_view text) const {
  if (is_artifact_id(text)) {
    const auto artifact = artifacts_.find(text);
    if (artifact == nullptr) return fail(ErrorCode::kNotFound, "no artifact has this id", "/input_hash");
    YARD_TRY(ContentHash hash, ContentHash::parse(artifact->content_hash));
    return AudioInput{.hash = std::move(hash), .artifact_id = artifact->id};
  }
  auto hash = ContentHash::parse(text);
  if (!hash) return fail(ErrorCode::kInvalidArguments, "expected a content hash or an artifact's id", "/input_hash");
  return AudioInput{.hash = *std::move(hash), .artifact_id = {}};
}

Result<Bytes> Studio::midi_bytes(const ContentHash& hash, const std::stop_token& stop) const {
  YARD_TRY(const auto object, cas_.inspect(hash));
  if (!object) return fail(ErrorCode::kNotFound, hash.text() + " is not stored here", "/input_hash");
  if (object->size > kMidiBytesMax) {
    return fail(ErrorCode::kTooLarge, "a MIDI file has at most 16 MiB here", "/input_hash");
  }
  return cas_.read(hash, 0, kMidiBytesMax, stop);
}

Result<RenderOptions> Studio::render_options(std::string_view soundfont, int sample_rate,
                                             const std::stop_token& stop) const {
  YARD_TRY(auto file, soundfonts_.file(soundfont, stop));
  return RenderOptions{.soundfont = std::move(file), .sample_rate = sample_rate};
}

Result<std::shared_ptr<const Artifact>> Studio::keep_midi(BytesView midi, ArtifactDraft draft,
                                                          jobs::JobContext& context) const {
  YARD_TRY(const CasObject object, cas_.store(midi, "audio/midi"));
  draft.content_hash = object.hash.text();
  draft.mime_type = "audio/midi";
  return create_artifact(artifacts_, std::move(draft), context);
}

Result<RenderedArtifact> Studio::render(BytesView midi, const RenderOptions& options, ArtifactDraft draft,
                                        jobs::JobContext& context, const RenderProgress& progress) const {
  YARD_TRY(CasTemporary file, cas_.temporary());
  YARD_TRY(const RenderedAudio audio, render_midi(midi, options, file.file(), context.stop(), progress));
  YARD_TRY(const CasObject object, cas_.adopt(std::move(file), "audio/wav", context.stop()));
  draft.content_hash = object.hash.text();
  draft.mime_type = "audio/wav";
  YARD_TRY(auto artifact, create_artifact(artifacts_, std::move(draft), context));
  return RenderedArtifact{.artifact = std::move(artifact), .audio = audio};
}

}  // namespace yard::tools
