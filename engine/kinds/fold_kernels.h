// Folds over what came: what the kinds compute.
#pragma once

#include <algorithm>

#include "engine/graph/signature.h"

namespace yard::graph::kernels {

template <typename T>
struct Accumulate;
template <>
struct Accumulate<double> {
  struct State {
    double sum;
  };
  double operator()(State& state, Events<double> x, bool reset) const {
    for (std::size_t i = 0; i < x.size(); ++i) state.sum += x[i];
    if (reset) state.sum = 0;
    return state.sum;
  }
};
template <>
struct Accumulate<std::int64_t> {
  struct State {
    std::int64_t sum;
  };
  OrFault<std::int64_t> operator()(State& state, Events<std::int64_t> x, bool reset) const {
    for (std::size_t i = 0; i < x.size(); ++i)
      if (__builtin_add_overflow(state.sum, x[i], &state.sum)) {
        state.sum = 0;
        return fault(FaultCode::kOverflow, "the sum does not fit int64 and begins anew");
      }
    if (reset) state.sum = 0;
    return state.sum;
  }
};

struct WindowSettings {
  std::uint32_t size;
  [[nodiscard]] std::uint32_t slots() const { return size; }
};

// Over the newest `size` values, from the first one on. Summed anew each time, so that rounding doesn't add up.
template <typename Fold>
struct Window {
  using Settings = WindowSettings;
  struct State {
    std::uint32_t next;
    std::uint32_t count;
  };
  double operator()(State& state, Slots slots, const Settings& settings, Events<double> x) const {
    for (std::size_t i = 0; i < x.size(); ++i) {
      slots.words[state.next] = Cell(x[i]).bits();
      state.next = (state.next + 1) % settings.size;
      state.count = std::min(state.count + 1, settings.size);
    }
    if (state.count == 0) return 0;
    const auto at = [&](std::uint32_t i) { return Cell::from_bits(slots.words[i]).template get<double>(); };
    double folded = at(0);
    for (std::uint32_t i = 1; i < state.count; ++i) folded = Fold{}(folded, at(i));
    return Fold::kIsMean ? folded / state.count : folded;
  }
};
struct PlusFold {
  static constexpr bool kIsMean = false;
  double operator()(double a, double b) const { return a + b; }
};
struct MeanFold : PlusFold {
  static constexpr bool kIsMean = true;
};
struct LeastFold {
  static constexpr bool kIsMean = false;
  double operator()(double a, double b) const { return std::min(a, b); }
};
struct GreatestFold {
  static constexpr bool kIsMean = false;
  double operator()(double a, double b) const { return std::max(a, b); }
};

}  // namespace yard::graph::kernels
