// Kinds that know the time. Logical time: what the journal says it is.

#include "engine/kinds/families.h"
#include "engine/kinds/timing_kernels.h"

namespace yard::graph {
namespace {

using namespace kernels;

constexpr double kMsMax = 1e12;  // 31 years: sums of it and of logical time fit int64 nanoseconds

Result<TimerSettings> timer_settings(const Parameters& parameters) {
  return TimerSettings{parameters.get<std::int64_t>("interval_ms") * kNanosPerMs};
}

template <typename T>
Result<TriggerSettings<T>> trigger_settings(const Parameters& parameters) {
  const TriggerSettings<T> settings{parameters.get<T>("value"), parameters.get<double>("min_interval"),
                                    parameters.get<double>("max_interval")};
  if (settings.least_ms > settings.most_ms)
    return fail(ErrorCode::kInvalidArguments, "is above max_interval", "/min_interval");
  return settings;
}

Result<DelaySettings> delay_settings(const Parameters& parameters) {
  return DelaySettings{parameters.get<std::int64_t>("delay_ms") * kNanosPerMs,
                       static_cast<std::uint32_t>(parameters.get<std::int64_t>("capacity"))};
}

Result<QuietSettings> quiet_settings(const Parameters& parameters) {
  return QuietSettings{parameters.get<std::int64_t>("ms") * kNanosPerMs};
}

template <template <typename> typename F>
Kind quieting(std::string_view name, std::string_view summary) {
  return {.name = std::string(name),
          .summary = std::string(summary),
          .inputs = {{"x"}},
          .outputs = {"out"},
          .parameters = {{.name = "ms", .type = DataType::kInt64, .least = 1, .most = kMsMax}},
          .overloads = {overload<F<bool>, quiet_settings>(), overload<F<std::int64_t>, quiet_settings>(),
                        overload<F<double>, quiet_settings>()}};
}

}  // namespace

void add_timing(std::vector<Kind>& kinds) {
  using std::int64_t;
  kinds.push_back({.name = "Timer",
                   .summary = "An event of value 1 every interval_ms.",
                   .role = NodeRole::kTimer,
                   .outputs = {"out1"},
                   .parameters = {{.name = "interval_ms", .type = DataType::kInt64, .least = 1, .most = kMsMax}},
                   .overloads = {overload<Timer<double>, timer_settings>(), overload<Timer<int64_t>, timer_settings>(),
                                 overload<Timer<bool>, timer_settings>()},
                   .free_names = true});
  kinds.push_back({.name = "DeviceTrigger",
                   .summary = "Set from outside; with max_interval also by itself, at random times.",
                   .role = NodeRole::kSource,
                   .outputs = {"out1"},
                   .parameters = {{.name = "value", .fallback = "0", .as_output = true},
                                  {.name = "key", .type = DataType::kString, .fallback = "\"\""},
                                  {.name = "min_interval", .fallback = "0", .least = 0, .most = kMsMax},
                                  {.name = "max_interval", .fallback = "0", .least = 0, .most = kMsMax}},
                   .overloads = {overload<DeviceTrigger<int64_t>, trigger_settings<int64_t>>(),
                                 overload<DeviceTrigger<double>, trigger_settings<double>>()},
                   .free_names = true});
  kinds.push_back(quieting<Debounce>("Debounce", "x once it has kept still for ms."));
  kinds.push_back(quieting<Throttle>("Throttle", "x, but at most one change in ms; the last one comes through."));
  kinds.push_back(
      {.name = "Delay",
       .summary = "What x was delay_ms ago.",
       .inputs = {{"x"}},
       .outputs = {"out"},
       .parameters = {{.name = "delay_ms", .type = DataType::kInt64, .least = 1, .most = kMsMax},
                      {.name = "capacity", .type = DataType::kInt64, .fallback = "16", .least = 1, .most = 4'096}},
       .overloads = {overload<Delay<bool>, delay_settings>(), overload<Delay<int64_t>, delay_settings>(),
                     overload<Delay<double>, delay_settings>()}});
}

}  // namespace yard::graph
