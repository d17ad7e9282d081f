// The bodies of the records of jobs: what a restart needs to know.
//
// Each is one msgpack array, so that a million of them stay small. Fields are only ever added at the end.
//
//   kSubmitted  [tool, tool_version, principal, digest, priority, wait_class, attempts_max, concurrency_max,
//                executor, state, attempt_timeout_ms, arguments, delay_ms, queue_ttl_ms, deadline_ms,
//                on_parent_failure, after, parent, replay_of, result_ttl_ms, key, with, concurrency_key,
//                deterministic]; after: 16 bytes each; parent, replay_of: 16 bytes, zero for none; with: an array of
//                argument, job, pointer, argument, … as bytes; the last twelve are left out where none of them says
//                anything
//   kChanged    [state, attempt, fence, stop_cause, deaths, worker]; worker: 16 bytes, of the remote one that has it or
//                had it last; left out where there is none, and the two before it where they say nothing either
//   kEvent      [kind, body]: as it went out on the job's stream
//   kEnded      [state, body, fence]: body is that of the job's last event, {state, result} or {state, error}; fence is
//                that of the remote attempt whose report ended it, and left out otherwise
//   kAmended    [postponed_ms, arguments]: due so long after the record's time
//   kForgotten  [state, error, digest, tool, principal, created_ns, ended_ns]: its tombstone; compaction keeps the
//                newest of them
#pragma once

#include <vector>

#include "engine/base/pack.h"
#include "iopub/event.h"
#include "jobs/job.h"
#include "jobs/tombstones.h"

namespace yard::jobs {

void write_submitted(PackWriter& writer, const Job& job);
void write_changed(PackWriter& writer, const Job& job);
void write_amended(PackWriter& writer, const Job& job, Nanos postponed);
void write_event(PackWriter& writer, iopub::EventKind kind, BytesView body);
void write_ended(PackWriter& writer, JobState state, BytesView body, std::uint64_t fence = 0);
void write_forgotten(PackWriter& writer, const Job& job);  // which has ended

// What they say again. Borrow from the record. Errors: kBadFrame.
struct Submitted {
  JobOrder order;
  JobState state = JobState::kQueued;
  std::vector<JobId> after;   // where order.after points to
  std::vector<Binding> with;  // and order.with
};
[[nodiscard]] Result<Submitted> read_submitted(const Record& record);

struct Changed {
  JobState state = JobState::kQueued;
  std::uint32_t attempt = 0;
  std::uint64_t fence = 0;
  StopCause stop_cause = StopCause::kNone;
  Uuid worker;
  std::uint32_t deaths = 0;
};
[[nodiscard]] Result<Changed> read_changed(const Record& record);

struct Amended {
  Millis postponed{};
  BytesView arguments;
};
[[nodiscard]] Result<Amended> read_amended(const Record& record);

struct Said {
  iopub::EventKind kind = iopub::EventKind::kProgress;
  BytesView body;
};
[[nodiscard]] Result<Said> read_event(const Record& record);

struct Ended {
  JobState state = JobState::kSucceeded;
  BytesView body;
  std::uint64_t fence = 0;
};
[[nodiscard]] Result<Ended> read_ended(const Record& record);

// Names are those of the record's body; `tombstone` is complete but for them.
struct Forgotten {
  Tombstone tombstone;
  std::string_view tool;
  std::string_view principal;
};
[[nodiscard]] Result<Forgotten> read_forgotten(const Record& record);

}  // namespace yard::jobs
