// wait, cancel: how jobs end.
#include <algorithm>
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "clients/core/large_result.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

constexpr std::size_t kIdsMax = 64;  // as many as one WAIT takes
constexpr Millis kWaitStep = std::chrono::seconds(20);

constexpr const char* kWaitExamples =
    "  switchyard wait 0123456789abcdef0123456789abcdef\n"
    "  switchyard wait $A $B $C --any --timeout 60000\n"
    "\n"
    "Exits 0 if what ended has succeeded; 1 if a job failed, or the time is over (the jobs go on).\n";
constexpr const char* kCancelExamples =
    "  switchyard cancel 0123456789abcdef0123456789abcdef --reason 'wrong tune'\n"
    "\n"
    "A job that runs is told to stop, and is cancelling until it has; see it with switchyard job ID.\n";

struct WaitArguments {
  std::vector<std::string> ids;
  bool any = false;
  std::int64_t timeout_ms = -1;  // for ever
};

std::expected<std::vector<JobId>, Failure> parse_ids(const std::vector<std::string>& texts) {
  std::vector<JobId> ids;
  for (const std::string& text : texts) {
    const auto id = parse_job_id(text);
    if (!id) return std::unexpected(Failure(id.error(), kExitUsage));
    ids.push_back(*id);
  }
  return ids;
}

Failure time_is_over(std::size_t pending) {
  return Error{.code = ErrorCode::kDeadlineExceeded,
               .message = "the time is over, and " + std::to_string(pending) +
                          (pending == 1 ? " job goes" : " jobs go") + " on"};
}

// One job: with a bar on a terminal, and its result.
Outcome wait_for_one(Context& context, client::Client& client, JobId job, std::optional<Millis> timeout) {
  YARD_TRY(auto ended, await_job(context, client, job, timeout));
  if (!ended) return std::unexpected(time_is_over(1));
  YARD_TRY(const client::Reply record, client::with_whole_result(client, *std::move(ended)));
  const PackView view = record.view();
  if (context.json) {
    print_line(compact(to_json(view)));
  } else if (const PackView result = view.find("result")) {
    print_line(readable(to_json(result)));
  }
  YARD_TRY_STATUS(outcome_of(view));
  return {};
}

Result<client::Reply> wait_in_steps(client::Client& client, std::span<const JobId> jobs, bool all,
                                    std::optional<Millis> timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout.value_or(Millis(0));
  for (;;) {
    const Millis left = std::chrono::duration_cast<Millis>(deadline - std::chrono::steady_clock::now());
    YARD_TRY(client::Reply reply,
             get(client.wait(jobs, all, timeout ? std::clamp(left, Millis(0), kWaitStep) : kWaitStep)));
    if (reply.view().find("reason").string_or("") != "timeout" || (timeout && left <= kWaitStep)) return reply;
  }
}

Outcome wait(Context& context, const WaitArguments& given) {
  const auto ids = parse_ids(given.ids);
  if (!ids) return std::unexpected(ids.error());
  const auto timeout = given.timeout_ms < 0 ? std::nullopt : std::optional(Millis(given.timeout_ms));
  YARD_TRY(client::Client * client, context.connect());
  if (ids->size() == 1) return wait_for_one(context, *client, ids->front(), timeout);

  YARD_TRY(const client::Reply reply, wait_in_steps(*client, *ids, !given.any, timeout));
  const PackView waited = reply.view();
  if (context.json) print_line(compact(to_json(waited)));
  std::vector<std::vector<std::string>> rows = {{"JOB", "TOOL", "STATE"}};
  Status outcome;
  waited.find("ended").each_element([&](PackView job) {
    if (outcome) outcome = outcome_of(job);
    rows.push_back({std::string(job.find("job_id").string_or("")), one_line(job.find("tool").string_or("")),
                    std::string(job.find("state").string_or(""))});
  });
  if (!context.json) print(table(rows));
  YARD_TRY_STATUS(outcome);
  waited.find("unknown").each_element([&](PackView id) {
    outcome = fail(ErrorCode::kNotFound, "job " + std::string(id.string_or("")) + " is unknown, or ended too long ago");
  });
  YARD_TRY_STATUS(outcome);
  if (waited.find("reason").string_or("") == "timeout") {
    return std::unexpected(time_is_over(waited.find("pending").size()));
  }
  return {};
}

// Cancels all that can be; the first failure is the command's.
Outcome cancel(Context& context, const std::vector<std::string>& texts, const std::string& reason) {
  const auto ids = parse_ids(texts);
  if (!ids) return std::unexpected(ids.error());
  YARD_TRY(client::Client * client, context.connect());
  Outcome outcome;
  for (const JobId id : *ids) {
    const auto reply = get(client->cancel(id, reason));
    if (!reply) {
      if (outcome) outcome = std::unexpected(Failure(reply.error()));
    } else if (context.json) {
      print_line(compact(to_json(reply->view())));
    } else {
      print_line("job " + to_hex(id.value()) + " is " + std::string(reply->view().find("state").string_or("")));
    }
  }
  return outcome;
}

}  // namespace

void add_ending_commands(CLI::App& app, Context& context) {
  CLI::App* waiting = add_command(app, context, "wait", "Wait until jobs have ended", kWaitExamples);
  const auto given = std::make_shared<WaitArguments>();
  waiting->add_option("ids", given->ids, "The jobs")->required()->expected(1, kIdsMax);
  waiting->add_flag("--any", given->any, "Until one of them has ended, not all");
  waiting->add_option("--timeout", given->timeout_ms, "How long, in ms; without it, as long as it takes")
      ->check(CLI::NonNegativeNumber);
  waiting->callback([&context, given] { context.action = [&context, given] { return wait(context, *given); }; });

  CLI::App* cancelling = add_command(app, context, "cancel", "Cancel jobs", kCancelExamples);
  const auto ids = std::make_shared<std::vector<std::string>>();
  const auto reason = std::make_shared<std::string>();
  cancelling->add_option("ids", *ids, "The jobs")->required();
  cancelling->add_option("--reason", *reason, "Kept in the job's record");
  cancelling->callback(
      [&context, ids, reason] { context.action = [&context, ids, reason] { return cancel(context, *ids, *reason); }; });
}

}  // namespace yard::cli
