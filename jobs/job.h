// Job: one call of a tool that outlives the call.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/blob.h"
#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "iopub/stream_log.h"
#include "jobs/intrusive_list.h"
#include "jobs/job_id.h"
#include "jobs/log.h"
#include "jobs/name.h"
#include "jobs/state.h"
#include "jobs/stop_means.h"
#include "jobs/timer_wheel.h"

namespace yard::jobs {

// How long a caller is held for the job, as its tool declares it; see tools/tool.h.
enum class WaitClass : std::uint8_t { kShort, kMedium, kLong };
std::string_view name_of(WaitClass wait_class);

// Who runs it.
enum class ExecutorKind : std::uint8_t { kThreads, kProcesses, kWorkers, kHost };
inline constexpr std::size_t kExecutorKinds = 4;
std::string_view name_of(ExecutorKind executor);  // "threads", "processes", "workers", "host"
std::optional<ExecutorKind> parse_executor(std::string_view name);

// What to do with a job whose parent did not succeed.
enum class ParentPolicy : std::uint8_t { kFail, kContinue };

// What becomes of a call whose key a live job has.
enum class Coalesce : std::uint8_t {
  kJoin,       // that job answers for it
  kDebounce,   // that job gets its arguments and waits anew, if it still waits
  kSupersede,  // that job is cancelled
};
std::string_view name_of(Coalesce coalesce);
std::optional<Coalesce> parse_coalesce(std::string_view name);

inline constexpr std::size_t kPriorities = 4;

// An argument that another job's result fills in.
struct Binding {
  std::string argument;
  JobId job;            // one of the parents
  std::string pointer;  // where in its result; empty: all of it
};

// Everything that a submit decides. Zero durations mean "none". Borrows what it points to.
struct JobOrder {
  JobId id;
  std::string_view tool;
  std::uint32_t tool_version = 1;
  std::string_view principal;
  BytesView arguments;        // checked msgpack
  std::uint64_t digest = 0;   // of tool, version, options and arguments: tells a retry from a conflict
  std::uint8_t priority = 2;  // 0 to 3, 0 first
  WaitClass wait_class = WaitClass::kShort;
  Grade grade = Grade::kBuffered;
  std::uint8_t attempts_max = 1;      // how often it may be begun
  std::uint32_t concurrency_max = 0;  // of the tool; 0: no limit
  ExecutorKind executor = ExecutorKind::kThreads;
  Millis delay{};                // before it is queued
  Millis queue_ttl{};            // how long it may be queued
  Millis attempt_timeout{};      // how long one attempt may run
  Millis deadline{};             // after which it must be over, counted from the submit
  std::span<const JobId> after;  // parents
  ParentPolicy on_parent_failure = ParentPolicy::kFail;
  JobId parent;          // whose run submits it, and with which it is cancelled; zero: none
  JobId replay_of;       // the dead letter that it does again; zero: none
  Millis result_ttl{};   // how long its result is kept once it has ended
  std::string_view key;  // of the caller's, for calls that are to become one; empty: none
  Coalesce coalesce = Coalesce::kJoin;
  Millis debounce_max{};             // the longest that later calls may put it off
  std::string_view concurrency_key;  // the caller's; jobs of the tool that share it share its limit
  std::span<const Binding> with;
  bool deterministic = false;  // its tool gives equal arguments equal results
  bool fresh = false;          // it is to be run all the same
};

// What few orders ask for.
struct JobTerms {
  Millis delay{};
  Millis queue_ttl{};
  Millis deadline{};
  std::vector<JobId> after;
  ParentPolicy on_parent_failure = ParentPolicy::kFail;
  JobId parent;
  JobId replay_of;
  Millis result_ttl{};
  std::string key;
  std::string concurrency_key;
  std::vector<Binding> with;
  bool deterministic = false;
};

// Why a job is being stopped; decides where `cancelling` leads.
enum class StopCause : std::uint8_t { kNone, kCancel, kDeadline, kAttemptTimeout, kDrain };
inline constexpr std::size_t kStopCauses = 5;

struct JobTimer {
  JobId job;
  std::uint32_t waiter = 0;  // a waiter's number where it is not a job's timer
};
using Timers = TimerWheel<JobTimer>;

struct Lane;

// What a job has once it does more than wait in the queue.
struct JobRun {
  explicit JobRun(std::size_t stream_bytes_max) : stream(stream_bytes_max) {}

  iopub::StreamLog stream;
  Timers::Timer timer;
  std::vector<std::uint32_t> waiters;  // who is parked on it
  std::vector<JobId> children;         // jobs that wait for it
  std::vector<JobId> spawned;          // jobs that name it as their parent; some may have ended
  Nanos admitted{};                    // how long it was thought to take when it was handed over

  std::optional<WallTime> started_at;
  std::optional<WallTime> ended_at;
  SteadyTime started{};
  SteadyTime stopping{};
  SteadyTime ended{};
  SteadyTime postponed_to{};  // while it is scheduled: for another attempt, or because it was amended
  SteadyTime assigned{};      // to a remote worker

  Uuid worker;                   // the remote one that has it, or had it last
  std::uint64_t reports = 0;     // of the current attempt that were taken
  std::uint64_t last_fence = 0;  // of the remote attempt whose own report ended the job

  StopMeans stopped = StopMeans::kNone;
  std::uint32_t deaths = 0;  // runs that were lost rather than failed
  bool dead_letter = false;  // it failed, and not for what was asked: kept to be looked at and done again
  double percent = 0;        // of the last progress; message beside it
  std::string progress_message;
  Bytes result;                  // one msgpack map, once succeeded
  bool by_reference = false;     // it tells where the result is kept
  std::uint64_t keeping = 0;     // the attempt whose result is on its way there
  std::unique_ptr<Error> error;  // once failed, cancelled or expired
};

// A job is in one list by its phase (a lane's band while queued, the ended ones afterwards) and in one by age.
//
// A million of them may be queued, so what a queued job needs is here, in three cache lines, and the rest in
// parts that most of them don't have yet.
struct ByAge {};
struct Job : ListHook<Job>, ListHook<Job, ByAge> {
  Job(const JobOrder& order, NameTable& names);

  const JobId id;
  JobState state = JobState::kQueued;
  JobState first_state = JobState::kQueued;
  StopCause stop_cause = StopCause::kNone;
  Grade grade;
  WaitClass wait_class;
  std::uint8_t priority;
  std::uint8_t queued_band = 0;
  std::uint8_t attempts_max;
  ExecutorKind executor;
  std::uint32_t tool_version;
  std::uint32_t attempt = 0;       // 1 while the first one runs
  std::uint32_t parents_left = 0;  // not yet ended
  std::uint32_t concurrency_max;   // of its tool
  const Name tool;
  const Name principal;
  Blob arguments;
  const std::uint64_t digest;
  std::uint64_t fence = 0;    // of the current attempt; reports with another one are stale
  LogPosition first_lsn = 0;  // of its first event
  WallTime created_at{};
  SteadyTime submitted{};
  SteadyTime queued{};
  Millis attempt_timeout;
  Lane* lane = nullptr;  // of the ready queue, while it is queued or held
  const std::unique_ptr<const JobTerms> own_terms;
  std::unique_ptr<JobRun> run;

  [[nodiscard]] const JobTerms& terms() const;
  [[nodiscard]] std::uint64_t last_seq() const { return run ? run->stream.last() : 1; }
};

}  // namespace yard::jobs
