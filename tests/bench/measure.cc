#include "tests/bench/measure.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace yard::bench {

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  std::ranges::sort(values);
  return values[values.size() / 2];
}

Outcome compare(const Comparison& comparison, int rounds) {
  if (!comparison.missing.empty()) return {.name = comparison.name, .missing = comparison.missing};
  std::vector<double> ours;
  std::vector<double> references;
  std::vector<double> ratios;
  for (int round = 0; round < rounds; ++round) {
    // Who goes first alternates, too.
    const bool first = round % 2 == 0;
    double reference = first ? comparison.reference() : 0;
    const double mine = comparison.ours();
    if (!first) reference = comparison.reference();
    ours.push_back(mine);
    references.push_back(reference);
    ratios.push_back(mine / reference);
  }
  const auto [low, high] = std::ranges::minmax(ratios);
  return {.name = comparison.name,
          .reference_name = comparison.reference_name,
          .unit = comparison.unit,
          .ours = median(ours),
          .reference = median(references),
          .ratio = median(ratios),
          .ratio_low = low,
          .ratio_high = high,
          .reach_for = comparison.reach_for,
          .smaller_is_better = comparison.smaller_is_better};
}

void print_table(const std::vector<Outcome>& outcomes) {
  std::printf("%-34s %12s %12s %-8s %7s %15s %10s  %s\n", "benchmark", "ours", "reference", "unit", "ratio",
              "worst to best", "reach for", "reference");
  for (const Outcome& o : outcomes) {
    if (!o.missing.empty()) {
      std::printf("%-34s %s\n", o.name.c_str(), o.missing.c_str());
      continue;
    }
    const double worst = o.smaller_is_better ? o.ratio_high : o.ratio_low;
    const double best = o.smaller_is_better ? o.ratio_low : o.ratio_high;
    char reach_for[16] = "-";
    if (o.reach_for > 0)
      std::snprintf(reach_for, sizeof reach_for, "%s %.2f", o.smaller_is_better ? "<" : ">", o.reach_for);
    std::printf("%-34s %12.1f %12.1f %-8s %7.2f %7.2f %7.2f %10s  %s\n", o.name.c_str(), o.ours, o.reference,
                o.unit.c_str(), o.ratio, worst, best, reach_for, o.reference_name.c_str());
  }
}

void print_json(const std::vector<Outcome>& outcomes) {
  nlohmann::json all = nlohmann::json::array();
  for (const Outcome& o : outcomes) {
    if (!o.missing.empty()) {
      all.push_back({{"name", o.name}, {"missing", o.missing}});
      continue;
    }
    all.push_back({{"name", o.name},
                   {"reference", o.reference_name},
                   {"unit", o.unit},
                   {"ours", o.ours},
                   {"reference_value", o.reference},
                   {"ratio", o.ratio},
                   {"ratio_low", o.ratio_low},
                   {"ratio_high", o.ratio_high},
                   {"reach_for", o.reach_for},
                   {"smaller_is_better", o.smaller_is_better}});
  }
  std::printf("%s\n", all.dump(2).c_str());
}

}  // namespace yard::bench
