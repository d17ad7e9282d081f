#include "clients/cli/tool_info.h"

#include "clients/cli/arguments.h"
#include "clients/cli/job_wait.h"
#include "engine/base/pack_json.h"

namespace yard::cli {

Result<nlohmann::json> fetch_tool(client::Client& client, const std::string& name) {
  if (name.empty()) return fail(ErrorCode::kBadRequest, "the tool's name is empty");
  YARD_TRY(const client::Reply reply, get(client.tools(name)));
  nlohmann::json tools = to_json(reply.view().find("tools"));
  if (!tools.is_array() || tools.empty()) return fail(ErrorCode::kUnknownTool, "the broker does not describe " + name);
  return std::move(tools.front());
}

Millis usual_wait(const nlohmann::json& tool) {
  if (const auto wait = tool.find("wait_ms"); wait != tool.end() && wait->is_number_integer())
    return Millis(wait->get<std::int64_t>());
  const std::string timeout_class = tool.value("timeout_class", "");
  if (timeout_class == "short") return std::chrono::seconds(30);
  if (timeout_class == "medium") return std::chrono::seconds(45);
  return Millis(0);
}

std::string dispatch_class(const nlohmann::json& tool) {
  std::string kind = tool.value("kind", "");
  if (kind != "job") return kind;
  const auto workers = tool.find("workers");
  const std::string where = workers == tool.end() ? "" : ", workers: " + workers->dump();
  return tool.value("timeout_class", "") + " job" + where;
}

std::expected<Bytes, Failure> make_arguments(client::Client& client, const std::string& tool,
                                             const std::vector<std::string>& assignments, const std::string& args) {
  const auto as_usage = [](Result<Bytes> packed) -> std::expected<Bytes, Failure> {
    if (!packed) return std::unexpected(Failure(packed.error(), kExitUsage));
    return *std::move(packed);
  };
  if (!args.empty()) return as_usage(pack_arguments(args, read_file));
  // Without arguments there is nothing to type, and a round trip is saved.
  if (assignments.empty()) return as_usage(pack_assignments({}, {}, read_file));
  YARD_TRY(const nlohmann::json described, fetch_tool(client, tool));
  return as_usage(pack_assignments(assignments, described.value("arguments", nlohmann::json::object()), read_file));
}

}  // namespace yard::cli
