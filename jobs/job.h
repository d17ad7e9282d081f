// Job: one call of a tool that outlives the call.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "iopub/stream_log.h"
#include "jobs/intrusive_list.h"
#include "jobs/job_id.h"
#include "jobs/log.h"
#include "jobs/state.h"
#include "jobs/timer_wheel.h"

namespace yard::jobs {

// How long a caller is held for the job, as its tool declares it; see tools/tool.h.
enum class WaitClass : std::uint8_t { kShort, kMedium, kLong };
std::string_view name_of(WaitClass wait_class);

// What to do with a job whose parent did not succeed.
enum class ParentPolicy : std::uint8_t { kFail, kContinue };

// Everything that a submit decides. Zero durations mean "none".
struct JobOrder {
  JobId id;
  std::string tool;
  std::uint32_t tool_version = 1;
  std::string principal;
  Bytes arguments;            // checked msgpack
  std::uint64_t digest = 0;   // of tool, version, options and arguments: tells a retry from a conflict
  std::uint8_t priority = 2;  // 0 to 3, 0 first
  WaitClass wait_class = WaitClass::kShort;
  Grade grade = Grade::kBuffered;
  std::uint32_t concurrency_max = 0;  // of the tool; 0: no limit
  Millis delay{};                     // before it is queued
  Millis queue_ttl{};                 // how long it may be queued
  Millis attempt_timeout{};           // how long one attempt may run
  Millis deadline{};                  // after which it must be over, counted from the submit
  std::vector<JobId> after;           // parents
  ParentPolicy on_parent_failure = ParentPolicy::kFail;
};

// Why a job is being stopped; decides where `cancelling` leads.
enum class StopCause : std::uint8_t { kNone, kCancel, kDeadline, kAttemptTimeout, kDrain };

struct JobTimer {
  JobId job;
  std::uint32_t waiter = 0;  // a waiter's number where it is not a job's timer
};
using Timers = TimerWheel<JobTimer>;

struct Lane;

// A job is in one list by its phase (a lane's band while queued, the ended ones afterwards) and in one by age.
struct ByAge {};
struct Job : ListHook<Job>, ListHook<Job, ByAge> {
  explicit Job(JobOrder job_order, std::size_t stream_bytes_max)
      : order(std::move(job_order)), stream(stream_bytes_max) {}

  JobOrder order;
  JobState state = JobState::kQueued;
  StopCause stop_cause = StopCause::kNone;
  std::uint32_t attempt = 0;       // 1 while the first one runs
  std::uint64_t fence = 0;         // of the current attempt; reports with another one are stale
  std::uint32_t parents_left = 0;  // not yet ended
  std::uint8_t queued_band = 0;
  Nanos admitted{};  // how long it was thought to take when it was handed over

  WallTime created_at{};
  std::optional<WallTime> started_at;
  std::optional<WallTime> ended_at;
  SteadyTime submitted{};
  SteadyTime queued{};
  SteadyTime started{};
  SteadyTime stopping{};
  SteadyTime ended{};

  double percent = 0;  // of the last progress; message beside it
  std::string progress_message;
  Bytes result;                // one msgpack map, once succeeded
  std::optional<Error> error;  // once failed, cancelled or expired

  iopub::StreamLog stream;
  std::vector<std::uint32_t> waiters;  // who is parked on it
  std::vector<JobId> children;         // jobs that wait for it
  Timers::Timer timer;
  Lane* lane = nullptr;  // of the ready queue, for its tool

  [[nodiscard]] JobId id() const { return order.id; }
};

}  // namespace yard::jobs
