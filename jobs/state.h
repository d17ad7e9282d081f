// The life of a job: its states and the only ways between them.
//
//     submit
//       │ ├────────────► scheduled ──due──► queued            retry (backoff)
//       │ ├────────────► blocked ──parents──► queued        ┌──────────► scheduled
//       │ └──► queued ──assign──► assigned ──start──► running ──result──► succeeded
//       │        ▲                  │  │                │ ▲ └──fail─────► failed
//       │        └─────unassign─────┘  │        need_input │
//       │                              │                ▼ │input
//       │                              │          input_required
//       │                              └──cancel, overrun──┬──────────────┘
//       │                                                  ▼
//       │                                             cancelling ──result──► succeeded
//       │                                                  ├──stopped──► cancelled | expired | failed
//       └ cancel before it is assigned: cancelled; deadline before: expired; a parent failed: failed
//
// Source: the transition table of the protocol (PROTOCOL.md, "States"). Terminal states are immutable.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace yard::jobs {

enum class JobState : std::uint8_t {
  kScheduled,
  kBlocked,
  kQueued,
  kAssigned,
  kRunning,
  kInputRequired,
  kCancelling,
  kSucceeded,
  kFailed,
  kCancelled,
  kExpired,
};
inline constexpr std::size_t kJobStates = 11;

enum class JobEvent : std::uint8_t {
  kDue,            // the scheduled moment has come
  kParentsEnded,   // everything it waited for is over, and that is good enough
  kParentFailed,   // something it waited for did not succeed
  kAssign,         // an executor has room
  kUnassign,       // the executor gave it back unstarted
  kStart,          // the handler runs
  kNeedInput,      // the handler asks its caller
  kInput,          // and gets an answer
  kResult,         // the handler returned a result
  kFail,           // the handler returned an error, and that is final
  kRetry,          // it returned one that may be tried again
  kCancel,         // somebody cancelled it
  kOverrun,        // queue time to live, attempt timeout or deadline passed
  kStopped,        // the executor saw it end after it was told to stop: cancelled
  kStoppedLate,    // the same after a deadline: expired
  kStoppedFailed,  // the same after an attempt timeout: failed
};

// One row of the table: `event` takes a job from one state to another.
struct Transition {
  JobState from;
  JobEvent event;
  JobState to;
};

std::span<const Transition> transitions();

// Where `event` leads, or nothing where the table has no such row.
[[nodiscard]] std::optional<JobState> next_state(JobState from, JobEvent event);

[[nodiscard]] constexpr bool is_terminal(JobState state) { return state >= JobState::kSucceeded; }

// An executor has it: from kAssigned to kCancelling.
[[nodiscard]] constexpr bool is_held(JobState state) {
  return state >= JobState::kAssigned && state <= JobState::kCancelling;
}

// "input_required", as on the wire.
std::string_view name_of(JobState state);
std::optional<JobState> parse_state(std::string_view name);

}  // namespace yard::jobs
