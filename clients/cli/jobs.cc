// jobs, job, why: what there is and how it stands.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_queries.h"

namespace yard::cli {
namespace {

constexpr const char* kJobsExamples =
    "  switchyard jobs\n"
    "  switchyard jobs --state running --tool abc_render_book\n"
    "  switchyard jobs --json --limit 1000 | jq '.jobs[].job_id'\n";
constexpr const char* kJobExamples = "  switchyard job 0123456789abcdef0123456789abcdef\n";
constexpr const char* kWhyExamples = "  switchyard why 0123456789abcdef0123456789abcdef\n";

// The command that prints what `query` answers.
void add_query(CLI::App& app, Context& context, const char* name, const char* description, const char* examples,
               JobQuery query) {
  add_id_command(app, context, name, description, examples,
                 [query](Context& one, JobId id) { return show_one(one, id, query); });
}

}  // namespace

void add_job_commands(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "jobs", "List jobs, newest first", kJobsExamples);
  const auto filter = std::make_shared<JobFilter>();
  command->add_option("--state", filter->state, "Only jobs in this state: queued, running, failed, …");
  command->add_option("--tool", filter->tool, "Only jobs of this tool");
  command->add_option("--limit", filter->limit, "At most so many; 50")->check(CLI::Range(1, 1'000));
  command->callback(
      [&context, filter] { context.action = [&context, filter] { return list_jobs(context, *filter); }; });
  add_query(app, context, "job", "Show one job: its state, and its result or error", kJobExamples,
            &client::Client::status);
  add_query(app, context, "why", "Say what a job waits for", kWhyExamples, &client::Client::why);
}

}  // namespace yard::cli
