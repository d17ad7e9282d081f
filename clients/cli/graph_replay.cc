// graph replay: a graph again, from its journal.
#include "clients/cli/graph_commands.h"
#include "clients/cli/graph_journal.h"
#include "clients/cli/output.h"
#include "engine/base/hash.h"
#include "engine/kinds/standard.h"
#include "engine/world/output_json.h"
#include "engine/world/record_json.h"

namespace yard::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* kReplayExamples =
    "  switchyard graph replay run1 --verify\n"
    "  switchyard graph replay run1 --to 120 --json > at120.json\n"
    "  switchyard graph replay run1 --records | jq 'select(.kind == \"EffectQueued\")'\n"
    "\n"
    "Prints every output as it is at the end, or at record --to. With --verify everything that the journal says is\n"
    "compared with what comes out now; the first difference is named, and the exit code is 1.\n";
struct Replaying {
  std::string journal;
  bool verify = false;
  bool records = false;
  std::uint64_t to = UINT64_MAX;
};

json snapshot_of(const graph::World& world) {
  json row = {{"type", "snapshot"},
              {"epoch", world.epoch()},
              {"event_id", world.next_event_id()},
              {"now_ms", static_cast<double>(world.now_ns()) / 1e6},
              {"state_hash", to_hex(hash128(world.snapshot()))}};
  for (std::uint32_t output = 0; output < world.image().get_output_ports().size(); ++output)
    if (world.is_live(output)) append_output(row, world, output);
  return row;
}

Outcome print_records(const GraphJournal& journal, std::uint64_t to) {
  YARD_TRY_STATUS(journal.each([&](std::uint64_t seq, const tickets::Record& record, const graph::Image* image) {
    if (seq > to) return;
    json row = {{"seq", seq}};
    row.update(to_json(record, image));
    print_line(text_of(row));
  }));
  return {};
}

Outcome replay(Context& context, const Replaying& what) {
  YARD_TRY(const GraphJournal journal, GraphJournal::open(what.journal));
  if (what.records) return print_records(journal, what.to);
  graph::Replay replay(graph::standard_kinds(), {.verify = what.verify, .to = what.to});
  const Status done = journal.replay(replay);
  if (!done) return std::unexpected(Failure(done.error()));
  const json snapshot = snapshot_of(replay.world());
  if (context.json) return print_line(text_of(snapshot)), Outcome();
  std::vector<std::vector<std::string>> rows = {{"OUTPUT", "VALUE"}};
  for (const auto& [name, value] : snapshot.items())
    if (name.find(':') != std::string::npos) rows.push_back({one_line(name), one_line(text_of(value))});
  print(table(rows));
  print_line("");
  print(table({{"record", std::to_string(replay.seq())},
               {"event_id", text_of(snapshot["event_id"])},
               {"time", text_of(snapshot["now_ms"]) + " ms"},
               {"state", snapshot["state_hash"].get<std::string>()},
               {"verified", what.verify ? "every witness" : "no; --verify does"}}));
  return {};
}

}  // namespace

void add_graph_replay(CLI::App& graph, Context& context) {
  const auto what = std::make_shared<Replaying>();
  CLI::App* command =
      add_graph_command(graph, context, "replay", "Run a graph again from its journal, and verify it", kReplayExamples);
  command->add_option("journal", what->journal, "The journal's folder")->required();
  command->add_flag("--verify", what->verify, "Compare every witness with what comes out now");
  command->add_option("--to", what->to, "The last record to take; their numbers begin with 1");
  command->add_flag("--records", what->records, "Print the records instead, one a line")->excludes("--verify");
  command->callback([&context, what] { context.action = [&context, what] { return replay(context, *what); }; });
}

}  // namespace yard::cli
