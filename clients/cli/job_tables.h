// Jobs as tables, for people.
#pragma once

#include <string>

#include "engine/base/pack.h"

namespace yard::cli {

// How long its last attempt ran; empty while that is not over.
[[nodiscard]] std::string took(PackView job);

// What LIST answers: a line a job.
void print_jobs(PackView reply);

// One job, a line a field, and its result below.
void print_job(PackView map);

}  // namespace yard::cli
