// Counts what this program takes from the heap, on any thread.
#pragma once

#include <cstdint>

namespace yard::tickets {

[[nodiscard]] std::uint64_t allocations();

}  // namespace yard::tickets
