// The tools of artifacts, and what every tool that makes one shares with them.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "jobs/job_context.h"
#include "tools/artifacts/artifacts.h"
#include "tools/cas/cas.h"
#include "tools/cas/tools.h"
#include "tools/environment.h"
#include "tools/registry.h"

namespace yard::tools {

// artifact_upload, artifact_get, artifact_list. `cas` and `artifacts` must outlive the registry.
[[nodiscard]] Status add_artifact_tools(Registry& registry, Cas& cas, Artifacts& artifacts,
                                        const Environment& environment, const StoredHook& on_stored);

// The arguments tags, creator, parent_id and variation_set_id, as members of a schema's "properties".
[[nodiscard]] std::string_view lineage_properties();

// Those arguments, with `own_tags` in front of the caller's.
[[nodiscard]] ArtifactDraft lineage_argument(PackView arguments, std::initializer_list<std::string_view> own_tags = {});

// Creates the artifact and announces it on the job's stream.
[[nodiscard]] Result<std::shared_ptr<const Artifact>> create_artifact(Artifacts& artifacts, ArtifactDraft draft,
                                                                      jobs::JobContext& context);

// Whether `id` has the form of an artifact's id rather than of a content hash.
[[nodiscard]] bool is_artifact_id(std::string_view id);

}  // namespace yard::tools
