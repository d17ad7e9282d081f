// schedule: jobs at the instants of a calendar.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "clients/cli/tool_info.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

constexpr const char* kExamples =
    "  switchyard schedule add nightly '0 3 * * *' abc_render_book abc=@book.abc --zone Europe/Berlin --missed once\n"
    "  switchyard schedule add check '*/5 * * * *' abc_to_midi abc=@tune.abc --key check   no two at the same time\n"
    "  switchyard schedule list\n"
    "  switchyard schedule show nightly\n"
    "  switchyard schedule remove nightly\n"
    "\n"
    "The five fields are minute (0-59), hour (0-23), day of month (1-31), month (1-12, JAN-DEC) and weekday (0-7,\n"
    "SUN-SAT; 0 and 7 are Sunday): *, a-b, lists a,b and steps */n or a-b/n. Where day and weekday are both "
    "restricted,\n"
    "either fits. Or @hourly, @daily, @weekly, @monthly, @yearly. A time of the day that the zone's clock skips comes "
    "at\n"
    "the end of the gap, one that it has twice comes once; an hour that begins with * means every hour there is.\n";

struct Given {
  client::Schedule schedule;
  std::vector<std::string> assignments;
  std::string args;
  int priority = wire::kPriorityDefault;
  std::int64_t deadline_ms = 0;
  std::int64_t queue_ttl_ms = 0;
  std::int64_t attempt_timeout_ms = 0;
};

Outcome add(Context& context, Given given) {
  client::Schedule& schedule = given.schedule;
  schedule.options.priority = static_cast<std::uint8_t>(given.priority);
  schedule.options.deadline = Millis(given.deadline_ms);
  schedule.options.queue_ttl = Millis(given.queue_ttl_ms);
  schedule.options.attempt_timeout = Millis(given.attempt_timeout_ms);
  YARD_TRY(client::Client * client, context.connect());
  const auto arguments = make_arguments(*client, schedule.tool, given.assignments, given.args);
  if (!arguments) return std::unexpected(arguments.error());
  schedule.arguments = *arguments;
  YARD_TRY(const client::Reply reply, get(client->schedule_set(schedule)));
  if (context.json) return print_line(compact(to_json(reply.view()))), Outcome();
  print_line("schedule " + one_line(schedule.name) + " runs next at " +
             date_time(reply.view().find("next_ms").integer_or(0)));
  return {};
}

std::string last_of(PackView entry) {
  const auto last = entry.find("last_ms").integer();
  return last ? date_time(*last) + "  " + std::string(entry.find("last_job").string_or("")) : "";
}

std::string note_of(PackView entry) {
  const auto owed = entry.find("owed").integer();
  std::string waits = owed ? std::to_string(*owed) + " wait" : "";
  const PackView error = entry.find("error");
  if (!error) return waits;
  return waits + (waits.empty() ? "" : ": ") + one_line(error.find("name").string_or("")) + ": " +
         one_line(error.find("message").string_or(""));
}

Outcome list(Context& context) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get(client->schedules()));
  const PackView all = reply.view().find("schedules");
  if (context.json) return print_line(compact(to_json(all))), Outcome();
  std::vector<std::vector<std::string>> rows = {
      {"SCHEDULE", "CRON", "ZONE", "MISSED", "TOOL", "NEXT", "LAST, AND ITS JOB", "NOTE"}};
  all.each_element([&](PackView entry) {
    const auto text = [&](std::string_view key) { return one_line(entry.find(key).string_or("")); };
    rows.push_back({text("name"), text("cron"), text("zone"), text("missed"), text("tool"),
                    date_time(entry.find("next_ms").integer_or(0)), last_of(entry), note_of(entry)});
  });
  if (rows.size() == 1) return print_line("no schedules"), Outcome();
  print(table(rows));
  return {};
}

Outcome show(Context& context, const std::string& name) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get(client->schedules(name)));
  reply.view().find("schedules").each_element([&](PackView entry) {
    print_line(context.json ? compact(to_json(entry)) : readable(to_json(entry)));
  });
  return {};
}

Outcome remove(Context& context, const std::string& name) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY([[maybe_unused]] const client::Reply reply, get(client->schedule_remove(name)));
  print_line(context.json ? compact({{"ok", true}}) : "removed; jobs that it has submitted go on");
  return {};
}

using OnOne = Outcome (*)(Context&, const std::string&);

void add_one(CLI::App& app, Context& context, const char* name, const char* description, const char* examples,
             OnOne run) {
  CLI::App* command = add_command(app, context, name, description, examples);
  const auto schedule = std::make_shared<std::string>();
  command->add_option("name", *schedule, "The schedule")->required();
  command->callback(
      [&context, schedule, run] { context.action = [&context, schedule, run] { return run(context, *schedule); }; });
}

void add_adding(CLI::App& app, Context& context) {
  CLI::App* command = add_command(app, context, "add", "Add a schedule, or replace the one of its name", kExamples);
  const auto given = std::make_shared<Given>();
  client::Schedule& schedule = given->schedule;
  command->add_option("name", schedule.name, "What you call it")->required();
  command->add_option("cron", schedule.cron, "When: minute hour day month weekday, in quotes")->required();
  command->add_option("tool", schedule.tool, "The tool")->required();
  auto* assignments = command->add_option("arguments", given->assignments, "key=value, each");
  command->add_option("--args", given->args, "All arguments as one JSON object, or @file")->excludes(assignments);
  command->add_option("--zone", schedule.zone, "The time zone, as Europe/Berlin; usually UTC");
  command
      ->add_option("--missed", schedule.missed,
                   "Instants that passed while the broker was away: skip them (usual), run once for all, or run all")
      ->check(CLI::IsMember({"skip", "once", "all"}));
  command->add_option("--priority", given->priority, "0 (first) to 3 (last); usually 2")->check(CLI::Range(0, 3));
  command->add_option("--grade", schedule.options.grade, "What a job is to survive: volatile, buffered or synced")
      ->check(CLI::IsMember({"volatile", "buffered", "synced"}));
  command->add_option("--key", schedule.options.key, "While a job with this key is live, an instant joins it");
  command->add_option("--concurrency-key", schedule.options.concurrency_key,
                      "Jobs of the tool with the same key share the tool's limit per key");
  command->add_option("--deadline", given->deadline_ms, "Give a job up after so many ms")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--queue-ttl", given->queue_ttl_ms, "Give a job up that has not begun after so many ms")
      ->check(CLI::NonNegativeNumber);
  command->add_option("--attempt-timeout", given->attempt_timeout_ms, "How long one attempt may run, in ms")
      ->check(CLI::NonNegativeNumber);
  command->callback([&context, given] { context.action = [&context, given] { return add(context, *given); }; });
}

}  // namespace

void add_schedule_command(CLI::App& app, Context& context) {
  CLI::App* schedule = app.add_subcommand("schedule", "Jobs by the calendar: add, list, show or remove schedules");
  schedule->footer(std::string("\nExamples:\n") + kExamples);
  schedule->require_subcommand(1);
  add_adding(*schedule, context);
  add_command(*schedule, context, "list", "List schedules, when they run next and what they ran last",
              "  switchyard schedule list\n")
      ->callback([&context] { context.action = [&context] { return list(context); }; });
  add_one(*schedule, context, "show", "Show one, with its arguments", "  switchyard schedule show nightly\n", show);
  add_one(*schedule, context, "remove", "Remove one", "  switchyard schedule remove nightly\n", remove);
}

}  // namespace yard::cli
