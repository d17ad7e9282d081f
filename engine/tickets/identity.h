// Identities that do not depend on timing: a step's seed, a key's lane, an effect's intent.
//
// Everything here is published with vectors in RECORDS.md: another implementation has to get the same numbers.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/hash.h"
#include "engine/base/pack.h"

namespace yard::tickets {

// What a step's random numbers follow from: H(event_id, reducer, key). A step that is computed again has it again.
[[nodiscard]] std::uint64_t step_seed(std::uint64_t event_id, std::string_view reducer, BytesView key);

// The lane of a key, of `lanes`, at least 1 of them.
[[nodiscard]] std::uint16_t lane_of(BytesView key, std::uint32_t lanes);

// What an effect is to do. Borrowed.
struct Intent {
  std::string_view kind;  // a channel, or a tool
  BytesView params;       // checked msgpack: one value, in any form
  std::string_view cap;   // in whose name; may be empty
  BytesView key;          // the idempotency key
};

// Of business data and of where the effect stands: the effect `index` of the step `event_id`.
[[nodiscard]] Bytes idempotency_key(std::uint64_t event_id, std::uint32_t index, BytesView business);

// One name for one intent: params that are equal, in whatever form, give the same.
//
// Not against an adversary, who could make two intents look like one: whoever queues effects for several principals
// has to keep them apart by `cap`.
[[nodiscard]] Hash128 intent_hash(const Intent& intent);

}  // namespace yard::tickets
