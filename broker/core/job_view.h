// A job as clients see it (PROTOCOL.md, section 5), and the records and events made of it.
#pragma once

#include "engine/base/pack.h"
#include "jobs/job.h"
#include "jobs/tombstones.h"

namespace yard::broker {

// Where a stream stands: {topic, epoch, seq, lsn}.
struct Cursor {
  std::uint64_t epoch = 0;
  std::uint64_t lsn = 0;
};

enum class JobDetail { kBrief, kWhole, kArguments };  // without the result, with it, and with the arguments too

// Appends one map.
void write_job(PackWriter& writer, const jobs::Job& job, const Cursor& cursor, JobDetail detail);

// The same of what stays of a job whose result was dropped.
void write_tombstone(PackWriter& writer, const jobs::Tombstone& tombstone);

// That it is gone, for people.
[[nodiscard]] std::string gone_text(const jobs::Tombstone& tombstone);

// The body of JOB. `asked`: the id that the call has, another than the job's where it joined one.
void write_ticket(PackWriter& writer, const jobs::Job& job, const Cursor& cursor, JobId asked);

// An error as NACK has it: {code, name, message, retryable, retry_after_ms?, pointer?}.
void write_error(PackWriter& writer, const Error& error);

// The body of the event that tells of `state`.
void write_state(PackWriter& writer, const jobs::Job& job, jobs::JobState state);

// The body of the last event: kComplete's or kError's.
void write_end(PackWriter& writer, const jobs::Job& job);

// Unix time in milliseconds.
[[nodiscard]] std::int64_t unix_ms(WallTime time);

}  // namespace yard::broker
