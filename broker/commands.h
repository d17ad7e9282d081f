// Tools that the configuration declares as command lines.
#pragma once

#include <toml++/toml.h>

#include <vector>

#include "engine/base/result.h"
#include "tools/tool.h"

namespace yard::broker {

// Reads every [[commands]] table of `file` into `commands`: a job tool each, run by the process executor.
// Errors: kBadRequest with line and name; an unknown name is an error.
[[nodiscard]] Status read_commands(const toml::table& file, std::vector<tools::ToolSpec>& commands);

}  // namespace yard::broker
