// The tools of interaction nets.
#pragma once

#include "tools/registry.h"

namespace yard::tools {

// net_check and net_run.
[[nodiscard]] Status add_net_tools(Registry& registry);

}  // namespace yard::tools
