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

// What one SUBMIT_BATCH takes, and what its own header and map take of that.
constexpr std::size_t kCallsMax = 1'000;
constexpr std::size_t kBytesMax = wire::kFrameBytesMax - wire::kHeaderBytes - 32;
constexpr std::size_t kValuesMax = PackLimits().nodes_max - 8;

constexpr std::size_t kFileBytesMax = 256u << 20;  // it is held in memory

constexpr const char* kExamples =
    "  switchyard submit --batch jobs.jsonl\n"
    "  switchyard submit --batch - --atomic < jobs.jsonl\n"
    "\n"
    "A line a call: {\"tool\": \"abc_render_book\", \"arguments\": {…}}, and where wanted \"id\" (32 hex digits; the "
    "same\n"
    "again is the same job), \"priority\" and \"options\" (PROTOCOL.md lists them). Prints a job, or what is wrong, a "
    "line.\n"
    "\n"
    "As many requests as it takes; --atomic is one: 1000 calls, 4 MiB and 65536 values at most.\n";

struct SubmitArguments {
  std::string batch;
  bool atomic = false;
};

struct Call {
  std::string id;
  Bytes packed;
  std::size_t values;
};

std::size_t count_values(BytesView packed) {
  PackCursor cursor(packed);
  PackToken token;
  std::size_t count = 0;
  while (cursor.next(token)) ++count;
  return count;
}

Call make_call(const json& call) {
  Bytes packed = pack(call);
  const std::size_t values = count_values(packed);
  return {
      .id = call["id"].is_string() ? call["id"].get<std::string>() : "", .packed = std::move(packed), .values = values};
}

// How many of the first calls fit into one request.
std::size_t count_fitting(std::span<const Call> calls) {
  std::size_t bytes = 0;
  std::size_t values = 0;
  std::size_t count = 0;
  for (const Call& call : calls.first(std::min(calls.size(), kCallsMax))) {
    bytes += call.packed.size();
    values += call.values;
    if (bytes > kBytesMax || values > kValuesMax) break;
    ++count;
  }
  return count;
}

// Each line with an id, so that a batch that is sent twice is done once.
Result<std::vector<Call>> read_calls(const std::string& path) {
  YARD_TRY(const Bytes content, read_file_up_to(path, kFileBytesMax));
  SystemRandom random;
  std::vector<Call> calls;
  std::size_t number = 0;
  for (std::string_view rest = content; !rest.empty();) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    ++number;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    auto call = parse_json(line);
    const std::string place = path + ":" + std::to_string(number);
    if (!call || !call->is_object()) return fail(ErrorCode::kBadRequest, place + ": a line is a JSON object");
    if (!call->contains("id")) (*call)["id"] = to_hex(make_uuid(random));
    calls.push_back(make_call(*call));
    if (count_fitting(std::span(&calls.back(), 1)) == 0)
      return fail(ErrorCode::kTooLarge, place + ": more than the 4 MiB or 65536 values that fit into a request");
  }
  if (calls.empty()) return fail(ErrorCode::kBadRequest, path + " has no calls");
  return calls;
}

// Prints a line for each call. Whether all were accepted.
bool show(const Context& context, PackView jobs, std::span<const Call> calls) {
  bool good = true;
  std::size_t number = 0;
  jobs.each_element([&](PackView job) {
    const std::string& id = calls[number++].id;
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

Bytes pack_calls(std::span<const Call> calls) {
  Bytes packed;
  PackWriter writer(packed);
  writer.array(static_cast<std::uint32_t>(calls.size()));
  for (const Call& call : calls) writer.raw(call.packed);
  return packed;
}

Outcome submit(Context& context, const SubmitArguments& given) {
  const auto calls = read_calls(given.batch);
  if (!calls) return std::unexpected(Failure(calls.error(), kExitUsage));
  if (given.atomic && count_fitting(*calls) < calls->size())
    return usage_failure("--atomic is one request: at most 1000 calls, 4 MiB and 65536 values");
  YARD_TRY(client::Client * client, context.connect());
  bool good = true;
  for (std::span<const Call> left = *calls; !left.empty();) {
    const auto some = left.first(count_fitting(left));
    left = left.subspan(some.size());
    YARD_TRY(const client::Reply reply, get(client->submit_batch(pack_calls(some), given.atomic)));
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
