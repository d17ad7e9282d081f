// The tools that make sound.
#pragma once

#include "tools/audio/soundfonts.h"
#include "tools/audio/studio.h"
#include "tools/registry.h"

namespace yard::tools {

// convert_midi_to_wav, abc_to_midi, abc_render_book, soundfont_inspect. `studio` must outlive the registry.
[[nodiscard]] Status add_audio_tools(Registry& registry, const Studio& studio);

}  // namespace yard::tools
