// What the configuration says of tenants, groups, resources, and what tools need of them.
#pragma once

#include <toml++/toml.h>

#include "broker/section.h"
#include "engine/base/result.h"
#include "jobs/scheduling.h"

namespace yard::broker {

// Reads [tenants.NAME], [groups.NAME] and [resources]. Errors: kBadRequest with line and name.
[[nodiscard]] Status read_scheduling(const toml::table& file, jobs::SchedulingPolicy& policy);

// What a [[commands]] table says of one job's needs. Errors: as above.
[[nodiscard]] Status read_needs(Section& section, jobs::ToolNeeds& needs);

// Whether the groups, resources and units that a tool names are there: a misspelt limit would be none.
// Errors: kBadRequest, naming tool and name.
[[nodiscard]] Status check_needs(std::string_view tool, const jobs::ToolNeeds& needs,
                                 const jobs::SchedulingPolicy& policy);

}  // namespace yard::broker
