// Gate: when a node may run at all.
#pragma once

#include <algorithm>

#include "engine/base/clock.h"

namespace yard::reactive {

// Three reasons to wait, one answer. All times are logical.
struct Gate {
  // A run that keeps failing to come to an end waits this long, then twice as long each time, up to the maximum.
  static constexpr Nanos kBackoffFirst = Millis(250);
  static constexpr Nanos kBackoffMax = Millis(2000);

  Nanos debounce{0};  // no change for that long before a run
  Nanos throttle{0};  // that long between runs
  Nanos debounce_ready_at = Nanos::min();
  Nanos throttle_ready_at = Nanos::min();
  Nanos backoff_until = Nanos::min();
  Nanos backoff{0};               // the latest; 0: none is needed
  Nanos wakes_at = Nanos::max();  // the earliest wake asked for; max: none

  [[nodiscard]] Nanos eligible_at() const { return std::max({debounce_ready_at, throttle_ready_at, backoff_until}); }

  void triggered(Nanos now) {
    if (debounce > Nanos(0)) debounce_ready_at = now + debounce;
  }
  void ran(Nanos now) {
    if (throttle > Nanos(0)) throttle_ready_at = now + throttle;
  }
  // Returns whether it is the first one since all was well.
  bool back_off(Nanos now) {
    const bool first = backoff == Nanos(0);
    backoff = first ? kBackoffFirst : std::min(backoff * 2, kBackoffMax);
    backoff_until = now + backoff;
    return first;
  }
};

}  // namespace yard::reactive
