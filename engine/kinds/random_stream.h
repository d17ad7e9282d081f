// A node's own random numbers, in 8 bytes of its state.
#pragma once

#include <cstdint>

namespace yard::graph {

// The same sequence for the same seed, on every machine.
// Source: SplitMix64, Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014.
inline std::uint64_t next_random(std::uint64_t& stream) {
  std::uint64_t z = (stream += 0x9E3779B97F4A7C15ull);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

// In [0, 1), of 53 bits.
inline double next_fraction(std::uint64_t& stream) { return static_cast<double>(next_random(stream) >> 11) * 0x1p-53; }

}  // namespace yard::graph
