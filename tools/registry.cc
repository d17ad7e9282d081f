#include "tools/registry.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::tools {
namespace {

constexpr std::size_t kNameMax = 64;

bool is_tool_name(std::string_view name) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kNameMax && name[0] >= 'a' && name[0] <= 'z' &&
         std::ranges::all_of(name, is_word);
}

template <typename Kind>
bool holds(const Handler& handler) {
  const auto* function = std::get_if<Kind>(&handler);
  return function != nullptr && *function != nullptr;
}

bool is_command(const Handler& handler) {
  const auto* command = std::get_if<CommandHandler>(&handler);
  return command != nullptr && !command->command.argv.empty();
}

bool fits(ToolKind kind, const Handler& handler) {
  const auto* ack = std::get_if<AckHandler>(&handler);
  switch (kind) {
    case ToolKind::kImmediate: return holds<ImmediateHandler>(handler) || std::holds_alternative<VerbAlias>(handler);
    case ToolKind::kJob:
      return holds<JobHandler>(handler) || is_command(handler) || std::holds_alternative<WorkerHandler>(handler) ||
             std::holds_alternative<HostedHandler>(handler);
    case ToolKind::kAck: return ack != nullptr && ack->act != nullptr;
  }
  return false;
}

// MCP wants it said, and so do people.
bool says_object(std::string_view compiled_schema) {
  const auto schema = nlohmann::json::parse(compiled_schema);
  return schema.is_object() && schema.value("type", nlohmann::json()) == "object";
}

}  // namespace

Status Registry::add(ToolSpec spec) {
  const auto refuse = [&](const std::string& why) {
    return fail(ErrorCode::kBadRequest, "tool " + spec.name + ": " + why);
  };
  if (!is_tool_name(spec.name)) return refuse("a name is [a-z][a-z0-9_]*, at most 64 bytes");
  if (find(spec.name) != nullptr) return refuse("is registered already");
  if (spec.description.empty()) return refuse("has no description");
  if (spec.needs.cost < 1 || spec.needs.cost > jobs::kCostMax) return refuse("a cost is 1 to 100");
  if (spec.needs.per_key.burst < 1) return refuse("a burst is at least 1");
  if (!fits(spec.kind, spec.handler)) return refuse("its handler is none for kind " + std::string(name_of(spec.kind)));
  if (!spec.cooperative && std::holds_alternative<JobHandler>(spec.handler)) {
    return refuse("does not look at its stop, and a thread can't be killed: make it a command, whose process can be");
  }
  if (spec.deterministic && (spec.kind != ToolKind::kJob || !spec.idempotent))
    return refuse("a deterministic tool is an idempotent job");
  auto arguments = Schema::compile(spec.arguments);
  if (!arguments) return refuse("arguments schema: " + to_string(arguments.error()));
  if (auto result = Schema::compile(spec.result); !result) return refuse("result schema: " + to_string(result.error()));
  if (!says_object(spec.arguments) || !says_object(spec.result))
    return refuse("both schemas need \"type\": \"object\"");
  auto tool = std::make_unique<Tool>(Tool{.spec = std::move(spec), .arguments = *std::move(arguments)});
  const std::string_view name = tool->spec.name;
  tools_.emplace(name, std::move(tool));
  return {};
}

const Tool* Registry::find(std::string_view name) const {
  if (base_ != nullptr) {
    if (const Tool* tool = base_->find(name)) return tool;
  }
  const auto found = tools_.find(name);
  return found == tools_.end() ? nullptr : found->second.get();
}

std::vector<const Tool*> Registry::list() const {
  std::vector<const Tool*> all;
  if (base_ != nullptr) all = base_->list();
  all.reserve(all.size() + tools_.size());
  for (const auto& [name, tool] : tools_) all.push_back(tool.get());
  std::ranges::sort(all, {}, [](const Tool* tool) { return std::string_view(tool->spec.name); });
  return all;
}

namespace {

void write_needs(PackMap& tool, const jobs::ToolNeeds& needs) {
  if (needs.cost != 1) tool.natural("cost", needs.cost);
  if (needs.per_key.limits()) tool.boolean("concurrency_key", true);
  jobs::write_amounts(tool, "resources", needs.resources);
  jobs::write_amounts(tool, "spends", needs.spends);
  if (needs.groups.empty()) return;
  PackArray groups = tool.array("groups");
  for (const std::string& group : needs.groups) groups.string(group);
}

}  // namespace

void write_tool(PackMap& tool, const ToolSpec& spec, bool with_schemas) {
  tool.string("name", spec.name).natural("version", spec.version).string("title", spec.title);
  tool.string("description", spec.description).string("kind", name_of(spec.kind));
  if (spec.kind == ToolKind::kJob) {
    tool.string("timeout_class", name_of(spec.timeout_class)).boolean("streams", spec.streams);
    tool.string("grade", jobs::name_of(spec.grade));
    if (spec.wait > Millis::zero()) tool.integer("wait_ms", spec.wait.count());
    if (spec.timeout > Millis::zero()) tool.integer("timeout_ms", spec.timeout.count());
    if (spec.result_ttl > Millis::zero()) tool.integer("result_ttl_ms", spec.result_ttl.count());
    if (spec.concurrency_max > 0) tool.natural("concurrency_max", spec.concurrency_max);
    write_needs(tool, spec.needs);
    if (const auto* remote = std::get_if<WorkerHandler>(&spec.handler))
      jobs::write_amounts(tool, "resources", remote->resources);
  }
  tool.boolean("read_only", spec.read_only).boolean("idempotent", spec.idempotent);
  if (spec.deterministic) tool.boolean("deterministic", true);
  tool.boolean("destructive", spec.destructive).boolean("open_world", spec.open_world);
  if (!with_schemas) return;
  write_json(tool.value("arguments"), nlohmann::json::parse(spec.arguments));
  write_json(tool.value("result"), nlohmann::json::parse(spec.result));
}

}  // namespace yard::tools
