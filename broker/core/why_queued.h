// Why a job is queued and doesn't run: for people, and for programs.
#pragma once

#include <string>

#include "broker/core/job_desk.h"
#include "engine/base/pack.h"

namespace yard::broker {

// The exact limit that it waits for, in words. `job` is queued.
[[nodiscard]] std::string why_queued(const JobDesk& desk, const Workers& workers, const jobs::Job& job, Now now);

// The same as `limit`: {kind, name, used?, max?, needed?, wait_ms?, kept_for?, holders?}.
void write_limit(PackMap& map, const JobDesk& desk, const Workers& workers, const jobs::Job& job, Now now);

}  // namespace yard::broker
