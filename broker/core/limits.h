// Limits: a bound for everything that can grow in the core, and its clocks.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/clock.h"

namespace yard::broker {

struct Limits {
  // Sessions. A silent peer costs a session for its time to live, since libzmq tells of no disconnect.
  std::size_t sessions_max = 4'096;
  Millis session_ttl = std::chrono::seconds(60);
  std::size_t groups_max = 64;  // control groups that one session's casts may use

  // Jobs that have not ended. Full: queue_full, with this advice.
  std::size_t jobs_live_max = 1'000'000;
  std::size_t jobs_bytes_max = 256u << 20;    // arguments of live jobs
  std::size_t result_bytes_max = 4u << 20;    // of one job: its answer must pass the client's socket
  std::size_t result_inline_max = 64u << 10;  // a larger one is kept in the store, and a reference travels
  Millis retry_after = Millis(250);

  std::size_t concurrency_keys_max = 1'024;  // of live jobs: each may need a lane that every pop looks at

  // Jobs that have ended stay until one of these is reached; the oldest goes first.
  std::size_t ended_count_max = 100'000;
  std::size_t ended_bytes_max = 256u << 20;
  Millis ended_ttl = std::chrono::minutes(15);

  // Tombstones: what stays of a job when its result is dropped, so that a late repetition of its id is known. The
  // newest ones; less than 100 bytes each.
  std::size_t tombstones_max = 1'000'000;

  // Dead letters are kept apart, for people, until one of these is reached; the oldest goes first.
  std::size_t dead_count_max = 10'000;
  std::size_t dead_bytes_max = 64u << 20;
  std::uint32_t deaths_max = 3;  // runs of one job that may be lost before it is not begun again

  // Job clocks, where neither the caller nor the tool says otherwise.
  Millis attempt_timeout = std::chrono::minutes(10);
  Millis long_attempt_timeout = std::chrono::hours(24);  // of Long tools
  Millis retry_backoff = Millis(500);                    // before a second attempt, at most; doubles with each
  Millis retry_backoff_max = std::chrono::minutes(1);
  Millis cancel_grace = std::chrono::seconds(5);  // after which a job that ignores its stop is reported
  Millis drain_grace = std::chrono::seconds(10);  // of running jobs, when the broker stops

  // Remote workers. What they declare stays known, so its bound is the only one that names of tools need.
  std::size_t workers_max = 1'024;
  std::size_t worker_concurrency_max = 1'024;  // attempts that one worker may hold
  std::size_t worker_tools_max = 1'024;        // that workers have declared since the start, all together
  Millis worker_lease = std::chrono::seconds(5);
  Millis worker_renew = std::chrono::seconds(1);    // how often a worker is asked to renew it
  Millis assign_timeout = std::chrono::seconds(1);  // for a worker to start what it was assigned
  Millis orphan_grace = std::chrono::seconds(10);   // after a start, for workers to come back with what they hold

  // Work handed to the executor beyond its threads, while it is thought to take no longer than this.
  Nanos prefetch_per_slot = std::chrono::milliseconds(1);
  std::size_t prefetch_max = 1'024;

  // Administration. A purge is done in parts, so that nobody waits for long.
  std::size_t purge_count_max = 1'000;  // jobs cancelled by one request
  std::size_t purge_scan_max = 10'000;  // and looked at

  // Schedules. All of a principal's are listed in one frame, and looked at each second.
  std::size_t schedules_max = 1'000;
  std::size_t schedule_bytes_max = 32u << 10;  // of one's options and arguments, which stay in memory
  std::size_t schedule_owed_max = 100;  // instants of one that are made up for; the newest, as they come all at once
  Millis schedule_late_max =
      std::chrono::seconds(10);  // what is no later was not missed: the broker is busy, or restarted
  Millis schedule_interval = std::chrono::seconds(1);  // how often the wall clock is looked at, and what is owed tried

  // Streams.
  std::size_t job_stream_bytes = 1u << 20;
  std::size_t principal_stream_bytes = 2u << 20;
  std::size_t log_stream_bytes = 1u << 20;
  std::size_t replay_bytes_max = 1u << 20;  // of one answer
  std::size_t values_max = 1'024;           // v. streams
  std::size_t subscriptions_max = 65'536;   // beyond it every event is sent: filtering is libzmq's then
  std::size_t beacon_topics_max = 4'096;
  Millis beacon_interval = Millis(250);
  Millis value_interval = Millis(16);  // of one value's publications
  std::uint32_t log_events_per_second = 100;

  // Callers.
  std::size_t waiters_max = 65'536;
  std::size_t wait_ids_max = 64;
  std::size_t batch_calls_max = 1'000;  // as many as one wake of the loop should take at a time
  std::size_t list_scan_max = 10'000;   // jobs looked at for one LIST
  std::size_t replies_count_max = 65'536;
  std::size_t replies_bytes_max = 16u << 20;
  Millis cast_ttl = Millis(250);  // where the cast states none
};

}  // namespace yard::broker
