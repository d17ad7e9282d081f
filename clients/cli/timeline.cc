#include "clients/cli/timeline.h"

#include <algorithm>
#include <cstdio>

#include "clients/cli/output.h"

namespace yard::cli {
namespace {

std::string padded(std::string text, std::size_t width) {
  text.resize(std::max(text.size(), width), ' ');
  return text;
}

}  // namespace

void Timeline::add(Moment moment) {
  const double offset = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
  if (moment.latency_ms >= 0 && !moment.dispatch.empty()) {
    auto found = std::ranges::find(latencies_, moment.dispatch, &decltype(latencies_)::value_type::first);
    if (found == latencies_.end()) found = latencies_.insert(found, {moment.dispatch, {}});
    found->second.push_back(moment.latency_ms);
  }
  if (!quiet_) {
    char at[32] = {};
    std::snprintf(at, sizeof at, "%8.0f ms  ", offset);
    const std::string latency = moment.latency_ms < 0 ? "" : duration(moment.latency_ms);
    print_line(at + padded(moment.verb, 8) + padded(moment.tool, 20) + padded(moment.dispatch, 13) +
               padded(latency, 10) + one_line(moment.outcome));
  }
  entries_.push_back({offset, std::move(moment)});
}

std::string Timeline::latency_table() const {
  std::vector<std::vector<std::string>> rows = {{"CLASS", "COUNT", "FASTEST", "MEDIAN", "SLOWEST"}};
  for (const auto& [name, measured] : latencies_) {
    std::vector<double> sorted = measured;
    std::ranges::sort(sorted);
    rows.push_back({name, std::to_string(sorted.size()), duration(sorted.front()), duration(sorted[sorted.size() / 2]),
                    duration(sorted.back())});
  }
  return table(rows, "  ");
}

nlohmann::json Timeline::to_json() const {
  nlohmann::json lines = nlohmann::json::array();
  for (const auto& [offset, moment] : entries_) {
    nlohmann::json line = {{"offset_ms", offset},
                           {"verb", moment.verb},
                           {"tool", moment.tool},
                           {"class", moment.dispatch},
                           {"outcome", moment.outcome}};
    if (moment.latency_ms >= 0) line["latency_ms"] = moment.latency_ms;
    lines.push_back(std::move(line));
  }
  nlohmann::json latencies = nlohmann::json::object();
  for (const auto& [name, measured] : latencies_) latencies[name] = measured;
  return {{"timeline", lines}, {"latencies_ms", latencies}};
}

}  // namespace yard::cli
