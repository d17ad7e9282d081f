// Between msgpack and JSON, for command lines, configuration and the gateway; never on the road.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/base/pack.h"

namespace yard {

// Binaries become base64 text. `view` borrows checked bytes; nothing there becomes null.
[[nodiscard]] nlohmann::json to_json(PackView view);

// Appends `value` as msgpack.
void write_json(PackWriter& writer, const nlohmann::json& value);

// The same as new bytes.
[[nodiscard]] Bytes pack(const nlohmann::json& value);

}  // namespace yard
