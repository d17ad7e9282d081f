// Records for people: what each says, by name.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/graph/image.h"
#include "engine/tickets/record.h"

namespace yard::graph {

// An object with kind, event_id, lane_id where it is not 0, and what the body says: nodes by id, outputs by name.
// Without an image, or where it does not fit, nodes are numbers.
[[nodiscard]] nlohmann::ordered_json to_json(const tickets::Record& record, const Image* image);

// A value as JSON: doubles that are none of JSON's as text, bytes as base64.
[[nodiscard]] nlohmann::ordered_json to_json(const ParameterValue& value, DataType type);

}  // namespace yard::graph
