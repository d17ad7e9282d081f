// How nets are shown to people and programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "clients/cli/context.h"
#include "engine/nets/network.h"

namespace yard::cli {

// Prints everything that is wrong with `file`, and is the failure to end with.
[[nodiscard]] std::unexpected<Failure> report_net_problems(const std::string& file, const nets::Problems& problems,
                                                           bool as_json);

// The normal form, what is left, derived values, how many interactions.
[[nodiscard]] std::string net_text(const nets::Network& network, const nets::Reduction& done);

}  // namespace yard::cli
