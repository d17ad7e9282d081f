// Randomness as an input: the system's for ids and sessions, a seeded one for tests and the simulator.
#pragma once

#include <cstdint>

#include "engine/base/id.h"

namespace yard {

// Threads: one.
class Random {
 public:
  virtual ~Random() = default;
  [[nodiscard]] virtual std::uint64_t next() = 0;
};

// Unpredictable bits from the kernel, buffered. Aborts if the kernel has none (it always has, once booted).
class SystemRandom final : public Random {
 public:
  [[nodiscard]] std::uint64_t next() override;

 private:
  static constexpr std::size_t kBuffered = 64;
  std::uint64_t buffer_[kBuffered] = {};
  std::size_t left_ = 0;
};

// The same sequence for the same seed, on every machine.
// Source: SplitMix64, Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA 2014.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}
  [[nodiscard]] std::uint64_t next() override;

 private:
  std::uint64_t state_;
};

// A random id; never the zero one.
[[nodiscard]] Uuid make_uuid(Random& random);

}  // namespace yard
