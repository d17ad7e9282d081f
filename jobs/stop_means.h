// StopMeans: how a job that was told to stop came to its end.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace yard::jobs {

enum class StopMeans : std::uint8_t {
  kNone,           // it was never told to
  kBeforeStart,    // nothing had begun
  kCooperative,    // its handler saw the stop and returned
  kTerminated,     // its process ended after SIGTERM
  kKilled,         // and only after SIGKILL
  kLateResult,     // its result came first
  kBrokerStopped,  // the broker died before it saw the end
  kRevoked,        // its remote worker did not stop in time, and was told to drop it
  kWorkerLost,     // its remote worker was lost before it stopped
};

// "late_result", as on the wire; empty for kNone.
std::string_view name_of(StopMeans means);
std::optional<StopMeans> parse_stop_means(std::string_view name);

}  // namespace yard::jobs
