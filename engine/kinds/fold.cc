// Folds over what came: running sums, and windows of the newest values.

#include "engine/kinds/families.h"
#include "engine/kinds/fold_kernels.h"

namespace yard::graph {
namespace {

using namespace kernels;

Result<WindowSettings> window_settings(const Parameters& parameters) {
  return WindowSettings{static_cast<std::uint32_t>(parameters.get<std::int64_t>("size"))};
}

Kind window(std::string name, std::string summary, Overload overload) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .inputs = {{"x"}},
          .outputs = {"out"},
          .parameters = {{.name = "size", .type = DataType::kInt64, .least = 1, .most = 65'536}},
          .overloads = {std::move(overload)}};
}

}  // namespace

void add_fold(std::vector<Kind>& kinds) {
  kinds.push_back({.name = "Accumulate",
                   .summary = "The sum of all events or changes of x since reset.",
                   .inputs = {{"x"}, {"reset"}},
                   .outputs = {"out"},
                   .overloads = {overload<Accumulate<std::int64_t>>(), overload<Accumulate<double>>()}});
  kinds.push_back(window("WindowSum", "The sum of the newest values.", overload<Window<PlusFold>, window_settings>()));
  kinds.push_back(
      window("WindowMean", "The mean of the newest values.", overload<Window<MeanFold>, window_settings>()));
  kinds.push_back(
      window("WindowMinimum", "The least of the newest values.", overload<Window<LeastFold>, window_settings>()));
  kinds.push_back(
      window("WindowMaximum", "The greatest of the newest values.", overload<Window<GreatestFold>, window_settings>()));
}

}  // namespace yard::graph
