// Counts what this program allocates.
#pragma once

#include <cstdint>

namespace yard::reactive::testing {

// Calls of operator new so far. Threads: any.
[[nodiscard]] std::uint64_t allocations();

}  // namespace yard::reactive::testing
