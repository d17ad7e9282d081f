#include "jobs/stop_means.h"

#include <algorithm>
#include <array>

namespace yard::jobs {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"",           "before_start", "cooperative",    "terminated",
                                                    "killed",     "late_result",  "broker_stopped", "revoked",
                                                    "worker_lost"};

}  // namespace

std::string_view name_of(StopMeans means) { return kNames[static_cast<std::size_t>(means)]; }

std::optional<StopMeans> parse_stop_means(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return StopMeans{static_cast<std::uint8_t>(found - kNames.begin())};
}

}  // namespace yard::jobs
