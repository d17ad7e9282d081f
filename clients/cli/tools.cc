// tools: what the broker offers.
#include <algorithm>
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "clients/cli/tool_info.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kTextWidth = 100;

constexpr const char* kExamples =
    "  switchyard tools\n"
    "  switchyard tools abc_to_midi\n"
    "  switchyard tools abc_to_midi --json | jq .arguments\n";

std::string type_of(const json& property) {
  const auto type = property.find("type");
  std::string text = type == property.end() ? "any" : type->is_string() ? type->get<std::string>() : compact(*type);
  if (property.value("contentEncoding", json()) == "base64") text += " (bytes)";
  return text;
}

// What else the schema says, shortly: bounds, choices, the default.
std::string rules_of(const json& property) {
  std::string rules;
  const auto add = [&](std::string_view name, const json& value) {
    rules += (rules.empty() ? "" : "; ") + std::string(name) + " " + one_line(compact(value));
  };
  for (const auto& [key, shown] : {std::pair("enum", "one of"),
                                   {"minimum", "from"},
                                   {"maximum", "to"},
                                   {"minLength", "length from"},
                                   {"maxLength", "length to"},
                                   {"minItems", "items from"},
                                   {"maxItems", "items to"},
                                   {"pattern", "pattern"},
                                   {"default", "default"}}) {
    if (const auto found = property.find(key); found != property.end()) add(shown, *found);
  }
  return rules;
}

void print_arguments(const json& schema) {
  const json properties = schema.value("properties", json::object());
  if (properties.empty()) return void(print_line("arguments: none"));
  const json required = schema.value("required", json::array());
  print_line("arguments:");
  for (const auto& [name, property] : properties.items()) {
    const bool is_required = std::ranges::find(required, json(name)) != required.end();
    const std::string rules = rules_of(property);
    print_line("  " + one_line(name) + "  " + type_of(property) + (is_required ? ", required" : "") +
               (rules.empty() ? "" : "  (" + rules + ")"));
    if (const std::string text = property.value("description", ""); !text.empty())
      print(wrapped(one_line(text), kTextWidth, "      "));
  }
}

std::string annotations_of(const json& tool) {
  std::string text;
  for (const char* name : {"read_only", "idempotent", "deterministic", "destructive", "open_world", "streams"}) {
    if (tool.value(name, false)) text += (text.empty() ? "" : ", ") + std::string(name);
  }
  return text.empty() ? "none" : text;
}

void print_tool(const json& tool) {
  print_line(tool.value("name", "") + "  " + one_line(tool.value("title", "")));
  print_line("");
  print(wrapped(one_line(tool.value("description", "")), kTextWidth, "  "));
  print_line("");
  print_line("kind: " + dispatch_class(tool) + ", version " + std::to_string(tool.value("version", 0)));
  if (tool.value("kind", "") == "job")
    print_line("held for: " + duration(static_cast<double>(usual_wait(tool).count())));
  print_line("annotations: " + annotations_of(tool) + "\n");
  print_arguments(tool.value("arguments", json::object()));
  print_line("\narguments' schema:\n" + readable(tool.value("arguments", json::object())));
  print_line("\nresult's schema:\n" + readable(tool.value("result", json::object())));
}

Outcome list_tools(Context& context, client::Client& client, bool names) {
  YARD_TRY(const client::Reply reply, get(client.tools()));
  const json tools = to_json(reply.view().find("tools"));
  if (names) {
    for (const json& tool : tools) print_line(tool.value("name", ""));
    return {};
  }
  if (context.json) return print_line(compact({{"tools", tools}})), Outcome();
  std::vector<std::vector<std::string>> rows = {{"NAME", "KIND", "CLASS", "TITLE"}};
  for (const json& tool : tools) {
    rows.push_back({tool.value("name", ""), tool.value("kind", ""), tool.value("timeout_class", ""),
                    one_line(tool.value("title", ""))});
  }
  print(table(rows));
  return {};
}

Outcome tools(Context& context, const std::string& name, bool names) {
  YARD_TRY(client::Client * client, context.connect());
  if (name.empty()) return list_tools(context, *client, names);
  YARD_TRY(const json tool, fetch_tool(*client, name));
  if (context.json) {
    print_line(compact(tool));
  } else {
    print_tool(tool);
  }
  return {};
}

}  // namespace

void add_tools_command(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "tools", "List the tools, or describe one", kExamples);
  const auto name = std::make_shared<std::string>();
  const auto names = std::make_shared<bool>(false);
  command->add_option("name", *name, "The tool");
  command->add_flag("--names", *names, "Only the names, one a line");
  command->callback(
      [&context, name, names] { context.action = [&context, name, names] { return tools(context, *name, *names); }; });
}

}  // namespace yard::cli
