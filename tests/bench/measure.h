// Measuring beside a reference: both in one run, in turns, so that the machine's mood hits both.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace yard::bench {

// One benchmark's outcome. `ours` and `reference` are medians over the rounds, in `unit`; `ratio` is the
// median of the rounds' own ratios, ours to reference.
struct Outcome {
  std::string name;
  std::string reference_name;
  std::string unit;
  double ours = 0;
  double reference = 0;
  double ratio = 0;
  double ratio_low = 0;  // the best and the worst round
  double ratio_high = 0;
  double reach_for = 0;  // the ratio that the project aims at; 0: measured to be known
  bool smaller_is_better = false;
  std::string missing;  // why there are no figures; empty where there are
};

struct Comparison {
  std::string name;
  std::string reference_name;
  std::string unit;
  double reach_for = 0;
  bool smaller_is_better = false;
  std::function<double()> ours;
  std::function<double()> reference;
  std::string missing;  // what this machine lacks to measure it, and how to get it; empty: nothing
};

[[nodiscard]] Outcome compare(const Comparison& comparison, int rounds);

[[nodiscard]] double median(std::vector<double> values);

// Makes a T when it is first asked for, and keeps it as long as any copy of what is returned: comparisons share
// a setting, and those that nobody asked for cost nothing.
template <typename T>
auto lazily() {
  return [slot = std::make_shared<std::unique_ptr<T>>()]() -> T& {
    if (!*slot) *slot = std::make_unique<T>();
    return **slot;
  };
}

// Median of single round trips, in microseconds.
template <typename Send, typename Receive>
double round_trip_us(int times, Send&& send, Receive&& receive) {
  std::vector<double> all;
  all.reserve(static_cast<std::size_t>(times));
  for (int i = 0; i < times; ++i) {
    const auto began = std::chrono::steady_clock::now();
    send();
    receive();
    all.push_back(std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - began).count());
  }
  return median(all);
}

// Messages a second with `window` of them on their way at any time, in thousands.
template <typename Send, typename Receive>
double pipelined_k(int count, int window, Send&& send, Receive&& receive) {
  const auto began = std::chrono::steady_clock::now();
  for (int i = 0; i < window; ++i) send();
  for (int i = 0; i < count; ++i) {
    receive();
    if (i + window < count) send();
  }
  return count / std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began).count();
}

void print_table(const std::vector<Outcome>& outcomes);
void print_json(const std::vector<Outcome>& outcomes);

}  // namespace yard::bench
