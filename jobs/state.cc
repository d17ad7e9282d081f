#include "jobs/state.h"

#include <algorithm>

namespace yard::jobs {
namespace {

using enum JobState;
using enum JobEvent;

constexpr std::array kTransitions = {
    Transition{kScheduled, kDue, kQueued},
    Transition{kScheduled, kCancel, kCancelled},
    Transition{kScheduled, kOverrun, kExpired},

    Transition{kBlocked, kParentsEnded, kQueued},
    Transition{kBlocked, kParentFailed, kFailed},
    Transition{kBlocked, kCancel, kCancelled},
    Transition{kBlocked, kOverrun, kExpired},

    Transition{kQueued, kAssign, kAssigned},
    Transition{kQueued, kCancel, kCancelled},
    Transition{kQueued, kOverrun, kExpired},

    Transition{kAssigned, kStart, kRunning},
    Transition{kAssigned, kUnassign, kQueued},
    Transition{kAssigned, kCancel, kCancelling},
    Transition{kAssigned, kOverrun, kCancelling},

    Transition{kRunning, kResult, kSucceeded},
    Transition{kRunning, kFail, kFailed},
    Transition{kRunning, kRetry, kScheduled},
    Transition{kRunning, kNeedInput, kInputRequired},
    Transition{kRunning, kCancel, kCancelling},
    Transition{kRunning, kOverrun, kCancelling},

    Transition{kInputRequired, kInput, kRunning},
    Transition{kInputRequired, kFail, kFailed},
    Transition{kInputRequired, kCancel, kCancelling},
    Transition{kInputRequired, kOverrun, kCancelling},

    Transition{kCancelling, kResult, kSucceeded},
    Transition{kCancelling, kStopped, kCancelled},
    Transition{kCancelling, kStoppedLate, kExpired},
    Transition{kCancelling, kStoppedFailed, kFailed},
};

constexpr std::size_t kJobEvents = 16;

// The table again, to be looked up without a search.
constexpr auto kNext = [] {
  std::array<std::array<std::int8_t, kJobEvents>, kJobStates> next{};
  for (auto& row : next) row.fill(-1);
  for (const Transition& t : kTransitions) {
    next[static_cast<std::size_t>(t.from)][static_cast<std::size_t>(t.event)] = static_cast<std::int8_t>(t.to);
  }
  return next;
}();

constexpr std::array<std::string_view, kJobStates> kNames = {
    "scheduled",  "blocked",   "queued", "assigned",  "running", "input_required",
    "cancelling", "succeeded", "failed", "cancelled", "expired",
};

}  // namespace

std::span<const Transition> transitions() { return kTransitions; }

std::optional<JobState> next_state(JobState from, JobEvent event) {
  const std::int8_t to = kNext[static_cast<std::size_t>(from)][static_cast<std::size_t>(event)];
  if (to < 0) return std::nullopt;
  return JobState{static_cast<std::uint8_t>(to)};
}

std::string_view name_of(JobState state) { return kNames[static_cast<std::size_t>(state)]; }

std::optional<JobState> parse_state(std::string_view name) {
  const auto* found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return JobState{static_cast<std::uint8_t>(found - kNames.begin())};
}

}  // namespace yard::jobs
