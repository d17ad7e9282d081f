#include "broker/commands.h"

#include "broker/scheduling_config.h"
#include "broker/section.h"

namespace yard::broker {
namespace {

constexpr std::string_view kObject = R"({"type": "object"})";

Status read_timing(Section& section, tools::ToolSpec& spec) {
  YARD_TRY_STATUS(section.take<std::string>("timeout_class", "short, medium or long", [&](const std::string& value) {
    for (const auto each : {tools::TimeoutClass::kShort, tools::TimeoutClass::kMedium, tools::TimeoutClass::kLong}) {
      if (value != name_of(each)) continue;
      spec.timeout_class = each;
      return true;
    }
    return false;
  }));
  std::uint64_t timeout_ms = 0;
  std::uint64_t at_once = 0;
  YARD_TRY_STATUS(section.natural("timeout_ms", timeout_ms));
  std::uint64_t result_ttl_ms = 0;
  YARD_TRY_STATUS(section.natural("result_ttl_ms", result_ttl_ms));
  YARD_TRY_STATUS(section.natural("concurrency_max", at_once));
  spec.timeout = Millis(static_cast<std::int64_t>(timeout_ms));
  spec.result_ttl = Millis(static_cast<std::int64_t>(result_ttl_ms));
  spec.concurrency_max = static_cast<std::uint32_t>(at_once);
  YARD_TRY_STATUS(section.flag("idempotent", spec.idempotent));
  YARD_TRY_STATUS(section.flag("deterministic", spec.deterministic));
  return section.flag("read_only", spec.read_only);
}

Status read_environment(Section& section, jobs::CommandSpec& command) {
  const toml::node* node = section.node("environment");
  if (node == nullptr) return {};
  const toml::table* table = node->as_table();
  if (table == nullptr) return section.refuse(*node, "environment: expected a table of texts");
  for (const auto& [name, value] : *table) {
    const auto text = value.value<std::string>();
    if (!text) return section.refuse(value, "environment: expected a table of texts");
    command.environment.emplace(name.str(), *text);
  }
  return {};
}

Status read_command(Section& section, jobs::CommandSpec& command) {
  YARD_TRY_STATUS(section.texts("argv", command.argv));
  YARD_TRY_STATUS(section.text("working_folder", command.working_folder));
  YARD_TRY_STATUS(read_environment(section, command));
  jobs::CommandLimits& limits = command.limits;
  YARD_TRY_STATUS(section.natural("memory_bytes", limits.memory_bytes));
  YARD_TRY_STATUS(section.natural("cpu_seconds", limits.cpu_seconds));
  YARD_TRY_STATUS(section.natural("file_bytes", limits.file_bytes));
  YARD_TRY_STATUS(section.natural("open_files", limits.open_files));
  YARD_TRY_STATUS(section.flag("network", command.network));
  return section.flag("sandbox", command.sandbox);
}

Result<tools::ToolSpec> read_tool(const toml::table& table) {
  Section section("commands", table);
  tools::ToolSpec spec;
  spec.kind = tools::ToolKind::kJob;
  spec.streams = true;
  spec.arguments = spec.result = kObject;
  YARD_TRY_STATUS(section.text("name", spec.name));
  spec.title = spec.name;
  spec.description = "a command that this broker's configuration declares";
  YARD_TRY_STATUS(section.text("title", spec.title));
  YARD_TRY_STATUS(section.text("description", spec.description));
  YARD_TRY_STATUS(section.text("arguments", spec.arguments));
  YARD_TRY_STATUS(section.text("result", spec.result));
  YARD_TRY_STATUS(read_timing(section, spec));
  YARD_TRY_STATUS(read_needs(section, spec.needs));
  jobs::CommandSpec command;
  YARD_TRY_STATUS(read_command(section, command));
  if (command.argv.empty()) return section.refuse(table, "argv: a command needs its program");
  spec.open_world = command.network || !command.sandbox;
  spec.handler = tools::CommandHandler{std::move(command)};
  YARD_TRY_STATUS(section.all_known());
  return spec;
}

}  // namespace

Status read_commands(const toml::table& file, std::vector<tools::ToolSpec>& commands) {
  const toml::node* node = file.get("commands");
  if (node == nullptr) return {};
  const toml::array* tables = node->as_array();
  if (tables == nullptr) return fail(ErrorCode::kBadRequest, "commands: expected [[commands]] tables");
  for (const toml::node& each : *tables) {
    const toml::table* table = each.as_table();
    if (table == nullptr) return fail(ErrorCode::kBadRequest, "commands: expected [[commands]] tables");
    YARD_TRY(tools::ToolSpec spec, read_tool(*table));
    commands.push_back(std::move(spec));
  }
  return {};
}

}  // namespace yard::broker
