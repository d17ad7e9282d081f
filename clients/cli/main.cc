// switchyard: the command line.
#include <csignal>
#include <cstdio>
#include <exception>

#include "clients/cli/commands.h"
#include "version.h"

namespace yard::cli {
namespace {

constexpr const char* kExamples =
    "\nExamples:\n"
    "  switchyard demo                            see it work, without any set-up\n"
    "  switchyard serve &                         a broker of your own\n"
    "  switchyard tools                           what it can do\n"
    "  switchyard call abc_to_midi abc=@tune.abc  call a tool\n"
    "  switchyard watch                           follow your jobs\n"
    "\n"
    "Exit status: 0 done, 1 the call failed, 2 wrong usage. switchyard COMMAND --help tells more.\n";

int run(int argc, char** argv) {
  CLI::App app{"Switchyard: calls tools, runs jobs, follows their events.", "switchyard"};
  Context context;
  app.set_version_flag("--version", "switchyard " + std::string(kVersion));
  app.require_subcommand(1);
  app.footer(kExamples);
  add_serve_command(app, context);
  add_demo_command(app, context);
  add_tools_command(app, context);
  add_call_command(app, context);
  add_submit_command(app, context);
  add_cast_command(app, context);
  add_job_commands(app, context);
  add_history_command(app, context);
  add_dead_command(app, context);
  add_schedule_command(app, context);
  add_ending_commands(app, context);
  add_watch_command(app, context);
  add_broker_commands(app, context);
  add_admin_command(app, context);
  add_workers_command(app, context);
  add_graph_commands(app, context);
  add_net_commands(app, context);
  add_completion_command(app, context);
  add_development_commands(app, context);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  const Outcome outcome = context.action();
  if (outcome) return 0;
  print_error(outcome.error().error);
  return outcome.error().exit;
}

}  // namespace
}  // namespace yard::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return yard::cli::run(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "switchyard: internal: %s\n", error.what());
    return yard::cli::kExitFailed;
  }
}
