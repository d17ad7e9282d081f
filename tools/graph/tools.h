// The tools of graphs.
#pragma once

#include "tools/artifacts/artifacts.h"
#include "tools/graph/worlds.h"
#include "tools/registry.h"

namespace yard::tools {

// graph_load, graph_reload, graph_unload, graph_set, graph_emit, graph_step, graph_snapshot, graph_schema,
// graph_subscribe, graph_optimize, graph_journal, graph_replay, which `worlds` runs, and graph_list, graph_find,
// graph_context, which look at what is known of it. All must outlive the registry.
[[nodiscard]] Status add_graph_tools(Registry& registry, const Worlds& worlds, const Artifacts& artifacts);

// graph_list, graph_find, graph_context.
[[nodiscard]] Status add_graph_queries(Registry& registry, const Worlds& worlds, const Artifacts& artifacts);

}  // namespace yard::tools
