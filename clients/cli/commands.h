// The commands: each function adds some to the command line. `context` must outlive `app`.
#pragma once

#include "clients/cli/context.h"

namespace yard::cli {

void add_serve_command(CLI::App& app, Context& context);
void add_tools_command(CLI::App& app, Context& context);
void add_call_command(CLI::App& app, Context& context);
void add_submit_command(CLI::App& app, Context& context);
void add_cast_command(CLI::App& app, Context& context);
void add_job_commands(CLI::App& app, Context& context);  // jobs, job, why
void add_history_command(CLI::App& app, Context& context);
void add_dead_command(CLI::App& app, Context& context);      // dead list, show, replay, purge
void add_schedule_command(CLI::App& app, Context& context);  // schedule add, list, show, remove
void add_ending_commands(CLI::App& app, Context& context);   // wait, cancel
void add_watch_command(CLI::App& app, Context& context);
void add_broker_commands(CLI::App& app, Context& context);  // stats, ping, drain
void add_admin_command(CLI::App& app, Context& context);    // admin pause, resume, purge, drain, audit
void add_workers_command(CLI::App& app, Context& context);
void add_graph_commands(CLI::App& app, Context& context);  // graph check, inspect, run, profile, replay, diff, why
void add_net_commands(CLI::App& app, Context& context);    // net run, check
void add_completion_command(CLI::App& app, Context& context);
void add_development_commands(CLI::App& app, Context& context);  // bench, sim
void add_demo_command(CLI::App& app, Context& context);

}  // namespace yard::cli
