// A fast hash of bytes, for tables and for telling bodies apart; not against an adversary.
#pragma once

#include <cstdint>

#include "engine/base/bytes.h"

namespace yard {

// XXH3, 64 bits: the same on every machine.
[[nodiscard]] std::uint64_t hash64(BytesView bytes, std::uint64_t seed = 0);

}  // namespace yard
