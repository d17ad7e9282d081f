// admin pause, resume, purge, drain, audit: what an administrator does to many jobs at once.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

using client::AdminRequest;
using wire::Verb;

constexpr const char* kAbout =
    "\nExamples:\n"
    "  switchyard admin pause --tool render --reason 'new driver'   what runs goes on, nothing of it begins\n"
    "  switchyard admin resume --tool render                        the same target again\n"
    "  switchyard admin purge --tenant bob --queue processes        cancel what waits; never what runs\n"
    "  switchyard admin drain --worker gpu-box                      it ends what it has, and gets nothing new\n"
    "  switchyard admin audit                                       who did what, and what is paused\n"
    "\n"
    "A pause holds through restarts of the broker until it is resumed. Everything named must fit; a worker is named\n"
    "alone, and is every one of that name.\n";

// A purge is done in parts, so that the broker serves others in between.
Outcome purge(Context& context, client::Client& client, AdminRequest request) {
  std::int64_t purged = 0;
  do {
    YARD_TRY(const client::Reply reply, get(client.administer(request)));
    purged += reply.view().find("purged").integer_or(0);
    request.cursor = reply.view().find("cursor").string_or("");
  } while (!request.cursor.empty());
  print_line(context.json ? compact({{"ok", true}, {"purged", purged}})
                          : "purged: " + std::to_string(purged) + " jobs are cancelled");
  return {};
}

Outcome act(Context& context, const AdminRequest& request, const std::string& done) {
  if (request.verb != Verb::kResume && request.verb != Verb::kPause && request.tool.empty() && request.tenant.empty() &&
      request.queue.empty() && request.worker.empty())
    return usage_failure("name a --tool, --tenant, --queue or --worker");
  YARD_TRY(client::Client * client, context.connect());
  if (request.verb == Verb::kPurge) return purge(context, *client, request);
  YARD_TRY([[maybe_unused]] const client::Reply reply, get(client->administer(request)));
  print_line(context.json ? compact({{"ok", true}}) : done);
  return {};
}

std::string target_text(PackView target) {
  std::string text;
  target.each_pair([&](std::string_view name, PackView value) {
    text += (text.empty() ? "" : " ") + std::string(name) + "=" + one_line(value.string_or(""));
  });
  return text.empty() ? "everything" : text;
}

Outcome audit(Context& context, std::int64_t limit) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get(client->audit(limit)));
  if (context.json) return print_line(compact(to_json(reply.view()))), Outcome();
  std::vector<std::vector<std::string>> rows = {{"TIME", "WHO", "ACTION", "TARGET", "JOBS", "REASON"}};
  reply.view().find("entries").each_element([&](PackView entry) {
    rows.push_back({clock_time(entry.find("time_ms").integer_or(0)), one_line(entry.find("principal").string_or("")),
                    one_line(entry.find("action").string_or("")), target_text(entry.find("target")),
                    std::to_string(entry.find("count").integer_or(0)), one_line(entry.find("reason").string_or(""))});
  });
  print(table(rows));
  reply.view().find("paused").each_element([](PackView target) { print_line("paused: " + target_text(target)); });
  return {};
}

void add_action(CLI::App& admin, Context& context, Verb verb, const char* name, const char* description,
                const char* examples, const char* done) {
  CLI::App* command = add_command(admin, context, name, description, examples);
  const auto request = std::make_shared<AdminRequest>(AdminRequest{.verb = verb});
  CLI::Option* tool = command->add_option("--tool", request->tool, "Only jobs of this tool");
  CLI::Option* tenant = command->add_option("--tenant", request->tenant, "Only jobs of this tenant");
  CLI::Option* queue =
      command
          ->add_option("--queue", request->queue,
                       "Only jobs that wait for threads, for processes (commands), or for remote workers")
          ->check(CLI::IsMember({"threads", "processes", "workers"}));
  command->add_option("--worker", request->worker, "The remote workers of this name, whatever they run")
      ->excludes(tool)
      ->excludes(tenant)
      ->excludes(queue);
  command->add_option("--reason", request->reason, "Why, for the audit");
  command->callback([&context, request, done] {
    context.action = [&context, request, done] { return act(context, *request, done); };
  });
}

}  // namespace

void add_admin_command(CLI::App& app, Context& context) {
  CLI::App* admin =
      app.add_subcommand("admin", "Pause, resume, purge and drain jobs by tool, tenant, queue or worker; audit");
  admin->require_subcommand(1);
  admin->footer(kAbout);
  add_action(*admin, context, Verb::kPause, "pause", "Begin nothing of a target; without one, nothing at all",
             "  switchyard admin pause --tool render\n  switchyard admin pause --reason 'moving house'\n",
             "paused: nothing of it begins; what runs goes on, submits are accepted");
  add_action(*admin, context, Verb::kResume, "resume", "Take a pause back; name the same target",
             "  switchyard admin resume --tool render\n", "resumed");
  add_action(
      *admin, context, Verb::kPurge, "purge", "Cancel what waits of a target, or what a worker has",
      "  switchyard admin purge --tool render --tenant bob --reason 'wrong input'\n"
      "  switchyard admin purge --worker gpu-box\n\n"
      "Of a tool, tenant or queue what waits is cancelled, never what runs. Nothing waits for one worker, so of a\n"
      "worker it is what it has; pause it first, or it is given more.\n",
      "");
  add_action(*admin, context, Verb::kDrain, "drain", "Let what runs of a target end, and begin no more of it",
             "  switchyard admin drain --tool render\n\nResume it afterwards. `switchyard drain` stops the broker.\n",
             "drains: what runs goes on, nothing of it begins until it is resumed");
  CLI::App* command = add_command(*admin, context, "audit", "List what administrators did, newest first",
                                  "  switchyard admin audit --limit 20\n");
  const auto limit = std::make_shared<std::int64_t>(50);
  command->add_option("--limit", *limit, "At most so many; 50")->check(CLI::Range(1, 1'000));
  command->callback([&context, limit] { context.action = [&context, limit] { return audit(context, *limit); }; });
}

}  // namespace yard::cli
