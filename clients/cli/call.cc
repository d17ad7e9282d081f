// call: a tool's result, or its job's id.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "clients/cli/tool_info.h"
#include "clients/core/large_result.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

using client::Reply;
using wire::Verb;

constexpr const char* kExamples =
    "  switchyard call garden_status\n"
    "  switchyard call abc_to_midi abc=@tune.abc transpose=2\n"
    "  switchyard call convert_midi_to_wav --args '{\"input_hash\": \"…\"}' --wait 60000\n"
    "  switchyard call convert_midi_to_wav --with input_hash=ID:/content_hash --wait 60000\n"
    "  switchyard call abc_render_book abc=@book.abc 'semitones=[0,5,7]' --priority 3\n"
    "\n"
    "A value is typed by the tool's schema (switchyard tools NAME): strings are taken as they are,\n"
    "numbers, booleans, arrays and objects are JSON. key=@file reads a file, key=@@x is the text \"@x\".\n"
    "A job that takes longer than --wait goes on; follow it with switchyard wait ID or watch ID.\n";

struct CallArguments {
  std::string tool;
  std::vector<std::string> assignments;
  std::string args;
  std::int64_t wait_ms = -1;  // not stated
  std::string id;
  int priority = wire::kPriorityDefault;
  std::int64_t delay_ms = 0;
  std::vector<std::string> after;
  std::vector<std::string> with;
  std::int64_t deadline_ms = 0;
  std::string grade;
  std::int64_t attempt_timeout_ms = 0;
  std::string parent;
  std::int64_t result_ttl_ms = 0;
  std::string key;
  std::string coalesce;
  std::int64_t debounce_ms = 0;
  std::int64_t debounce_max_ms = 0;
  std::string concurrency_key;
  bool fresh = false;
};

// "input_hash=ID:/content_hash"
Result<client::ResultOf> parse_result_of(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::string_view source = equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
  const std::size_t colon = std::min(source.find(':'), source.size());
  YARD_TRY(const JobId job, parse_job_id(std::string(source.substr(0, colon))));
  return client::ResultOf{.argument = std::string(text.substr(0, equals)),
                          .job = job,
                          .pointer = std::string(source.substr(std::min(colon + 1, source.size())))};
}

std::expected<client::CallOptions, Failure> options_of(const CallArguments& given) {
  client::CallOptions options{.priority = static_cast<std::uint8_t>(given.priority),
                              .delay = Millis(given.delay_ms),
                              .attempt_timeout = Millis(given.attempt_timeout_ms),
                              .deadline = Millis(given.deadline_ms),
                              .result_ttl = Millis(given.result_ttl_ms),
                              .grade = given.grade,
                              .key = given.key,
                              .coalesce = given.coalesce,
                              .debounce = Millis(given.debounce_ms),
                              .debounce_max = Millis(given.debounce_max_ms),
                              .fresh = given.fresh,
                              .concurrency_key = given.concurrency_key};
  if (given.wait_ms >= 0) options.budget = Millis(given.wait_ms);
  if (!given.id.empty()) {
    const auto id = parse_uuid(given.id);
    if (!id || !*id) return usage_failure("--id takes 32 hex digits");
    options.id = *id;
  }
  for (const std::string& text : given.after) {
    const auto id = parse_job_id(text);
    if (!id) return usage_failure("--after: " + id.error().message);
    options.after.push_back(*id);
  }
  if (!given.parent.empty()) {
    const auto id = parse_job_id(given.parent);
    if (!id) return usage_failure("--parent: " + id.error().message);
    options.parent = *id;
  }
  for (const std::string& text : given.with) {
    const auto source = parse_result_of(text);
    if (!source) return usage_failure("--with: " + source.error().message);
    options.with.push_back(*source);
  }
  return options;
}

const char* name_of_reply(Verb verb) {
  switch (verb) {
    case Verb::kImmediate: return "immediate";
    case Verb::kAck: return "ack";
    case Verb::kResult: return "result";
    default: return "job";
  }
}

// For programs: what a job's record says, or {reply, result}; `result` is always the tool's own.
nlohmann::json reply_json(const Reply& reply) {
  const bool is_job = reply.verb == Verb::kResult || reply.verb == Verb::kJob;
  nlohmann::json line = is_job ? to_json(reply.view()) : nlohmann::json{{"result", to_json(reply.view())}};
  line["reply"] = name_of_reply(reply.verb);
  return line;
}

Outcome show(const Context& context, client::Client& client, Reply answer) {
  YARD_TRY(const Reply reply, client::with_whole_result(client, std::move(answer)));
  const PackView body = reply.view();
  if (context.json) {
    print_line(compact(reply_json(reply)));
  } else if (reply.verb == Verb::kJob) {
    const std::string id(body.find("job_id").string_or(""));
    print_line("job " + id + " is " + std::string(body.find("state").string_or("")) + " and goes on");
    print_line("wait for it:  switchyard wait " + id + "\nfollow it:    switchyard watch " + id);
  } else {
    const PackView result = reply.verb == Verb::kResult ? body.find("result") : body;
    if (result) print_line(readable(to_json(result)));
  }
  if (reply.verb == Verb::kResult) YARD_TRY_STATUS(outcome_of(body));
  return {};
}

// On a terminal a job is submitted, then followed on its stream until it ends or the wait is over.
Result<Reply> call_with_bar(Context& context, client::Client& client, const nlohmann::json& tool, BytesView arguments,
                            const client::CallOptions& options) {
  const std::string name = tool.value("name", "");
  YARD_TRY(Reply ticket, get(client.submit(name, arguments, options)));
  if (ticket.verb != Verb::kJob) return ticket;
  const auto id = parse_uuid(ticket.view().find("job_id").string_or(""));
  if (!id) return fail(ErrorCode::kBadFrame, "the broker's answer has no job_id");
  YARD_TRY(auto record, await_job(context, client, JobId(*id), options.budget.value_or(usual_wait(tool))));
  if (!record) return ticket;
  record->verb = Verb::kResult;
  return *std::move(record);
}

Outcome call(Context& context, const CallArguments& given) {
  const auto options = options_of(given);
  if (!options) return std::unexpected(options.error());
  YARD_TRY(client::Client * client, context.connect());
  const auto arguments = make_arguments(*client, given.tool, given.assignments, given.args);
  if (!arguments) return std::unexpected(arguments.error());
  if (context.is_error_terminal() && !context.json) {
    YARD_TRY(const nlohmann::json tool, fetch_tool(*client, given.tool));
    if (tool.value("kind", "") == "job") {
      YARD_TRY(Reply reply, call_with_bar(context, *client, tool, *arguments, *options));
      return show(context, *client, std::move(reply));
    }
  }
  YARD_TRY(Reply reply, client->call_wait(given.tool, *arguments, *options));
  return show(context, *client, std::move(reply));
}

// When the job begins, and what it belongs to.
void add_order_options(CLI::App* command, CallArguments* given) {
  command->add_option("--delay", given->delay_ms, "Queue the job so many ms later")->check(CLI::NonNegativeNumber);
  command->add_option("--after", given->after, "Jobs that must have ended: ID[,ID…]; repeatable")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      ->add_option("--with", given->with,
                   "An argument from another job's result: NAME=ID:/POINTER; the job waits for it; repeatable")
      ->allow_extra_args(false);
  command->add_option("--parent", given->parent,
                      "The job that this one is part of, and with which it is cancelled; a command knows its own as "
                      "$SWITCHYARD_JOB_ID");
}

void add_clock_options(CLI::App* command, CallArguments* given) {
  command->add_option("--deadline", given->deadline_ms, "Give the job up after so many ms")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--attempt-timeout", given->attempt_timeout_ms, "How long one attempt may run, in ms")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--result-ttl", given->result_ttl_ms, "How long the job's result is kept, in ms")
      ->check(CLI::NonNegativeNumber);
}

void add_key_options(CLI::App* command, CallArguments* given) {
  CLI::Option* key = command->add_option("--key", given->key, "Calls of the tool with the same key become one job");
  command->add_option("--coalesce", given->coalesce, "How: join the live job, debounce it, or supersede it; join")
      ->check(CLI::IsMember({"join", "debounce", "supersede"}))
      ->needs(key);
  command->add_option("--debounce", given->debounce_ms, "Begin when no other call came for so many ms")
      ->check(CLI::PositiveNumber)
      ->needs(key);
  command->add_option("--debounce-max", given->debounce_max_ms, "And after so many ms all the same")
      ->check(CLI::PositiveNumber)
      ->needs(key);
}

}  // namespace

void add_call_command(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "call", "Call a tool; print its result, or the job's id", kExamples);
  const auto given = std::make_shared<CallArguments>();
  command->add_option("tool", given->tool, "The tool")->required();
  auto* assignments = command->add_option("arguments", given->assignments, "key=value, each");
  command->add_option("--args", given->args, "All arguments as one JSON object, or @file")->excludes(assignments);
  command->add_option("--wait", given->wait_ms, "How long to wait for a job's result, in ms; 0 submits it only")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--id", given->id, "The request's id: the same again gets the same answer");
  command->add_option("--priority", given->priority, "0 (first) to 3 (last); usually 2")->check(CLI::Range(0, 3));
  command->add_option("--concurrency-key", given->concurrency_key,
                      "Jobs of the tool with the same key share the tool's limit per key");
  command->add_flag("--fresh", given->fresh, "Run it though an equal call of a deterministic tool has a result");
  command
      ->add_option("--grade", given->grade,
                   "What the acknowledgement is to survive: volatile (nothing), buffered (a crash), synced (the power)")
      ->check(CLI::IsMember({"volatile", "buffered", "synced"}));
  add_order_options(command, given.get());
  add_clock_options(command, given.get());
  add_key_options(command, given.get());
  command->callback([&context, given] { context.action = [&context, given] { return call(context, *given); }; });
}

}  // namespace yard::cli
