// dead: the jobs that failed for no fault of what was asked, to be looked at and done again.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_queries.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

constexpr int kIdsMax = 64;  // as many as one DEAD_PURGE takes

constexpr const char* kExamples =
    "  switchyard dead list\n"
    "  switchyard dead show 0123456789abcdef0123456789abcdef\n"
    "  switchyard dead replay 0123456789abcdef0123456789abcdef\n"
    "  switchyard dead purge --all\n"
    "\n"
    "A job that failed with an error that may pass, and has no attempt left, is a dead letter; so is one whose runs\n"
    "died three times. Dead letters stay until they are purged, or until newer ones need their place.\n";

constexpr const char* kListExamples = "  switchyard dead list --tool abc_render_book\n";
constexpr const char* kShowExamples = "  switchyard dead show 0123456789abcdef0123456789abcdef\n";
constexpr const char* kReplayExamples = "  switchyard dead replay 0123456789abcdef0123456789abcdef\n";
constexpr const char* kPurgeExamples =
    "  switchyard dead purge 0123456789abcdef0123456789abcdef\n"
    "  switchyard dead purge --all\n";

Outcome show(Context& context, JobId id) { return show_one(context, id, &client::Client::inspect); }

Outcome replay(Context& context, JobId id) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get(client->dead_replay(id)));
  if (context.json) {
    print_line(compact(to_json(reply.view())));
  } else {
    const std::string job(reply.view().find("job_id").string_or(""));
    print_line("job " + job + " does it again\nwait for it:  switchyard wait " + job);
  }
  return {};
}

Outcome purge(Context& context, const std::vector<std::string>& texts, bool all) {
  if (texts.empty() != all) return usage_failure("name the dead letters to purge, or say --all");
  std::vector<JobId> ids;
  for (const std::string& text : texts) {
    const auto id = parse_job_id(text);
    if (!id) return std::unexpected(Failure(id.error(), kExitUsage));
    ids.push_back(*id);
  }
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get(all ? client->dead_purge_all() : client->dead_purge(ids)));
  if (context.json) {
    print_line(compact(to_json(reply.view())));
  } else {
    print_line(std::to_string(reply.view().find("purged").integer_or(0)) + " purged");
  }
  return {};
}

}  // namespace

void add_dead_command(CLI::App& app, Context& context) {
  CLI::App* dead = app.add_subcommand("dead", "Dead letters: list, show, replay or purge jobs that failed for good");
  dead->footer(std::string("\nExamples:\n") + kExamples);
  dead->require_subcommand(1);
  CLI::App* listing = add_command(*dead, context, "list", "List dead letters, newest first", kListExamples);
  const auto filter = std::make_shared<JobFilter>(JobFilter{.dead_letters = true});
  listing->add_option("--tool", filter->tool, "Only those of this tool");
  listing->add_option("--limit", filter->limit, "At most so many; 50")->check(CLI::Range(1, 1'000));
  listing->callback(
      [&context, filter] { context.action = [&context, filter] { return list_jobs(context, *filter); }; });
  add_id_command(*dead, context, "show", "Show one, with its arguments", kShowExamples, show);
  add_id_command(*dead, context, "replay", "Do one again, as a new job with the same arguments", kReplayExamples,
                 replay);
  CLI::App* purging = add_command(*dead, context, "purge", "Let go of dead letters", kPurgeExamples);
  const auto ids = std::make_shared<std::vector<std::string>>();
  const auto all = std::make_shared<bool>(false);
  purging->add_option("ids", *ids, "Which")->expected(0, kIdsMax);
  purging->add_flag("--all", *all, "All of yours");
  purging->callback(
      [&context, ids, all] { context.action = [&context, ids, all] { return purge(context, *ids, *all); }; });
}

}  // namespace yard::cli
