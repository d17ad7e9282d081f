// Nets as JSON: FORMAT.md has it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/nets/spec.h"

namespace yard::nets {

// Never fails: what cannot be understood is a problem and left out.
[[nodiscard]] NetSpec parse_net_json(std::string_view text, Problems& problems);

// The parts of a document that can be added to a net that runs: `where` is the pointer of what they are read from.
[[nodiscard]] SymbolSpec parse_symbol(const nlohmann::json& value, const std::string& where, Problems& problems);
[[nodiscard]] RuleSpec parse_rule(const nlohmann::json& value, const std::string& where, Problems& problems);
// "agent.port", or the name of a free wire.
[[nodiscard]] PortRef parse_port(std::string_view text, std::string where = {});

// And back.
[[nodiscard]] nlohmann::json to_json(const SymbolSpec& symbol);
[[nodiscard]] nlohmann::json to_json(const RuleSpec& rule);
[[nodiscard]] std::string to_text(const PortRef& port);

}  // namespace yard::nets
