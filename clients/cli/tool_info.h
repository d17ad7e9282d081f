// What the broker says about a tool.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "clients/cli/context.h"
#include "engine/base/clock.h"

namespace yard::cli {

// The tool with its schemas. Errors: kUnknownTool and the client's.
[[nodiscard]] Result<nlohmann::json> fetch_tool(client::Client& client, const std::string& name);

// How long the broker holds a caller of this job tool who doesn't say.
[[nodiscard]] Millis usual_wait(const nlohmann::json& tool);

// The class of dispatch, for people: "immediate", "ack", "short job" and so on.
[[nodiscard]] std::string dispatch_class(const nlohmann::json& tool);

// The argument map's msgpack: `assignments` typed by the tool's schema, or `args` where it is given.
[[nodiscard]] std::expected<Bytes, Failure> make_arguments(client::Client& client, const std::string& tool,
                                                           const std::vector<std::string>& assignments,
                                                           const std::string& args);

}  // namespace yard::cli
