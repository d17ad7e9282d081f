#include "clients/cli/graph_commands.h"

#include <fstream>
#include <iostream>

#include "clients/cli/output.h"
#include "engine/graph/document.h"
#include "engine/kinds/standard.h"

namespace yard::cli {
namespace {

nlohmann::json to_json(const graph::Problems& problems) {
  nlohmann::json all = nlohmann::json::array();
  for (const graph::Problem& problem : problems)
    all.push_back({{"code", name_of(problem.code)}, {"pointer", problem.pointer}, {"message", problem.message}});
  return all;
}

}  // namespace

CLI::App* add_graph_command(CLI::App& graph, Context& context, const char* name, const char* description,
                            const char* examples) {
  CLI::App* command = graph.add_subcommand(name, description);
  command->add_flag("--json", context.json, "Print JSON, for programs");
  command->footer(std::string("\nExamples:\n") + examples);
  return command;
}

std::unexpected<Failure> report_problems(const std::string& file, const graph::Problems& problems, bool as_json) {
  if (as_json) {
    print_line(compact({{"ok", false}, {"problems", to_json(problems)}}));
  } else {
    for (const graph::Problem& problem : problems)
      print_line(one_line(file + ": " + problem.pointer + ": " + problem.message) + " (" +
                 std::string(name_of(problem.code)) + ")");
  }
  return std::unexpected(Failure({.code = ErrorCode::kBadRequest,
                                  .message = file + " has " + std::to_string(problems.size()) +
                                             (problems.size() == 1 ? " problem" : " problems")}));
}

LoadedWorld load_world(const std::string& file, const graph::WorldOptions& options, bool as_json) {
  YARD_TRY(std::string document, graph::read_document(file));
  auto world = graph::World::load(std::move(document), graph::standard_kinds(), options);
  if (!world) return report_problems(file, world.error(), as_json);
  return *std::move(world);
}

Outcome each_line(const std::string& file,
                  const std::function<Outcome(std::string_view line, std::size_t number)>& take) {
  std::ifstream opened;
  if (file != "-") {
    opened.open(file);
    if (!opened) return std::unexpected(Failure({.code = ErrorCode::kNotFound, .message = "cannot read " + file}));
  }
  std::istream& in = file == "-" ? std::cin : opened;
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    if (auto taken = take(line, number); !taken) return taken;
  }
  return {};
}

}  // namespace yard::cli
