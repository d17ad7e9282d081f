// The tools of content-addressed storage.
#pragma once

#include <functional>

#include "jobs/job_context.h"
#include "tools/cas/cas.h"
#include "tools/environment.h"
#include "tools/registry.h"

namespace yard::tools {

// Called on the job's thread with each object that a tool has stored.
using StoredHook = std::function<void(const CasObject& object, jobs::JobContext& context)>;

// cas_store, cas_upload_file, cas_get, cas_inspect, cas_stats. `cas` must outlive the registry.
[[nodiscard]] Status add_cas_tools(Registry& registry, Cas& cas, const Environment& environment,
                                   const StoredHook& on_stored);

// Stores a file that the caller names, with progress. For every tool with a file_path.
// Errors: as open_readable and Cas::store_file.
[[nodiscard]] Result<CasObject> upload_file(Cas& cas, const Environment& environment, std::string_view file_path,
                                            std::string_view mime_type, jobs::JobContext& context);

}  // namespace yard::tools
