// The textual syntax of nets: FORMAT.md has it.
#pragma once

#include <string_view>

#include "engine/nets/spec.h"

namespace yard::nets {

// Never fails: what cannot be understood is a problem and left out.
[[nodiscard]] NetSpec parse_text(std::string_view text, Problems& problems);

}  // namespace yard::nets
