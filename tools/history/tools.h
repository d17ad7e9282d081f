// The tool that searches the history of jobs.
#pragma once

#include "engine/base/result.h"
#include "jobs/history/history.h"
#include "tools/registry.h"

namespace yard::tools {

// job_history. `history` must outlive the registry.
[[nodiscard]] Status add_history_tools(Registry& registry, jobs::History& history);

}  // namespace yard::tools
