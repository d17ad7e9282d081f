// How often this program has allocated. Only for programs that are built with allocations.cc.
#pragma once

#include <cstdint>

namespace yard {

// Calls of operator new since the program began, on any thread.
[[nodiscard]] std::uint64_t allocations();

}  // namespace yard
