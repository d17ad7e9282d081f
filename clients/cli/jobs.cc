// jobs, job, why: what there is and how it stands.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_tables.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

constexpr const char* kJobsExamples =
    "  switchyard jobs\n"
    "  switchyard jobs --state running --tool abc_render_book\n"
    "  switchyard jobs --json --limit 1000 | jq '.jobs[].job_id'\n";
constexpr const char* kJobExamples = "  switchyard job 0123456789abcdef0123456789abcdef\n";
constexpr const char* kWhyExamples = "  switchyard why 0123456789abcdef0123456789abcdef\n";

struct Filter {
  std::string state;
  std::string tool;
  std::int64_t limit = 50;
};

Outcome list_jobs(Context& context, const Filter& filter) {
  YARD_TRY(client::Client * client, context.connect());
  Bytes body;
  PackWriter writer(body);
  {
    PackMap map(writer);
    map.integer("limit", filter.limit);
    if (!filter.state.empty()) map.string("state", filter.state);
    if (!filter.tool.empty()) map.string("tool", filter.tool);
  }
  YARD_TRY(const client::Reply reply, get(client->list(body)));
  if (context.json) return print_line(compact(to_json(reply.view()))), Outcome();
  print_jobs(reply.view());
  return {};
}

using Query = client::Client::Answer (client::Client::*)(JobId);

Outcome show_one(Context& context, const std::string& id_text, Query query) {
  const auto id = parse_job_id(id_text);
  if (!id) return std::unexpected(Failure(id.error(), kExitUsage));
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get((client->*query)(*id)));
  if (context.json) {
    print_line(compact(to_json(reply.view())));
  } else {
    print_job(reply.view());
  }
  return {};
}

void add_query(CLI::App& app, Context& context, const char* name, const char* description, const char* examples,
               Query query) {
  CLI::App* command = add_command(app, context, name, description, examples);
  const auto id = std::make_shared<std::string>();
  command->add_option("id", *id, "The job")->required();
  command->callback(
      [&context, id, query] { context.action = [&context, id, query] { return show_one(context, *id, query); }; });
}

}  // namespace

void add_job_commands(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "jobs", "List jobs, newest first", kJobsExamples);
  const auto filter = std::make_shared<Filter>();
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
