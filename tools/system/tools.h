// The tools that look at the broker itself.
#pragma once

#include "tools/environment.h"
#include "tools/registry.h"

namespace yard::tools {

// config_get, and the verbs that are listed as tools: job_status, job_list, job_poll, job_cancel, job_why.
// Errors: kBadRequest where environment.configuration is no JSON object.
[[nodiscard]] Status add_system_tools(Registry& registry, const Environment& environment);

}  // namespace yard::tools
