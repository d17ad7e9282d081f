// What a caller may say beyond a tool and its arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "dispatch/wire/message.h"
#include "engine/base/clock.h"
#include "engine/base/pack.h"
#include "jobs/job_id.h"

namespace yard::client {

// An argument that is taken from the result of `job`, once that has succeeded; until then the new job waits.
struct ResultOf {
  std::string argument;
  JobId job;
  std::string pointer;  // JSON pointer into the result; empty: all of it
};

// Zero durations mean "not stated".
struct CallOptions {
  std::optional<Millis> budget;  // how long to wait for a job's result; none: the tool's class decides
  std::uint8_t priority = wire::kPriorityDefault;  // 0 (first) to 3 (last)
  Uuid id = {};                                    // the job's or mutation's id; zero: a random one

  // For jobs.
  Millis delay{};            // queue it so much later
  Millis queue_ttl{};        // give up if it has not begun by then
  Millis attempt_timeout{};  // how long one attempt may run
  Millis deadline{};         // give up altogether
  Millis result_ttl{};       // how long its result is kept once it has ended
  std::string grade;         // "volatile", "buffered" or "synced"; empty: the tool's
  std::vector<JobId> after;  // jobs that must have ended
  bool continue_on_parent_failure = false;
  std::string key;              // calls of a tool with the same one become one job; empty: none
  std::string coalesce;         // how: "join" (where empty), "debounce" or "supersede"
  Millis debounce{};            // begin when so long no other call came
  Millis debounce_max{};        // and after so long all the same
  std::vector<ResultOf> with;   // arguments that are taken from other jobs' results
  JobId parent = {};            // the job whose run submits this one, and with which it is cancelled; zero: none
  bool fresh = false;           // run it though an equal call of a deterministic tool has a result
  std::string concurrency_key;  // jobs of the tool that share it share the tool's limit per key
};

struct CastOptions {
  Millis ttl = std::chrono::milliseconds(250);  // older ones are dropped, here and by the broker
  std::uint32_t group = 0;                      // the control group that `fence` counts in
  std::uint64_t fence = 0;                      // an older one than the newest seen is dropped; 0: none
};

// Appends the options map of a CALL; false, and nothing appended, where there is nothing to say.
[[nodiscard]] bool write_options(PackWriter& writer, const CallOptions& options);

// Appends a call of SUBMIT_BATCH. `arguments` is a msgpack map; `options.id` must be set, and its budget is ignored.
void write_call(PackArray& calls, std::string_view tool, BytesView arguments, const CallOptions& options);

// Milliseconds as a header carries them: clamped to what fits beside kBudgetOfClass.
[[nodiscard]] std::uint32_t budget_field(Millis budget);

}  // namespace yard::client
