// A tool as a remote worker declares it when it registers.
#pragma once

#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "tools/tool.h"

namespace yard::tools {

// Reads the map that write_tool() writes with both schemas; what is left out is as ToolSpec has it. `map` lies in
// checked bytes; what the registry checks is not checked here.
// Errors: kBadRequest for a name that is unknown here, and for a value of another type or out of its range.
[[nodiscard]] Result<ToolSpec> read_worker_tool(PackView map);

// Whether both say the same of their tool.
[[nodiscard]] bool is_same_declaration(const ToolSpec& left, const ToolSpec& right);

}  // namespace yard::tools
