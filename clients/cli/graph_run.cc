// graph run: events in, changes and effects out, line by line.
#include <chrono>
#include <filesystem>
#include <optional>

#include "clients/cli/graph_commands.h"
#include "clients/cli/output.h"
#include "engine/aot/library.h"
#include "engine/graph/document.h"
#include "engine/journal/posix_disk.h"
#include "engine/kinds/standard.h"
#include "engine/world/feed.h"
#include "engine/world/record_json.h"
#include "engine/world/world_log.h"

namespace yard::cli {
namespace {

using json = nlohmann::ordered_json;

constexpr const char* kExamples =
    "  switchyard graph run flow.json\n"
    "  echo '{\"type\": \"set\", \"node\": \"key1\", \"value\": 5}' | switchyard graph run flow.json --events -\n"
    "  switchyard graph run flow.json --events events.ndjson --journal run1 --watch sum --advance 5000\n"
    "\n"
    "A line is one batch: set, emit, batch, advance, get, stats, reload, check_point or roll_back; "
    "engine/world/PROTOCOL.md\n"
    "has them. Time is logical and goes on by advance only. Refused lines are answered, and make the exit code 1.\n"
    "With a journal that is there already the run goes on where it ended.\n";

struct Running {
  std::string file;
  std::string events;
  std::string journal;
  std::string compiled;
  std::string level = "full";
  std::vector<std::string> watch;
  double rate_hz = 0;
  double advance_ms = 0;
  unsigned workers = 1;
  bool schema = false;
  bool sync = false;
};

class Run {
 public:
  explicit Run(const Running& what) : what_(what) {}

  Outcome run(bool as_json) {
    if (auto begun = what_.journal.empty() ? begin(as_json) : begin_journal(as_json); !begun) return begun;
    if (auto done = settle(); !done) return done;
    if (auto swapped = use_compiled(); !swapped) return swapped;
    if (auto opened = open_feed(); !opened) return opened;
    if (!what_.events.empty()) {
      auto done =
          each_line(what_.events, [&](std::string_view line, std::size_t number) { return take(line, number); });
      if (!done) return done;
    }
    if (what_.advance_ms > 0) {
      const auto ns = static_cast<std::int64_t>(what_.advance_ms * 1e6);
      YARD_TRY_STATUS(world_->apply(graph::AdvanceCause{world_->now_ns() + ns}));
      if (auto done = settle(); !done) return done;
    }
    print_feed(INT64_MAX);
    if (log_) YARD_TRY_STATUS(log_->close());
    if (refused_ == 0) return {};
    return std::unexpected(
        Failure({.code = ErrorCode::kInvalidArguments,
                 .message = std::to_string(refused_) + " of " + std::to_string(taken_) + " lines were refused"}));
  }

 private:
  Outcome begin(bool as_json) {
    auto world = load_world(what_.file, {.pool = pool()}, as_json);
    if (!world) return std::unexpected(world.error());
    world_ = *std::move(world);
    return {};
  }

  Outcome begin_journal(bool as_json) {
    std::error_code ignored;
    std::filesystem::create_directories(what_.journal, ignored);
    YARD_TRY(disk_, journal::PosixDisk::open(what_.journal, journal::PosixDisk::Access::kWrite));
    YARD_TRY(const bool is_there, graph::WorldLog::is_there(*disk_));
    if (is_there) {
      YARD_TRY(auto opened, graph::WorldLog::open(*disk_, graph::standard_kinds(), pool()));
      world_ = std::move(opened.world);
      log_ = std::move(opened.log);
      // Who looked on in the run before is gone.
      for (const std::uint32_t output : world_->looked_at())
        YARD_TRY_STATUS(world_->apply(graph::DemandCause{output, false}));
      return go_on_with_file(as_json);
    }
    auto world = load_world(what_.file, {.journal = *tickets::journal_level(what_.level), .pool = pool()}, as_json);
    if (!world) return std::unexpected(world.error());
    world_ = *std::move(world);
    YARD_TRY(log_, graph::WorldLog::create(*disk_, *world_));
    return {};
  }

  Outcome use_compiled() {
    if (what_.compiled.empty()) return {};
    YARD_TRY(auto nodes, graph::aot::load_library(what_.compiled, world_->image()));
    YARD_TRY_STATUS(world_->use_compiled(std::move(nodes)));
    return {};
  }

  [[nodiscard]] std::shared_ptr<tickets::WorkerPool> pool() const {
    if (what_.workers == 1) return nullptr;
    return std::make_shared<tickets::WorkerPool>(tickets::WorkerPoolOptions{.workers = what_.workers});
  }

  // The file may be another one by now.
  Outcome go_on_with_file(bool as_json) {
    YARD_TRY(std::string document, graph::read_document(what_.file));
    if (document == world_->graph_text()) return {};
    const auto done = world_->reload(std::move(document));
    if (!done) return report_problems(what_.file, done.error(), as_json);
    return {};
  }

  Outcome open_feed() {
    session_.emplace(*world_, graph::SessionOptions{.read_file = graph::read_document});
    graph::FeedOptions options{.rate_hz = what_.rate_hz};
    for (const std::string& name : what_.watch) {
      YARD_TRY(const std::uint32_t output, graph::find_output(*world_, name));
      options.outputs.push_back(output);
    }
    YARD_TRY(feed_, graph::Feed::open(*world_, options));
    return settle();
  }

  Outcome take(std::string_view line, std::size_t number) {
    ++taken_;
    json answer = session_->take(line);
    const bool is_fine = answer["ok"] == true;
    if (!is_fine) {
      ++refused_;
      answer["line"] = number;
    }
    if (!is_fine || answer.size() > 1) print_line(answer.dump(-1, ' ', false, json::error_handler_t::replace));
    return settle();
  }

  // What a step leads to is written before it is told.
  Outcome settle() {
    for (bool at_rest = false; !at_rest;) {
      at_rest = world_->settle();
      if (log_) {
        YARD_TRY_STATUS(log_->append(*world_));
        if (what_.sync) YARD_TRY_STATUS(log_->sync());
      }
      print_feed(std::chrono::steady_clock::now().time_since_epoch().count());
      print_effects(UINT64_MAX);
      for (const graph::Breach& breach : world_->breaches()) print_json(to_json(breach, world_->image()));
      world_->clear_outbox();
      effects_told_ = 0;
    }
    return {};
  }

  // Each delta behind the effects of its wave.
  void print_feed(std::int64_t host_ns) {
    while (feed_) {
      const auto message = feed_->next(host_ns);
      if (!message) return;
      print_effects(message->event_id);
      if (what_.schema || message->kind != graph::FeedMessage::Kind::kSchema) print_line(message->text);
    }
  }
  void print_effects(std::uint64_t before) {
    const auto effects = world_->effects();
    for (; effects_told_ < effects.size() && effects[effects_told_].event_id < before; ++effects_told_)
      print_json(to_json(effects[effects_told_], world_->image()));
  }
  static void print_json(const json& row) { print_line(row.dump(-1, ' ', false, json::error_handler_t::replace)); }

  const Running& what_;
  std::unique_ptr<journal::PosixDisk> disk_;
  std::unique_ptr<graph::World> world_;
  std::optional<graph::WorldLog> log_;
  std::unique_ptr<graph::Feed> feed_;
  std::optional<graph::Session> session_;
  std::size_t effects_told_ = 0;  // of those that wait
  std::size_t taken_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace

void add_graph_run(CLI::App& graph, Context& context) {
  const auto what = std::make_shared<Running>();
  CLI::App* command =
      add_graph_command(graph, context, "run", "Run a graph: NDJSON events in, changes and effects out", kExamples);
  command->add_option("file", what->file, "The document")->required();
  command->add_option("--events", what->events, "Requests, one a line; - for standard input");
  command->add_option("--workers", what->workers, "Threads for large waves; what comes out is the same for any number")
      ->check(CLI::Range(1u, tickets::WorkerPool::kWorkersMax))
      ->capture_default_str();
  command->add_option("--journal", what->journal, "A folder for the journal, or with one to go on with");
  command->add_option("--compiled", what->compiled, "A library of this graph, from graph compile --shared, to run it");
  command->add_option("--level", what->level, "How much the journal has: causes, or witnesses too")
      ->check(CLI::IsMember({"causes", "full"}))
      ->capture_default_str();
  command->add_option("--watch", what->watch, "Outputs to tell about, node or node:port; all by default");
  command->add_option("--rate", what->rate_hz, "Deltas a second at most; 0: one for every wave")
      ->check(CLI::Range(0, 1'000));
  command->add_option("--advance", what->advance_ms, "Milliseconds of logical time to go at the end")
      ->check(CLI::Range(0.0, 1e12));
  command->add_flag("--schema", what->schema, "Tell nodes and ports first");
  command->add_flag("--sync", what->sync, "Let nothing out before its record survives a loss of power")
      ->needs("--journal");
  command->callback([&context, what] { context.action = [&context, what] { return Run(*what).run(context.json); }; });
}

}  // namespace yard::cli
