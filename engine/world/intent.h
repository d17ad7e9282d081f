// Which effect an effect is, in whatever replay.
#pragma once

#include "engine/base/hash.h"
#include "engine/graph/settings.h"
#include "engine/graph/types.h"

namespace yard::graph {

// The value as msgpack: JSON as what it says, bytes as binary.
[[nodiscard]] Bytes pack_value(const ParameterValue& value, DataType type);

// Of `params` that leave a node as `channel`: tickets::intent_hash with the node's id as business data.
[[nodiscard]] Hash128 intent_of(std::string_view channel, BytesView params, std::uint64_t event_id,
                                std::string_view node);

// JSON in canonical text.
[[nodiscard]] std::string json_of_packed(BytesView packed);

}  // namespace yard::graph
