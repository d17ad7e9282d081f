#include "engine/base/hash.h"

#include <xxhash.h>

namespace yard {

std::uint64_t hash64(BytesView bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace yard
