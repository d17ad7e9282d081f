// cast: fire and forget.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "clients/cli/tool_info.h"

namespace yard::cli {
namespace {

constexpr const char* kExamples =
    "  switchyard cast garden_set_tempo bpm=132\n"
    "  switchyard cast garden_emergency_pause --ttl 50\n"
    "\n"
    "There is no reply, and what is too old is dropped. Why, is told on the stream l. (switchyard watch l.).\n";

struct CastArguments {
  std::string tool;
  std::vector<std::string> assignments;
  std::string args;
  std::int64_t ttl_ms = 250;
};

Outcome cast(Context& context, const CastArguments& given) {
  YARD_TRY(client::Client * client, context.connect());
  const auto arguments = make_arguments(*client, given.tool, given.assignments, given.args);
  if (!arguments) return std::unexpected(arguments.error());
  YARD_TRY_STATUS(client->cast(given.tool, *arguments, {.ttl = Millis(given.ttl_ms)}));
  // Casts and queries of one session go the same way in order: once this is answered, the cast has left.
  YARD_TRY([[maybe_unused]] const client::Reply after, get(client->tools(given.tool)));
  if (context.json) print_line(compact({{"reply", "none"}, {"sent", true}}));
  return {};
}

}  // namespace

void add_cast_command(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "cast", "Call a tool without waiting for any reply", kExamples);
  const auto given = std::make_shared<CastArguments>();
  command->add_option("tool", given->tool, "The tool")->required();
  auto* assignments = command->add_option("arguments", given->assignments, "key=value, each");
  command->add_option("--args", given->args, "All arguments as one JSON object, or @file")->excludes(assignments);
  command->add_option("--ttl", given->ttl_ms, "Drop it when it is older, in ms")->check(CLI::PositiveNumber);
  command->callback([&context, given] { context.action = [&context, given] { return cast(context, *given); }; });
}

}  // namespace yard::cli
