// graph why: which causes led to a value.
#include <map>

#include "clients/cli/graph_commands.h"
#include "clients/cli/graph_journal.h"
#include "clients/cli/output.h"
#include "engine/kinds/standard.h"
#include "engine/world/output_json.h"
#include "engine/world/record_json.h"
#include "engine/world/why.h"

namespace yard::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* kWhyExamples =
    "  switchyard graph why run1 sum\n"
    "  switchyard graph why run1 mixer:out --to 120\n"
    "\n"
    "Prints the steps that led to the output's last change, and the causes behind them, each with its number in the\n"
    "journal.\n";

struct Asking {
  std::string journal;
  std::string output;
  std::uint64_t to = UINT64_MAX;
};

Outcome why(Context& context, const Asking& what) {
  YARD_TRY(const GraphJournal journal, GraphJournal::open(what.journal));
  graph::Replay replay(graph::standard_kinds(), {.to = what.to});
  graph::Why asked(replay);
  const Status done = journal.replay(replay);
  if (!done) return std::unexpected(Failure(done.error()));
  const graph::World& world = replay.world();
  YARD_TRY(const std::uint32_t output, graph::find_output(world, what.output));
  const auto steps = asked.explain(output);

  std::map<std::uint64_t, json> causes;
  for (const graph::WhyStep& step : steps)
    for (std::uint64_t seq = step.first_cause; seq <= step.last_cause; ++seq) causes.emplace(seq, json());
  YARD_TRY_STATUS(journal.each([&](std::uint64_t seq, const tickets::Record& record, const graph::Image* image) {
    if (const auto found = causes.find(seq); found != causes.end()) found->second = to_json(record, image);
  }));

  json rows = json::array();
  for (const graph::WhyStep& step : steps) {
    rows.push_back({{"depth", step.depth},
                    {"output", output_name(world.image(), step.output)},
                    {"value", output_json(world, step.output)},
                    {"event_id", step.event_id},
                    {"causes", {step.first_cause, step.last_cause}}});
  }
  if (context.json) {
    json list = json::array();
    for (const auto& [seq, cause] : causes) {
      json row = {{"seq", seq}};
      row.update(cause);
      list.push_back(std::move(row));
    }
    return print_line(text_of({{"steps", rows}, {"causes", list}})), Outcome();
  }
  if (steps.empty()) return print_line("nothing: it is as the graph has it"), Outcome();
  for (const json& row : rows) {
    const std::string causes_text = row["causes"][0] == row["causes"][1]
                                        ? row["causes"][0].dump()
                                        : row["causes"][0].dump() + " to " + row["causes"][1].dump();
    print_line(std::string(row["depth"].get<std::size_t>() * 2, ' ') + one_line(row["output"].get<std::string>()) +
               " = " + one_line(text_of(row["value"])) + "  (event " + row["event_id"].dump() + ", cause " +
               causes_text + ")");
  }
  print_line("");
  for (const auto& [seq, cause] : causes) print_line("cause " + std::to_string(seq) + ": " + one_line(text_of(cause)));
  return {};
}

}  // namespace

void add_graph_why(CLI::App& graph, Context& context) {
  const auto what = std::make_shared<Asking>();
  CLI::App* command =
      add_graph_command(graph, context, "why", "Show which causes led to an output's value", kWhyExamples);
  command->add_option("journal", what->journal, "The journal's folder")->required();
  command->add_option("output", what->output, "node, or node:port")->required();
  command->add_option("--to", what->to, "As it was after this record");
  command->callback([&context, what] { context.action = [&context, what] { return why(context, *what); }; });
}

}  // namespace yard::cli
