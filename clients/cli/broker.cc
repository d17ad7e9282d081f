// stats, ping, drain: the broker itself.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

Outcome stats(Context& context) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get(client->stats()));
  if (context.json) return print_line(compact(to_json(reply.view()))), Outcome();
  reply.view().each_pair([](std::string_view group, PackView values) {
    if (values.type() != PackType::kMap) return;  // `workers` has a command of its own
    std::vector<std::vector<std::string>> rows;
    values.each_pair(
        [&](std::string_view name, PackView value) { rows.push_back({std::string(name), compact(to_json(value))}); });
    print_line(group);
    print(table(rows, "  "));
  });
  return {};
}

Outcome ping(Context& context) {
  YARD_TRY(client::Client * client, context.connect());
  const auto sent = std::chrono::steady_clock::now();
  YARD_TRY(const client::Reply reply, get(client->ping()));
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - sent;
  const client::Welcome& welcome = client->welcome();
  if (context.json) {
    nlohmann::json line = to_json(reply.view());
    line["broker"] = welcome.broker;
    line["principal"] = welcome.principal;
    line["round_trip_ms"] = took.count();
    print_line(compact(line));
  } else {
    print_line(one_line(welcome.broker) + " answered in " + duration(took.count()));
  }
  return {};
}

Outcome drain(Context& context) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY([[maybe_unused]] const client::Reply reply, get(client->drain()));
  print_line(context.json ? compact({{"draining", true}})
                          : "draining: no new work; the broker stops when its jobs have ended or their grace is over");
  return {};
}

void add(CLI::App& app, Context& context, const char* name, const char* description, const char* examples,
         Outcome (*command)(Context&)) {
  add_command(app, context, name, description, examples)->callback([&context, command] {
    context.action = [&context, command] { return command(context); };
  });
}

}  // namespace

void add_broker_commands(CLI::App& app, Context& context) {
  add(app, context, "stats", "Show the broker's counters and gauges",
      "  switchyard stats\n  switchyard stats --json | jq .gauges\n", stats);
  add(app, context, "ping", "Ask whether the broker is there, and how fast",
      "  switchyard ping\n  switchyard ping --endpoint tcp://127.0.0.1:5580\n", ping);
  add(app, context, "drain", "Let the broker finish and stop",
      "  switchyard drain\n\nNo new work is taken; running jobs get their grace, then the broker exits.\n", drain);
}

}  // namespace yard::cli
