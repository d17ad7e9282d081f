// Counters of the core; STATS shows them all.
#pragma once

#include <cstdint>

#include "engine/base/pack.h"

namespace yard::broker {

struct Counters {
  std::uint64_t frames = 0;        // requests that arrived
  std::uint64_t refused = 0;       // of them, answered with an error
  std::uint64_t unanswerable = 0;  // of them, shorter than a header
  std::uint64_t immediate = 0;     // results of Immediate tools
  std::uint64_t acks = 0;
  std::uint64_t acks_failed = 0;       // acknowledged, and then failed
  std::uint64_t casts = 0;             // carried out
  std::uint64_t casts_expired = 0;     // dropped: older than their time to live
  std::uint64_t casts_stale = 0;       // dropped: a newer generation was there
  std::uint64_t casts_refused = 0;     // dropped: anything else
  std::uint64_t replayed_answers = 0;  // the same mutation id again
  std::uint64_t jobs_submitted = 0;
  std::uint64_t jobs_succeeded = 0;
  std::uint64_t jobs_failed = 0;
  std::uint64_t jobs_cancelled = 0;
  std::uint64_t jobs_expired = 0;
  std::uint64_t jobs_refused = 0;      // queue_full and draining
  std::uint64_t jobs_memoised = 0;     // calls that an equal job of a deterministic tool answers
  std::uint64_t jobs_coalesced = 0;    // calls that a job answered which was there
  std::uint64_t jobs_retried = 0;      // attempts that were not the last
  std::uint64_t jobs_restored = 0;     // from the log, at the start
  std::uint64_t jobs_forgotten = 0;    // ended ones that retention let go
  std::uint64_t reports_stale = 0;     // from attempts that are over
  std::uint64_t reports_early = 0;     // ahead of one that is missing; they come again
  std::uint64_t attempts_lost = 0;     // with the worker that ran them
  std::uint64_t leases_lapsed = 0;     // workers that were not heard of for too long
  std::uint64_t waits_lapsed = 0;      // callers that got the job_id
  std::uint64_t events = 0;            // put on streams
  std::uint64_t values_conflated = 0;  // replaced before anybody saw them
  std::uint64_t beacon_overflow = 0;   // streams that a beacon had no room for
  std::uint64_t logs_suppressed = 0;   // l. events beyond the rate
  std::uint64_t sessions_expired = 0;
  std::uint64_t schedule_runs = 0;      // jobs that schedules submitted
  std::uint64_t schedule_misses = 0;    // instants without a job of their own
  std::uint64_t schedule_refusals = 0;  // tries to submit one that failed
};

void write_counters(PackMap& map, const Counters& counters);

}  // namespace yard::broker
