// graph replay, diff, why: what a journal tells.
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "clients/cli/graph_commands.h"
#include "clients/cli/output.h"
#include "engine/journal/posix_disk.h"
#include "engine/kinds/standard.h"
#include "engine/world/record_json.h"
#include "engine/world/why.h"
#include "engine/world/world_log.h"

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
constexpr const char* kDiffExamples =
    "  switchyard graph diff run1 run2\n"
    "  switchyard graph diff at100.json at120.json\n"
    "\n"
    "Journals are compared record by record, snapshots (what run and replay --json print) output by output. The exit "
    "code\n"
    "is 1 where they differ.\n";
constexpr const char* kWhyExamples =
    "  switchyard graph why run1 sum\n"
    "  switchyard graph why run1 mixer:out --to 120\n"
    "\n"
    "Prints the steps that led to the output's last change, and the causes behind them, each with its number in the\n"
    "journal.\n";

constexpr std::size_t kDifferencesMax = 20;

std::string text_of(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

struct Journal {
  std::unique_ptr<journal::PosixDisk> disk;

  static Result<Journal> open(const std::string& folder) {
    YARD_TRY(auto disk, journal::PosixDisk::open(folder, journal::PosixDisk::Access::kRead));
    return Journal{std::move(disk)};
  }
  // From the first record on, or where that is gone from the newest snapshot.
  Status replay(graph::Replay& replay) const {
    const Status whole = graph::replay_journal(*disk, false, graph::standard_kinds(), replay);
    if (whole || whole.error().code != ErrorCode::kTruncated) return whole;
    return graph::replay_journal(*disk, true, graph::standard_kinds(), replay);
  }
  // Calls visit(seq, record) for all records that are there.
  Status each(const std::function<Status(std::uint64_t, const tickets::Record&)>& visit) const {
    YARD_TRY(const auto opened, journal::Journal::open(*disk, {.read_only = true}));
    const auto segments = opened.extent().segments;
    const std::uint64_t first = segments.empty() ? 1 : segments.front();
    return opened.replay(first, [&](const journal::EntryView& entry) -> Status {
      BytesView left = entry.body;
      for (std::uint64_t seq = entry.first; !left.empty(); ++seq) {
        YARD_TRY(const auto record, tickets::take_record(left));
        if (record) YARD_TRY_STATUS(visit(seq, *record));
      }
      return {};
    });
  }
};

// ---- replay

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
  const graph::Image& image = world.image();
  for (std::uint32_t output = 0; output < image.get_output_ports().size(); ++output) {
    if (!world.is_live(output)) continue;
    const graph::PortDesc& port = image.get_output_ports()[output];
    const auto value = world.get(output);
    row[std::string(image.id_of(image.get_nodes()[port.node.value()])) + ":" + std::string(image.id_of(port))] =
        value ? to_json(*value, port.type) : json({{"fault", graph::name_of(value.error().code)}});
  }
  return row;
}

Outcome print_records(const Journal& journal, std::uint64_t to) {
  // Nodes have names once the graph has come by.
  std::shared_ptr<const graph::Image> image;
  YARD_TRY_STATUS(journal.each([&](std::uint64_t seq, const tickets::Record& record) -> Status {
    if (seq > to) return {};
    if (record.head.kind == tickets::RecordKind::kReload)
      if (auto loaded = graph::load_graph(std::string(record.body), graph::standard_kinds())) image = *loaded;
    json row = {{"seq", seq}};
    row.update(to_json(record, image.get()));
    print_line(text_of(row));
    return {};
  }));
  return {};
}

Outcome replay(Context& context, const Replaying& what) {
  YARD_TRY(const Journal journal, Journal::open(what.journal));
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

// ---- diff

// Prints what is not the same, and counts it.
class Differences {
 public:
  explicit Differences(bool as_json) : as_json_(as_json) {}

  void add(const std::string& where, const json& one, const json& other) {
    if (++count_ > kDifferencesMax) return;
    if (as_json_)
      print_line(text_of({{"where", where}, {"first", one}, {"second", other}}));
    else
      print_line(one_line(where) + ": " + one_line(text_of(one)) + " | " + one_line(text_of(other)));
  }
  [[nodiscard]] Outcome outcome(const std::string& one, const std::string& other) const {
    if (count_ == 0) {
      if (!as_json_) print_line("the same");
      return {};
    }
    return std::unexpected(Failure({.code = ErrorCode::kConflict,
                                    .message = one + " and " + other + " differ in " + std::to_string(count_) +
                                               (count_ == 1 ? " place" : " places") +
                                               (count_ > kDifferencesMax ? "; the first are shown" : "")}));
  }

 private:
  bool as_json_;
  std::size_t count_ = 0;
};

void compare(const std::string& where, const json& one, const json& other, Differences& differences) {
  for (const auto& [name, value] : one.items())
    if (!other.contains(name))
      differences.add(where + name, value, nullptr);
    else if (other[name] != value)
      differences.add(where + name, value, other[name]);
  for (const auto& [name, value] : other.items())
    if (!one.contains(name)) differences.add(where + name, nullptr, value);
}

Result<std::vector<std::pair<std::uint64_t, json>>> rows_of(const std::string& folder) {
  YARD_TRY(const Journal journal, Journal::open(folder));
  std::vector<std::pair<std::uint64_t, json>> rows;
  std::shared_ptr<const graph::Image> image;
  YARD_TRY_STATUS(journal.each([&](std::uint64_t seq, const tickets::Record& record) -> Status {
    if (record.head.kind == tickets::RecordKind::kReload)
      if (auto loaded = graph::load_graph(std::string(record.body), graph::standard_kinds())) image = *loaded;
    rows.emplace_back(seq, to_json(record, image.get()));
    return {};
  }));
  return rows;
}

Outcome diff_journals(const std::string& one, const std::string& other, bool as_json) {
  YARD_TRY(const auto first, rows_of(one));
  YARD_TRY(const auto second, rows_of(other));
  Differences differences(as_json);
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i >= first.size() || i >= second.size()) {
      const auto& [seq, row] = i < first.size() ? first[i] : second[i];
      differences.add("seq " + std::to_string(seq), i < first.size() ? row : json(), i < first.size() ? json() : row);
    } else {
      compare("seq " + std::to_string(first[i].first) + " " + first[i].second["kind"].get<std::string>() + " ",
              first[i].second, second[i].second, differences);
    }
  }
  return differences.outcome(one, other);
}

// The last snapshot in a file of lines.
Result<json> read_snapshot(const std::string& file) {
  std::ifstream in(file);
  if (!in) return fail(ErrorCode::kNotFound, "cannot read " + file);
  json found;
  for (std::string line; std::getline(in, line);) {
    json row = json::parse(line, nullptr, false);
    if (row.is_object() && row.value("type", "") == "snapshot") found = std::move(row);
  }
  if (found.is_null())
    return fail(ErrorCode::kBadRequest, file + " has no snapshot: a line with \"type\": \"snapshot\"");
  return found;
}

Outcome diff(const std::string& one, const std::string& other, bool as_json) {
  const bool are_folders = std::filesystem::is_directory(one);
  if (are_folders != std::filesystem::is_directory(other))
    return usage_failure("compare two journals, or two snapshots: one of these is a folder, the other is not");
  if (are_folders) return diff_journals(one, other, as_json);
  YARD_TRY(const json first, read_snapshot(one));
  YARD_TRY(const json second, read_snapshot(other));
  Differences differences(as_json);
  compare("", first, second, differences);
  return differences.outcome(one, other);
}

// ---- why

struct Asking {
  std::string journal;
  std::string output;
  std::uint64_t to = UINT64_MAX;
};

Outcome why(Context& context, const Asking& what) {
  YARD_TRY(const Journal journal, Journal::open(what.journal));
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
  YARD_TRY_STATUS(journal.each([&](std::uint64_t seq, const tickets::Record& record) -> Status {
    if (const auto found = causes.find(seq); found != causes.end()) found->second = to_json(record, &world.image());
    return {};
  }));

  const graph::Image& image = world.image();
  json rows = json::array();
  for (const graph::WhyStep& step : steps) {
    const graph::PortDesc& port = image.get_output_ports()[step.output];
    const auto value = world.get(step.output);
    rows.push_back({{"depth", step.depth},
                    {"output", std::string(image.id_of(image.get_nodes()[port.node.value()])) + ":" +
                                   std::string(image.id_of(port))},
                    {"value", value ? to_json(*value, port.type) : json({{"fault", name_of(value.error().code)}})},
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

void add_graph_diff(CLI::App& graph, Context& context) {
  const auto files = std::make_shared<std::pair<std::string, std::string>>();
  CLI::App* command =
      add_graph_command(graph, context, "diff", "Show where two journals, or two snapshots, differ", kDiffExamples);
  command->add_option("first", files->first, "A journal's folder, or a file with a snapshot")->required();
  command->add_option("second", files->second, "Another one")->required();
  command->callback([&context, files] {
    context.action = [&context, files] { return diff(files->first, files->second, context.json); };
  });
}

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
