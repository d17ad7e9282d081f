// Waiting for jobs, with a bar on a terminal.
#pragma once

#include <optional>
#include <span>

#include "clients/cli/context.h"
#include "engine/base/pack.h"

namespace yard::cli {

// A future's value, for those that have nothing else to do.
[[nodiscard]] inline Result<client::Reply> get(client::Client::Answer answer) { return answer.get(); }

// Waits until `job` has ended, showing its progress on a terminal; its record as STATUS gives it.
// Nothing when `timeout` is over first; none: for ever.
[[nodiscard]] Result<std::optional<client::Reply>> await_job(Context& context, client::Client& client, JobId job,
                                                             std::optional<Millis> timeout);

// Success, or the Error that the ended job `record` carries.
[[nodiscard]] Status outcome_of(PackView record);

[[nodiscard]] Result<JobId> parse_job_id(const std::string& text);

}  // namespace yard::cli
