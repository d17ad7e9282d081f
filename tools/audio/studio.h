// Studio: the steps that tools of this family share, from an input to an artifact.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "jobs/job_context.h"
#include "tools/artifacts/artifacts.h"
#include "tools/audio/midi_render.h"
#include "tools/audio/soundfonts.h"
#include "tools/cas/cas.h"

namespace yard::tools {

// Content that a tool works on: by hash, or by the artifact that points at it.
struct AudioInput {
  ContentHash hash;
  std::string artifact_id;  // empty where it was given by hash
};

// An artifact with a sound of its own.
struct RenderedArtifact {
  std::shared_ptr<const Artifact> artifact;  // shared with the index
  RenderedAudio audio;
};

// Threads: any; everything blocks on the disk. What it is made of must outlive it.
class Studio {
 public:
  static constexpr std::uint64_t kMidiBytesMax = 16 << 20;

  Studio(Cas& cas, Artifacts& artifacts, const Soundfonts& soundfonts)
      : cas_(cas), artifacts_(artifacts), soundfonts_(soundfonts) {}

  // `text`: a content hash or an artifact's id. Errors: kNotFound, kInvalidArguments.
  [[nodiscard]] Result<AudioInput> input(std::string_view text) const;

  // Errors: kNotFound, kTooLarge, kIo, kCancelled.
  [[nodiscard]] Result<Bytes> midi_bytes(const ContentHash& hash, const std::stop_token& stop) const;

  // `text`: a content hash, or "default". Errors: as Soundfonts::file.
  [[nodiscard]] Result<RenderOptions> render_options(std::string_view soundfont, int sample_rate,
                                                     const std::stop_token& stop) const;

  // Stores the MIDI file and makes an artifact of it. The draft says the rest.
  [[nodiscard]] Result<std::shared_ptr<const Artifact>> keep_midi(BytesView midi, ArtifactDraft draft,
                                                                  jobs::JobContext& context) const;

  // Renders, stores the WAV file and makes an artifact of it. Errors: as render_midi.
  [[nodiscard]] Result<RenderedArtifact> render(BytesView midi, const RenderOptions& options, ArtifactDraft draft,
                                                jobs::JobContext& context, const RenderProgress& progress) const;

  [[nodiscard]] const Soundfonts& soundfonts() const { return soundfonts_; }

 private:
  Cas& cas_;
  Artifacts& artifacts_;
  const Soundfonts& soundfonts_;
};

}  // namespace yard::tools
