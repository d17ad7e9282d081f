#include "clients/cli/job_queries.h"

#include <memory>

#include "clients/cli/job_tables.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {

Outcome list_jobs(Context& context, const JobFilter& filter) {
  YARD_TRY(client::Client * client, context.connect());
  Bytes body;
  PackWriter writer(body);
  {
    PackMap map(writer);
    map.integer("limit", filter.limit);
    if (filter.dead_letters) map.boolean("dead_letter", true);
    if (!filter.state.empty()) map.string("state", filter.state);
    if (!filter.tool.empty()) map.string("tool", filter.tool);
  }
  YARD_TRY(const client::Reply reply, get(client->list(body)));
  if (context.json) return print_line(compact(to_json(reply.view()))), Outcome();
  print_jobs(reply.view());
  return {};
}

Outcome show_one(Context& context, JobId id, JobQuery query) {
  YARD_TRY(client::Client * client, context.connect());
  YARD_TRY(const client::Reply reply, get((client->*query)(id)));
  if (context.json) return print_line(compact(to_json(reply.view()))), Outcome();
  print_job(reply.view());
  return {};
}

void add_id_command(CLI::App& app, Context& context, const char* name, const char* description, const char* examples,
                    OnJob run) {
  CLI::App* command = add_command(app, context, name, description, examples);
  const auto text = std::make_shared<std::string>();
  command->add_option("id", *text, "The job")->required();
  command->callback([&context, text, run = std::move(run)] {
    context.action = [&context, text, run]() -> Outcome {
      const auto id = parse_job_id(*text);
      if (!id) return std::unexpected(Failure(id.error(), kExitUsage));
      return run(context, *id);
    };
  });
}

}  // namespace yard::cli
