// Between msgpack and JSON, for command lines, configuration and the gateway; never on the road.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/base/pack.h"

namespace yard {

// Parses JSON from outside.
//
// Errors: kBadRequest for what is no JSON, kTooLarge for containers nested deeper than `depth_max`:
//         copying, printing and comparing nlohmann's values recurses.
[[nodiscard]] Result<nlohmann::json> parse_json(std::string_view text, std::size_t depth_max = 64);

// Binaries become base64 text. `view` borrows checked bytes; nothing there becomes null.
[[nodiscard]] nlohmann::json to_json(PackView view);

// Appends `value` as msgpack.
void write_json(PackWriter& writer, const nlohmann::json& value);

// The same as new bytes.
[[nodiscard]] Bytes pack(const nlohmann::json& value);

}  // namespace yard
