// workers: the remote workers that are there.
#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

constexpr const char* kExamples =
    "  switchyard workers\n"
    "  switchyard workers --json | jq '.[].name'\n"
    "\n"
    "HELD is how many attempts a worker has, of how many it takes at the same time; RESOURCES what they take, of what "
    "it\n"
    "has. \"away\" is one that the broker knows from before its restart and waits for.\n";

std::string tools_of(PackView worker) {
  std::string tools;
  worker.find("tools").each_element(
      [&](PackView tool) { tools += (tools.empty() ? "" : ", ") + one_line(tool.string_or("")); });
  return tools;
}

std::string used_of(PackView used, PackView max) {
  return std::to_string(used.integer_or(0)) + " of " + std::to_string(max.integer_or(0));
}

std::string held_of(PackView worker) {
  if (!worker.find("connected").boolean_or(false)) return "away";
  return used_of(worker.find("held"), worker.find("concurrency")) +
         (worker.find("paused").boolean_or(false) ? ", paused" : "");
}

std::string resources_of(PackView worker) {
  std::string text;
  worker.find("resources").each_pair([&](std::string_view name, PackView amount) {
    text += (text.empty() ? "" : ", ") + one_line(name) + ": " + used_of(amount.find("used"), amount.find("max"));
  });
  return text.empty() ? "-" : text;
}

Outcome workers(Context& context) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get(client->stats()));
  const PackView all = reply.view().find("workers");
  if (context.json) return print_line(compact(to_json(all))), Outcome();
  std::vector<std::vector<std::string>> rows = {{"WORKER", "HELD", "RESOURCES", "TOOLS"}};
  all.each_element([&](PackView worker) {
    rows.push_back(
        {one_line(worker.find("name").string_or("")), held_of(worker), resources_of(worker), tools_of(worker)});
  });
  if (rows.size() == 1) return print_line("no worker is connected"), Outcome();
  print(table(rows));
  return {};
}

}  // namespace

void add_workers_command(CLI::App& app, Context& context) {
  add_command(app, context, "workers", "List the remote workers, what they hold and offer", kExamples)
      ->callback([&context] { context.action = [&context] { return workers(context); }; });
}

}  // namespace yard::cli
