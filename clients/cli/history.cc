// history: jobs that were, also long ago.
#include <chrono>
#include <map>
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_tables.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "clients/core/large_result.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

constexpr const char* kExamples =
    "  switchyard history --state failed --last 2h\n"
    "  switchyard history --tool convert_midi_to_wav --text soundfont\n"
    "  switchyard history --json --limit 1000 | jq '.jobs[].job_id'\n"
    "\n"
    "Durable jobs only, newest first; `switchyard jobs` has what happens now, volatile ones too.\n";

constexpr const char* kTool = "job_history";

struct Search {
  std::string tool;
  std::string state;
  std::string text;
  std::uint64_t last_s = 0;
  std::int64_t limit = 50;
};

Bytes arguments_of(const Search& search) {
  Bytes bytes;
  PackWriter writer(bytes);
  PackMap map(writer);
  map.integer("limit", search.limit);
  if (!search.tool.empty()) map.string("tool", search.tool);
  if (!search.state.empty()) map.string("state", search.state);
  if (!search.text.empty()) map.string("text", search.text);
  if (search.last_s > 0) {
    const auto since = std::chrono::system_clock::now() - std::chrono::seconds(search.last_s);
    map.integer("since_ms", std::chrono::duration_cast<Millis>(since.time_since_epoch()).count());
  }
  return bytes;
}

std::string error_of(PackView job) {
  const auto error = job.find("error").string();
  return error ? one_line(*error) + ": " + one_line(job.find("message").string_or("")) : "";
}

void show(PackView result) {
  std::vector<std::vector<std::string>> rows = {{"JOB", "TOOL", "STATE", "CREATED", "TOOK", "NOTE"}};
  result.find("jobs").each_element([&](PackView job) {
    rows.push_back({std::string(job.find("job_id").string_or("")), one_line(job.find("tool").string_or("")),
                    std::string(job.find("state").string_or("")), date_time(job.find("created_ms").integer_or(0)),
                    took(job), error_of(job)});
  });
  if (rows.size() == 1) return static_cast<void>(print_line("no such jobs"));
  print(table(rows));
  if (result.find("cursor")) print_line("there may be older ones: raise --limit (at most 1000)");
}

Outcome search_history(Context& context, const Search& search) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(client::Reply reply, client->call_wait(kTool, arguments_of(search)));
  if (reply.verb == wire::Verb::kJob) {
    const auto id = parse_uuid(reply.view().find("job_id").string_or(""));
    if (!id) return std::unexpected(Failure({.code = ErrorCode::kBadFrame, .message = "an answer without job_id"}));
    YARD_TRY(auto record, await_job(context, *client, JobId(*id), std::nullopt));
    reply = *std::move(record);
  }
  YARD_TRY_STATUS(outcome_of(reply.view()));
  YARD_TRY(const client::Reply record, client::with_whole_result(*client, std::move(reply)));
  const PackView result = record.view().find("result");
  if (context.json) return print_line(compact(to_json(result))), Outcome();
  show(result);
  return {};
}

}  // namespace

void add_history_command(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "history", "Search past jobs, also long gone ones", kExamples);
  const auto search = std::make_shared<Search>();
  command->add_option("--tool", search->tool, "Only jobs of this tool");
  command->add_option("--state", search->state, "Only jobs in this state: succeeded, failed, cancelled, expired, …");
  command->add_option("--text", search->text, "Only jobs whose error's message contains this");
  command->add_option("--last", search->last_s, "Only jobs of the last 90s, 15m, 2h or 7d")
      ->transform(CLI::AsNumberWithUnit(
          std::map<std::string, std::uint64_t>{{"s", 1}, {"m", 60}, {"h", 3'600}, {"d", 86'400}}));
  command->add_option("--limit", search->limit, "At most so many; 50")->check(CLI::Range(1, 1'000));
  command->callback(
      [&context, search] { context.action = [&context, search] { return search_history(context, *search); }; });
}

}  // namespace yard::cli
