// How a net is shown to programs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/nets/network.h"

namespace yard::nets {

// null where it has no value.
[[nodiscard]] nlohmann::json value_json(const Derived& derived);
// A pair whose rule does not apply, and why.
[[nodiscard]] std::string pair_text(const Network& network, const Stuck& pair);
// {"normal", "interactions", "agents", "pairs_left", "net", "rest", "cut", "stuck", "derived", "rules", "hash"}.
[[nodiscard]] nlohmann::json net_json(const Network& network, const Reduction& done);

}  // namespace yard::nets
