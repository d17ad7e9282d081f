// Randomness: what the kinds compute.
#pragma once

#include "engine/graph/signature.h"
#include "engine/kinds/random_stream.h"

namespace yard::graph::kernels {

template <typename T>
struct Random {
  struct State {
    std::uint64_t stream;
    T value;
    bool has_drawn;
  };
  static void begin(State& state, std::uint64_t seed) { state.stream = seed; }

  T operator()(State& state, Events<double> trigger, T low, T high) const {
    // Once without being asked: there is a value from the beginning.
    const std::size_t times = state.has_drawn ? trigger.size() : 1;
    for (std::size_t i = 0; i < times; ++i) state.value = draw(state.stream, low, high);
    state.has_drawn = true;
    return state.value;
  }

 private:
  static double draw(std::uint64_t& stream, double low, double high) {
    return low + next_fraction(stream) * (high - low);
  }
  static std::int64_t draw(std::uint64_t& stream, std::int64_t low, std::int64_t high) {
    const std::uint64_t bits = next_random(stream);
    const std::uint64_t choices = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    if (high <= low) return low;
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + bits % choices);
  }
};

}  // namespace yard::graph::kernels
