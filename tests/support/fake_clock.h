// FakeClock: time that moves only when a test says so.
#pragma once

#include "engine/base/clock.h"

namespace yard {

// Starts at one hour of steady time and at 2001-09-09T01:46:40Z, so that neither clock reads zero.
// Threads: one.
class FakeClock final : public Clock {
 public:
  [[nodiscard]] Now now() const override { return now_; }

  // Moves both clocks.
  void advance(Nanos by) {
    now_.steady += by;
    now_.wall += by;
  }

  // Moves the wall clock alone, as an administrator or NTP does.
  void step_wall(Nanos by) { now_.wall += by; }

 private:
  Now now_{.steady = SteadyTime(std::chrono::hours(1)), .wall = WallTime(std::chrono::seconds(1'000'000'000))};
};

}  // namespace yard
