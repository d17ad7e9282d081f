// Measuring beside a reference: both in one run, in turns, so that the machine's mood hits both.
#pragma once

#include <functional>
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
  double reach_for = 0;  // the ratio that the project aims at
  bool smaller_is_better = false;
};

struct Comparison {
  std::string name;
  std::string reference_name;
  std::string unit;
  double reach_for = 0;
  bool smaller_is_better = false;
  std::function<double()> ours;
  std::function<double()> reference;
};

[[nodiscard]] Outcome compare(const Comparison& comparison, int rounds);

[[nodiscard]] double median(std::vector<double> values);

void print_table(const std::vector<Outcome>& outcomes);
void print_json(const std::vector<Outcome>& outcomes);

}  // namespace yard::bench
