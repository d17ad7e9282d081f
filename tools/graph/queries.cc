// Queries about worlds: from what is known of them, without asking them.
#include <algorithm>

#include "engine/base/text.h"
#include "tools/graph/tools.h"

namespace yard::tools {
namespace {

constexpr std::int64_t kFoundDefault = 20;
constexpr std::size_t kNodesLookedAt = 100'000;  // of one query: about a millisecond
constexpr std::size_t kArtifactsLookedAt = 1'000;

constexpr std::string_view kFindArguments = R"json({
  "type": "object",
  "properties": {
    "name": {"type": "string", "maxLength": 256, "description": "Part of a name or an id, in either case"},
    "kind": {"type": "string", "maxLength": 64, "description": "Only nodes of this kind, such as Call"},
    "world": {"type": "string", "maxLength": 64, "description": "Only of this world"},
    "tag": {"type": "string", "maxLength": 1024, "description": "Artifacts with this tag"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 500, "default": 20, "description": "Of each: worlds, nodes, jobs, artifacts"}
  },
  "additionalProperties": false
})json";

constexpr std::string_view kContextArguments = R"json({
  "type": "object",
  "properties": {
    "limit": {"type": "integer", "minimum": 1, "maximum": 100, "default": 20, "description": "Worlds, and artifacts"},
    "tag": {"type": "string", "maxLength": 1024, "description": "Artifacts with this tag"},
    "creator": {"type": "string", "maxLength": 1024, "description": "Artifacts of this creator"}
  },
  "additionalProperties": false
})json";

bool has(std::string_view text, std::string_view part) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return !std::ranges::search(text, part, {}, lower, lower).empty() || part.empty();
}

void write_world(PackMap map, const WorldInfo& info) {
  map.string("world", info.name).string("id", to_hex(info.id)).string("state", name_of(info.phase));
  if (!info.problem.empty()) map.string("problem", info.problem);
  if (!info.image) return;
  map.natural("nodes", info.image->get_nodes().size()).string("graph_hash", to_hex(info.image->hash()));
  map.natural("epoch", info.epoch).natural("event_id", info.event_id);
  map.real("now_ms", static_cast<double>(info.now_ns) / 1e6).natural("open_calls", info.stats.open_calls);
  map.natural("steps", info.stats.steps).natural("effects", info.stats.effects).natural("asleep", info.stats.asleep);
}

Status list(const Worlds& worlds, const InlineContext& context, PackWriter& result) {
  PackMap map(result);
  const auto infos = worlds.list(context.principal());
  {
    PackArray array = map.array("worlds");
    for (const auto& info : infos) write_world(array.map(), *info);
  }
  PackArray kept = map.array("unloaded");
  for (const std::string& name : worlds.kept(context.principal())) kept.string(name);
  return {};
}

struct Wanted {
  std::string_view name;
  std::string_view kind;
  std::string_view world;
  std::size_t limit;
};

void find_nodes(PackArray& found, const WorldInfo& info, const Wanted& wanted, std::size_t& looked_at) {
  const graph::Image& image = *info.image;
  for (const graph::NodeDesc& node : image.get_nodes()) {
    if (found.count() >= wanted.limit || ++looked_at > kNodesLookedAt) return;
    if (!wanted.kind.empty() && image.kind_of(node).name != wanted.kind) continue;
    if (!has(image.id_of(node), wanted.name)) continue;
    PackMap map = found.map();
    map.string("world", info.name).string("node", image.id_of(node)).string("kind", image.kind_of(node).name);
    map.natural("handle", node.handle.value());
  }
}

void write_artifacts(PackMap& map, const Artifacts& artifacts, const Artifacts::Filter& filter, const Wanted& wanted) {
  PackArray array = map.array("artifacts");
  const auto page = artifacts.list(filter, kArtifactsLookedAt, {});
  if (!page) return;
  for (const auto& artifact : page->artifacts) {
    if (array.count() >= wanted.limit) return;
    const bool fits =
        has(artifact->id, wanted.name) || has(artifact->creator, wanted.name) ||
        std::ranges::any_of(artifact->tags, [&](const std::string& tag) { return has(tag, wanted.name); });
    if (!fits) continue;
    PackMap found = array.map();
    found.string("id", artifact->id).string("mime_type", artifact->mime_type).string("creator", artifact->creator);
    PackArray tags = found.array("tags");
    for (const std::string& tag : artifact->tags) tags.string(tag);
  }
}

Status find(const Worlds& worlds, const Artifacts& artifacts, PackView arguments, const InlineContext& context,
            PackWriter& result) {
  const Wanted wanted{.name = arguments.find("name").string_or(""),
                      .kind = arguments.find("kind").string_or(""),
                      .world = arguments.find("world").string_or(""),
                      .limit = static_cast<std::size_t>(arguments.find("limit").integer_or(kFoundDefault))};
  auto infos = worlds.list(context.principal());
  std::erase_if(infos, [&](const auto& info) { return !wanted.world.empty() && info->name != wanted.world; });
  PackMap map(result);
  {
    PackArray found = map.array("worlds");
    for (const auto& info : infos)
      if (found.count() < wanted.limit && wanted.kind.empty() && has(info->name, wanted.name))
        write_world(found.map(), *info);
  }
  {
    PackArray found = map.array("nodes");
    std::size_t looked_at = 0;
    for (const auto& info : infos)
      if (info->image) find_nodes(found, *info, wanted, looked_at);
  }
  {
    PackArray found = map.array("jobs");
    for (const auto& info : infos)
      for (const CallInfo& call : info->calls)
        if (found.count() < wanted.limit && (has(call.tool, wanted.name) || has(call.node, wanted.name)))
          found.map()
              .string("world", info->name)
              .string("node", call.node)
              .string("tool", call.tool)
              .string("job_id", to_hex(call.job_id));
  }
  if (wanted.kind.empty() && wanted.world.empty())
    write_artifacts(map, artifacts, {.tag = arguments.find("tag").string_or("")}, wanted);
  return {};
}

std::string line_of(const WorldInfo& info) {
  std::string line = "- world " + info.name + ": " + std::string(name_of(info.phase));
  if (!info.problem.empty()) line += " (" + info.problem + ")";
  if (!info.image) return line;
  line += ", " + std::to_string(info.image->get_nodes().size()) + " nodes, " + std::to_string(info.now_ns / 1'000'000) +
          " ms of logical time, " + std::to_string(info.stats.steps) + " steps";
  for (const CallInfo& call : info.calls)
    line += "\n  - waits for " + call.tool + " (node " + call.node + ", job " + to_hex(call.job_id) + ")";
  return line;
}

Status describe(const Worlds& worlds, const Artifacts& artifacts, PackView arguments, const InlineContext& context,
                PackWriter& result) {
  const auto limit = static_cast<std::size_t>(arguments.find("limit").integer_or(kFoundDefault));
  const auto infos = worlds.list(context.principal());
  YARD_TRY(const Artifacts::Page page, artifacts.list({.tag = arguments.find("tag").string_or(""),
                                                       .creator = arguments.find("creator").string_or("")},
                                                      limit, {}));
  std::string text = "Worlds: " + std::to_string(infos.size()) + "\n";
  for (std::size_t i = 0; i < std::min(limit, infos.size()); ++i) text += line_of(*infos[i]) + "\n";
  text += "Newest artifacts:\n";
  for (const auto& artifact : page.artifacts) {
    text += "- " + artifact->id + " " + artifact->mime_type + " by " + artifact->creator;
    for (const std::string& tag : artifact->tags) text += " #" + tag;
    text += "\n";
  }
  PackMap(result)
      .string("context", text)
      .natural("world_count", infos.size())
      .natural("artifact_count", page.artifacts.size());
  return {};
}

ToolSpec query(std::string name, std::string title, std::string description, std::string_view arguments,
               std::string_view result, ImmediateHandler handler) {
  return {.name = std::move(name),
          .title = std::move(title),
          .description = std::move(description),
          .arguments = std::string(arguments),
          .result = std::string(result),
          .kind = ToolKind::kImmediate,
          .read_only = true,
          .idempotent = true,
          .handler = std::move(handler)};
}

}  // namespace

std::string_view name_of(WorldPhase phase) {
  switch (phase) {
    case WorldPhase::kLoading: return "loading";
    case WorldPhase::kResting: return "resting";
    case WorldPhase::kRunning: return "running";
    case WorldPhase::kStalled: return "stalled";
    case WorldPhase::kFailed: return "failed";
    case WorldPhase::kUnloaded: return "unloaded";
  }
  return "unknown";
}

Status add_graph_queries(Registry& registry, const Worlds& worlds, const Artifacts& artifacts) {
  YARD_TRY_STATUS(registry.add(query(
      "graph_list", "List worlds",
      "Lists the graphs that are loaded, with what they do at the moment, and those that were unloaded and are kept.",
      R"({"type": "object", "additionalProperties": false})",
      R"({"type": "object", "properties": {"worlds": {"type": "array"}, "unloaded": {"type": "array"}}, "required": ["worlds", "unloaded"]})",
      [&worlds](PackView, InlineContext& context, PackWriter& result) { return list(worlds, context, result); })));
  YARD_TRY_STATUS(registry.add(query(
      "graph_find", "Find worlds, nodes, jobs and artifacts",
      "Finds by a part of a name what is loaded (worlds and their nodes), running for them (jobs) and known "
      "(artifacts).",
      kFindArguments,
      R"({"type": "object", "properties": {"worlds": {"type": "array"}, "nodes": {"type": "array"}, "jobs": {"type": "array"}, "artifacts": {"type": "array"}}, "required": ["worlds", "nodes", "jobs"]})",
      [&](PackView arguments, InlineContext& context, PackWriter& result) {
        return find(worlds, artifacts, arguments, context, result);
      })));
  return registry.add(query(
      "graph_context", "What there is, in a few lines",
      "Describes for a model, as text, the worlds, what they wait for, and the newest artifacts.", kContextArguments,
      R"({"type": "object", "properties": {"context": {"type": "string"}, "world_count": {"type": "integer"}, "artifact_count": {"type": "integer"}}, "required": ["context"]})",
      [&](PackView arguments, InlineContext& context, PackWriter& result) {
        return describe(worlds, artifacts, arguments, context, result);
      }));
}

}  // namespace yard::tools
