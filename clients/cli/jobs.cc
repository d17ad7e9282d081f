// jobs, job, why: what there is and how it stands.
#include <cstdio>
#include <memory>

#include "clients/cli/commands.h"
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

std::string progress_of(PackView job) {
  const PackView progress = job.find("progress");
  if (!progress) return "";
  char percent[32] = {};
  std::snprintf(percent, sizeof percent, "%.0f %%  ", progress.find("percent").real_or(0));
  return percent + one_line(progress.find("message").string_or(""));
}

std::string took(PackView job) {
  const auto started = job.find("started_ms").integer();
  const auto ended = job.find("ended_ms").integer();
  return started && ended ? duration(static_cast<double>(*ended - *started)) : "";
}

std::string note_of(PackView job) {
  const PackView error = job.find("error");
  if (error) return one_line(error.find("name").string_or("")) + ": " + one_line(error.find("message").string_or(""));
  return progress_of(job);
}

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
  std::vector<std::vector<std::string>> rows = {{"JOB", "TOOL", "STATE", "CREATED", "TOOK", "NOTE"}};
  reply.view().find("jobs").each_element([&](PackView job) {
    rows.push_back({std::string(job.find("job_id").string_or("")), one_line(job.find("tool").string_or("")),
                    std::string(job.find("state").string_or("")), clock_time(job.find("created_ms").integer_or(0)),
                    took(job), note_of(job)});
  });
  if (rows.size() == 1) return print_line("no jobs"), Outcome();
  print(table(rows));
  if (reply.view().find("cursor")) print_line("older ones: raise --limit (at most 1000) or narrow by --state, --tool");
  return {};
}

void print_fields(PackView map) {
  std::vector<std::vector<std::string>> rows;
  map.each_pair([&](std::string_view key, PackView value) {
    if (key == "result" || key == "stream") return;
    const bool is_time =
        key.ends_with("_ms") && (key.starts_with("created") || key.starts_with("started") || key.starts_with("ended"));
    const auto text = value.string();
    rows.push_back(
        {std::string(key.substr(0, is_time ? key.size() - 3 : key.size())), is_time ? clock_time(value.integer_or(0))
                                                                            : text  ? one_line(*text)
                                                                                    : compact(to_json(value))});
  });
  print(table(rows));
  if (const PackView result = map.find("result")) print_line("result\n" + readable(to_json(result)));
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
    print_fields(reply.view());
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
