// What knows the time: what the kinds compute.
#pragma once

#include <algorithm>

#include "engine/graph/signature.h"
#include "engine/kinds/random_stream.h"

namespace yard::graph::kernels {

inline constexpr std::int64_t kNanosPerMs = 1'000'000;

struct TimerSettings {
  std::int64_t interval_ns;
};

template <typename T>
struct Timer {
  using Settings = TimerSettings;
  struct State {
    std::int64_t due_ns;
    bool is_running;
  };
  static constexpr int kTicksMax = 4'096;  // at a time; what is due beyond it comes next, and nothing is lost

  void operator()(State& state, const Settings& settings, Outside& outside, Emit<T> tick) const {
    if (!state.is_running) state = {outside.now_ns() + settings.interval_ns, true};
    for (int ticks = 0; state.due_ns <= outside.now_ns() && ticks < kTicksMax; ++ticks) {
      tick(T{1});
      state.due_ns += settings.interval_ns;
    }
    outside.wake(std::max(state.due_ns, outside.now_ns()));
  }
};

// NodeFlow's source: set from outside, or by itself at random times if it has a longest interval.
template <typename T>
struct TriggerSettings {
  T value;
  double least_ms;
  double most_ms;
};

template <typename T>
struct DeviceTrigger {
  using Settings = TriggerSettings<T>;
  struct State {
    std::uint64_t stream;
    T value;
    bool is_running;
  };
  static void begin(State& state, std::uint64_t seed) { state.stream = seed; }

  T operator()(State& state, const Settings& settings, Outside& outside) const {
    state.value = state.is_running ? draw(state) : settings.value;
    state.is_running = true;
    if (settings.most_ms > 0) {
      const double ms = settings.least_ms + next_fraction(state.stream) * (settings.most_ms - settings.least_ms);
      outside.wake(outside.now_ns() + std::max<std::int64_t>(1, static_cast<std::int64_t>(ms * kNanosPerMs)));
    }
    return state.value;
  }

 private:
  static T draw(State& state) {
    if constexpr (std::is_same_v<T, double>)
      return next_fraction(state.stream);
    else
      return state.value == T{} ? T{1} : T{};
  }
};

struct DelaySettings {
  std::int64_t delay_ns;
  std::uint32_t capacity;
  [[nodiscard]] std::uint32_t slots() const { return capacity * 2; }  // each: when it is due, and the value
};

template <typename T>
struct Delay {
  using Settings = DelaySettings;
  struct State {
    std::uint32_t first;
    std::uint32_t count;
    T newest;
    T out;
    bool is_running;
  };

  OrFault<T> operator()(State& state, Slots slots, const Settings& settings, Outside& outside, T x) const {
    const auto place = [&](std::uint32_t at) {
      return slots.words.data() + (state.first + at) % settings.capacity * 2;
    };
    if (!state.is_running) state.newest = state.out = x;
    state.is_running = true;
    for (; state.count > 0 && static_cast<std::int64_t>(place(0)[0]) <= outside.now_ns(); --state.count) {
      state.out = Cell::from_bits(place(0)[1]).template get<T>();
      state.first = (state.first + 1) % settings.capacity;
    }
    if (!(Cell(x) == Cell(state.newest))) {
      if (state.count == settings.capacity) return fault(FaultCode::kTooLarge, "more changes than capacity");
      place(state.count)[0] = static_cast<std::uint64_t>(outside.now_ns() + settings.delay_ns);
      place(state.count)[1] = Cell(x).bits();
      ++state.count;
      state.newest = x;
    }
    if (state.count > 0) outside.wake(static_cast<std::int64_t>(place(0)[0]));
    return state.out;
  }
};

struct QuietSettings {
  std::int64_t ns;
};

template <typename T>
struct Debounce {
  using Settings = QuietSettings;
  struct State {
    std::int64_t due_ns;
    T newest;
    T out;
    bool is_running;
    bool is_waiting;
  };

  T operator()(State& state, const Settings& settings, Outside& outside, T x) const {
    if (!state.is_running) {
      state = {0, x, x, true, false};
    } else if (!(Cell(x) == Cell(state.newest))) {
      state.newest = x;
      state.is_waiting = true;
      state.due_ns = outside.now_ns() + settings.ns;
      outside.wake(state.due_ns);
    } else if (state.is_waiting && outside.now_ns() >= state.due_ns) {
      state.out = x;
      state.is_waiting = false;
    }
    return state.out;
  }
};

template <typename T>
struct Throttle {
  using Settings = QuietSettings;
  struct State {
    std::int64_t free_ns;  // when the next change may go through
    T out;
    bool is_running;
  };

  T operator()(State& state, const Settings& settings, Outside& outside, T x) const {
    const bool is_change = state.is_running && !(Cell(x) == Cell(state.out));
    if (is_change && outside.now_ns() < state.free_ns) {
      outside.wake(state.free_ns);
      return state.out;
    }
    if (is_change) state.free_ns = outside.now_ns() + settings.ns;
    state.out = x;
    state.is_running = true;
    return state.out;
  }
};

}  // namespace yard::graph::kernels
