// submit: many jobs from a file, a call a line.
#include <memory>

#include "clients/cli/arguments.h"
#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"
#include "engine/base/random.h"

namespace yard::cli {
namespace {

using nlohmann::json;

constexpr std::size_t kCallsMax = 1'000;  // as many as one SUBMIT_BATCH takes

constexpr const char* kExamples =
    "  switchyard submit --batch jobs.jsonl\n"
    "  switchyard submit --batch - --atomic < jobs.jsonl\n"
    "\n"
    "A line a call: {\"tool\": \"abc_render_book\", \"arguments\": {…}}, and where wanted \"id\" (32 hex digits; the "
    "same\n"
    "again is the same job), \"priority\" and \"options\" (PROTOCOL.md lists them). Prints a job, or what is wrong, a "
    "line.\n";

struct SubmitArguments {
  std::string batch;
  bool atomic = false;
};

// Each line with an id, so that a batch that is sent twice is done once.
Result<std::vector<json>> read_calls(const std::string& path) {
  YARD_TRY(const Bytes content, read_file(path));
  SystemRandom random;
  std::vector<json> calls;
  std::size_t number = 0;
  for (std::string_view rest = content; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto call = parse_json(line);
    if (!call || !call->is_object())
      return fail(ErrorCode::kBadRequest, path + ":" + std::to_string(number) + ": a line is a JSON object");
    if (!call->contains("id")) (*call)["id"] = to_hex(make_uuid(random));
    calls.push_back(*std::move(call));
  }
  if (calls.empty()) return fail(ErrorCode::kBadRequest, path + " has no calls");
  return calls;
}

// Prints a line for each call. Whether all were accepted.
bool show(const Context& context, PackView jobs, std::span<const json> calls) {
  bool good = true;
  std::size_t number = 0;
  jobs.each_element([&](PackView job) {
    const std::string id = calls[number++].value("id", "");
    const PackView error = job.find("error");
    good = good && !error;
    if (context.json) {
      json line = to_json(job);
      line["job_id"] = id;
      print_line(compact(line));
    } else if (error) {
      print_line(id + "  " + one_line(error.find("name").string_or("")) + ": " +
                 one_line(error.find("message").string_or("")));
    } else {
      print_line(id + "  " + std::string(job.find("state").string_or("")));
    }
  });
  return good;
}

Outcome submit(Context& context, const SubmitArguments& given) {
  const auto calls = read_calls(given.batch);
  if (!calls) return std::unexpected(Failure(calls.error(), kExitUsage));
  if (given.atomic && calls->size() > kCallsMax)
    return usage_failure("--atomic takes at most " + std::to_string(kCallsMax) + " calls");
  YARD_TRY(client::Client * client, context.connect());
  bool good = true;
  for (std::size_t begin = 0; begin < calls->size(); begin += kCallsMax) {
    const std::span<const json> some = std::span(*calls).subspan(begin, std::min(kCallsMax, calls->size() - begin));
    YARD_TRY(const client::Reply reply, get(client->submit_batch(pack(json(some)), given.atomic)));
    good = show(context, reply.view().find("jobs"), some) && good;
  }
  if (!good) return std::unexpected(Failure({.code = ErrorCode::kBadRequest, .message = "not all were accepted"}));
  return {};
}

}  // namespace

void add_submit_command(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "submit", "Submit many jobs from a file; print their ids", kExamples);
  const auto given = std::make_shared<SubmitArguments>();
  command->add_option("--batch", given->batch, "The file, a JSON object a line; - is the standard input")->required();
  command->add_flag("--atomic", given->atomic, "All of them or none");
  command->callback([&context, given] { context.action = [&context, given] { return submit(context, *given); }; });
}

}  // namespace yard::cli
