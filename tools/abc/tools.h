// The tools that read and move ABC; abc_to_midi is with the tools that make sound.
#pragma once

#include "tools/registry.h"

namespace yard::tools {

// abc_parse, abc_validate and abc_transpose, all immediate.
[[nodiscard]] Status add_abc_tools(Registry& registry);

}  // namespace yard::tools
