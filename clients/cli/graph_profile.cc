// graph profile: which nodes run, and how long they take.
#include <algorithm>
#include <chrono>

#include "clients/cli/graph_commands.h"
#include "clients/cli/output.h"

namespace yard::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kExamples =
    "  switchyard graph profile flow.json --events events.ndjson\n"
    "  switchyard graph profile flow.json --events events.ndjson --advance 60000 --top 50\n"
    "\n"
    "Each node is run by itself here, which takes longer than a run does; what counts is one node beside another.\n";

struct Profiling {
  std::string file;
  std::string events;
  double advance_ms = 0;
  std::size_t top = 20;
};

class Profiler final : public graph::Tracer {
 public:
  struct Row {
    std::uint32_t node = 0;  // its place
    std::uint64_t runs = 0;
    std::uint64_t changes = 0;
    std::int64_t ns = 0;
  };
  explicit Profiler(std::uint32_t nodes) : rows_(nodes) {
    for (std::uint32_t node = 0; node < nodes; ++node) rows_[node].node = node;
  }

  void before(std::uint32_t) override { began_ = Clock::now(); }
  void after(std::uint32_t node, bool changed) override {
    Row& row = rows_[node];
    row.ns += (Clock::now() - began_).count();
    ++row.runs;
    row.changes += changed;
  }
  [[nodiscard]] std::vector<Row> hottest() const {
    std::vector<Row> rows = rows_;
    std::erase_if(rows, [](const Row& row) { return row.runs == 0; });
    std::ranges::sort(rows, std::greater(), &Row::ns);
    return rows;
  }

 private:
  std::vector<Row> rows_;
  Clock::time_point began_;
};

std::string fixed(double number, int digits) {
  char text[32];
  std::snprintf(text, sizeof text, "%.*f", digits, number);
  return text;
}

std::string id_of(const graph::Image& image, std::uint32_t node) {
  const auto handle = image.handle_of(node);
  return handle ? std::string(image.id_of(image.get_nodes()[handle->value()])) : "(conversion)";
}

void print_rows(const graph::Image& image, const std::vector<Profiler::Row>& rows, std::size_t top, bool as_json) {
  std::int64_t all_ns = 0;
  for (const Profiler::Row& row : rows) all_ns += row.ns;
  nlohmann::json list = nlohmann::json::array();
  std::vector<std::vector<std::string>> lines = {{"NODE", "KIND", "RUNS", "CHANGES", "SHARE", "NS A RUN"}};
  for (const Profiler::Row& row : rows) {
    if (lines.size() > top) break;
    const double share = all_ns > 0 ? static_cast<double>(row.ns) / static_cast<double>(all_ns) : 0;
    const double mean = static_cast<double>(row.ns) / static_cast<double>(row.runs);
    const std::string& kind = image.kind_of_place(row.node).name;
    list.push_back({{"node", id_of(image, row.node)},
                    {"kind", kind},
                    {"runs", row.runs},
                    {"changes", row.changes},
                    {"share", share},
                    {"ns_a_run", mean}});
    lines.push_back({one_line(id_of(image, row.node)), kind, std::to_string(row.runs), std::to_string(row.changes),
                     fixed(share * 100, 1) + " %", fixed(mean, 0)});
  }
  if (as_json) {
    print_line(compact({{"nodes", list}, {"nodes_that_ran", rows.size()}}));
    return;
  }
  print(table(lines));
  if (rows.size() > top) print_line("and " + std::to_string(rows.size() - top) + " more");
}

Outcome profile(Context& context, const Profiling& what) {
  auto loaded = load_world(what.file, {.pull = false}, context.json);
  if (!loaded) return std::unexpected(loaded.error());
  graph::World& world = **loaded;
  Profiler profiler(world.image().node_count());
  const auto settle = [&] {
    while (!world.settle()) world.clear_outbox();
    world.clear_outbox();
  };
  settle();  // the first wave runs everything, and would hide what is hot
  world.set_tracer(&profiler);
  graph::Session session(world);
  if (!what.events.empty()) {
    auto done = each_line(what.events, [&](std::string_view line, std::size_t number) -> Outcome {
      const auto answer = session.take(line);
      if (answer["ok"] != true)
        return std::unexpected(
            Failure({.code = ErrorCode::kInvalidArguments,
                     .message = "line " + std::to_string(number) + ": " + answer["err"].get<std::string>()}));
      if (world.epoch() != 1)
        return usage_failure("line " + std::to_string(number) + ": a profile is of one graph, without reloads");
      settle();
      return {};
    });
    if (!done) return done;
  }
  if (what.advance_ms > 0) {
    YARD_TRY_STATUS(
        world.apply(graph::AdvanceCause{world.now_ns() + static_cast<std::int64_t>(what.advance_ms * 1e6)}));
    settle();
  }
  print_rows(world.image(), profiler.hottest(), what.top, context.json);
  return {};
}

}  // namespace

void add_graph_profile(CLI::App& graph, Context& context) {
  const auto what = std::make_shared<Profiling>();
  CLI::App* command =
      add_graph_command(graph, context, "profile", "Show which nodes run most and take longest", kExamples);
  command->add_option("file", what->file, "The document")->required();
  command->add_option("--events", what->events, "Requests, one a line; - for standard input");
  command->add_option("--advance", what->advance_ms, "Milliseconds of logical time to go at the end")
      ->check(CLI::Range(0.0, 1e12));
  command->add_option("--top", what->top, "How many nodes to show")->capture_default_str();
  command->callback([&context, what] { context.action = [&context, what] { return profile(context, *what); }; });
}

}  // namespace yard::cli
