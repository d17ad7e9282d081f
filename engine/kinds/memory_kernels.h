// What remembers: what the kinds compute.
#pragma once

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

// Any value above a half is high, as NodeFlow has it; so are true and every whole number from 1 on.
template <typename T>
bool is_high(T value) {
  return static_cast<double>(value) > 0.5;
}

template <typename T>
struct Latch {
  struct State {
    T held;
  };
  T operator()(State& state, T x, bool hold) const {
    if (!hold) state.held = x;
    return state.held;
  }
};
template <DataType kType>
struct LatchText {
  using State = Text;
  Out<kType> operator()(Text& held, In<kType> x, bool hold) const {
    if (!hold) held = x.text;
    return {held};
  }
};

struct SetReset {
  struct State {
    bool is_set;
  };
  bool operator()(State& state, bool set, bool reset) const {
    state.is_set = !reset && (set || state.is_set);
    return state.is_set;
  }
};

// Whether there was a rising edge in a level, or how many events were high.
struct Edges {
  bool was_high;

  template <typename T>
  std::int64_t count(const Events<T>& events) {
    std::int64_t rising = 0;
    for (std::size_t i = 0; i < events.size(); ++i) {
      const bool high = is_high(events[i]);
      rising += high && !(events.is_level() && was_high);
      was_high = high;
    }
    return rising;
  }
};

template <typename T>
struct Toggle {
  struct State {
    Edges edges;
    bool is_on;
  };
  bool operator()(State& state, Events<T> trigger) const {
    if (state.edges.count(trigger) % 2 != 0) state.is_on = !state.is_on;
    return state.is_on;
  }
};

template <typename T, typename R>
struct Counter {
  struct State {
    std::int64_t count;
    Edges edges;
  };
  R operator()(State& state, Events<T> trigger) const {
    state.count += state.edges.count(trigger);
    return static_cast<R>(state.count);
  }
};

}  // namespace yard::graph::kernels
