// Time as an input. Nothing on the road reads a clock by itself: it is handed `Now`.
#pragma once

#include <chrono>
#include <cstdint>

namespace yard {

using Nanos = std::chrono::nanoseconds;
using Millis = std::chrono::milliseconds;
using SteadyTime = std::chrono::time_point<std::chrono::steady_clock, Nanos>;
using WallTime = std::chrono::time_point<std::chrono::system_clock, Nanos>;

// One reading of both clocks. Durations and deadlines use `steady`; `wall` is for people and records.
struct Now {
  SteadyTime steady;
  WallTime wall;
};

// Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Now now() const = 0;
};

// The machine's clocks.
class SystemClock final : public Clock {
 public:
  [[nodiscard]] Now now() const override {
    return {std::chrono::time_point_cast<Nanos>(std::chrono::steady_clock::now()),
            std::chrono::time_point_cast<Nanos>(std::chrono::system_clock::now())};
  }
};

// Nanoseconds since the clock's epoch, as they travel on the wire.
inline std::uint64_t to_ns(SteadyTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }
inline std::uint64_t to_ns(WallTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

}  // namespace yard
