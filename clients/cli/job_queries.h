// Questions about jobs, and the commands that ask them.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "clients/cli/context.h"
#include "jobs/job_id.h"

namespace yard::cli {

struct JobFilter {
  std::string state;  // empty: any
  std::string tool;   // empty: any
  bool dead_letters = false;
  std::int64_t limit = 50;
};

// Prints a line a job, newest first.
[[nodiscard]] Outcome list_jobs(Context& context, const JobFilter& filter);

// Prints what `query` answers for the job.
using JobQuery = client::Client::Answer (client::Client::*)(JobId);
[[nodiscard]] Outcome show_one(Context& context, JobId id, JobQuery query);

// Adds a command that takes a job's id; one that is no id is a usage failure.
using OnJob = std::function<Outcome(Context&, JobId)>;
void add_id_command(CLI::App& app, Context& context, const char* name, const char* description, const char* examples,
                    OnJob run);

}  // namespace yard::cli
