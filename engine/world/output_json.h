// Outputs of a world for people: what they are called, and what they hold.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/world/world.h"

namespace yard::graph {

// "node:port".
[[nodiscard]] std::string output_name(const Image& image, std::uint32_t output);

// The output's value, or {"fault", "text"}.
[[nodiscard]] nlohmann::ordered_json output_json(const World& world, std::uint32_t output);

// {"graph_hash", "nodes": [{"handle", "id", "type"}], "ports": [{"handle", "nodeId", "portId", "direction", "dtype",
// "class"}]}.
[[nodiscard]] nlohmann::ordered_json schema_json(const Image& image);

// Appends a member with the output's name, which `message` does not have yet: nobody looks.
void append_output(nlohmann::ordered_json& message, const World& world, std::uint32_t output);

}  // namespace yard::graph
