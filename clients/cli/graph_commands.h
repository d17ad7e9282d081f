// What the graph commands share. None of them needs a broker.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "clients/cli/context.h"
#include "engine/graph/problem.h"
#include "engine/world/session.h"
#include "engine/world/world.h"

namespace yard::cli {

void add_graph_compile(CLI::App& graph, Context& context);
void add_graph_run(CLI::App& graph, Context& context);
void add_graph_profile(CLI::App& graph, Context& context);
void add_graph_replay(CLI::App& graph, Context& context);
void add_graph_diff(CLI::App& graph, Context& context);
void add_graph_why(CLI::App& graph, Context& context);

// A subcommand with --json, and examples below its help.
CLI::App* add_graph_command(CLI::App& graph, Context& context, const char* name, const char* description,
                            const char* examples);

// Prints everything that is wrong with `file`, and is the failure to end with.
[[nodiscard]] std::unexpected<Failure> report_problems(const std::string& file, const graph::Problems& problems,
                                                       bool as_json);

using LoadedWorld = std::expected<std::unique_ptr<graph::World>, Failure>;
[[nodiscard]] LoadedWorld load_world(const std::string& file, const graph::WorldOptions& options, bool as_json);

// Gives `take(line, number)` each line of a file, or of stdin for "-"; empty ones not. Errors: kNotFound, and what
// `take` returns.
[[nodiscard]] Outcome each_line(const std::string& file,
                                const std::function<Outcome(std::string_view line, std::size_t number)>& take);

}  // namespace yard::cli
