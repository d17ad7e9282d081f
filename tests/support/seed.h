// The seed of a random test: YARD_TEST_SEED, or the clock's.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdlib>

#include "engine/base/random.h"

namespace yard {

// A test prints it (SCOPED_TRACE), so that a failure can be run again with YARD_TEST_SEED.
inline std::uint64_t test_seed() {
  if (const char* given = std::getenv("YARD_TEST_SEED")) return std::strtoull(given, nullptr, 10);
  return static_cast<std::uint64_t>(std::chrono::system_clock::now().time_since_epoch().count());
}

// 0 to `bound` - 1.
inline std::uint64_t below(Random& random, std::uint64_t bound) { return random.next() % bound; }

}  // namespace yard
