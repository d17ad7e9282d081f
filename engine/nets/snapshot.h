// A net's state as bytes, rules included.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/nets/spec.h"
#include "engine/nets/state.h"
#include "engine/nets/text_pool.h"

namespace yard::nets {

inline constexpr std::string_view kSnapshotMagic = "SYNET\x01";  // what the bytes begin with

// Equal states have equal bytes, whatever the number of workers and however the reductions were cut.
[[nodiscard]] Bytes save(const State& state, const TextPool& texts, const std::vector<DerivedSpec>& derived = {});

struct Loaded {
  State state;
  std::vector<DerivedSpec> derived;
};

// Everything is checked before it is believed.
//
// Errors: kBadRequest for bytes that are no snapshot, or say what cannot be; kUnsupported for a net with rules in C++,
//         which bytes cannot hold.
[[nodiscard]] Result<Loaded> load(BytesView bytes, TextPool& texts);

}  // namespace yard::nets
