// What a caller may ask of a job beyond its arguments.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/pack.h"
#include "jobs/job.h"

namespace yard::dispatch {

inline constexpr std::size_t kParentsMax = 64;
inline constexpr std::size_t kKeyBytesMax = 200;
inline constexpr std::size_t kPointerBytesMax = 1'024;
inline constexpr std::size_t kConcurrencyKeyBytesMax = 128;

// Zero durations mean "not stated".
struct CallOptions {
  Millis delay{};                    // delay_ms: queue it so much later
  Millis queue_ttl{};                // queue_ttl_ms: give up if it has not begun by then
  Millis attempt_timeout{};          // attempt_timeout_ms: how long one attempt may run
  Millis deadline{};                 // deadline_ms: give up altogether
  std::optional<jobs::Grade> grade;  // grade: "volatile", "buffered" or "synced"; the tool's where not stated
  std::vector<JobId> after;          // after: ids of jobs that must have ended
  jobs::ParentPolicy on_parent_failure = jobs::ParentPolicy::kFail;  // on_parent_failure: "fail" or "continue"
  Millis result_ttl{};   // result_ttl_ms: how long its result is kept once it has ended; the tool's where not stated
  std::string_view key;  // key: of the caller's; calls of a tool with the same one become one job. Borrows
  jobs::Coalesce coalesce = jobs::Coalesce::kJoin;  // coalesce: "join", "debounce" or "supersede"
  Millis debounce{};                                // debounce_ms: begin when so long no other call came
  Millis debounce_max{};                            // debounce_max_ms: and after so long all the same
  std::vector<jobs::Binding> with;                  // with: arguments that results of other jobs, its parents, fill in
  JobId parent;                      // parent: id of the job whose run submits this one, and with which it is cancelled
  bool fresh = false;                // fresh: run it though an equal call of a deterministic tool has a result
  std::string_view concurrency_key;  // concurrency_key: shares its tool's limit per key with jobs of the same; borrowed
};

// `map` is a checked msgpack map, or nothing; the options borrow from it. Errors: kBadRequest for unknown names (a rule
// that is silently ignored is worse than none), wrong types and values out of range.
[[nodiscard]] Result<CallOptions> parse_options(PackView map);

}  // namespace yard::dispatch
