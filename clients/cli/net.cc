// net: interaction nets. Needs no broker.
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "clients/cli/commands.h"
#include "clients/cli/graph_commands.h"
#include "clients/cli/net_report.h"
#include "clients/cli/output.h"
#include "engine/graph/document.h"
#include "engine/nets/load.h"
#include "engine/nets/net_json.h"
#include "engine/nets/print.h"

namespace yard::cli {
namespace {

using nlohmann::json;

constexpr const char* kRunExamples =
    "  switchyard net run deploy/demo/nets/fib.net\n"
    "  switchyard net run fib.net --max 100 --snapshot half.snap   stop on the way\n"
    "  switchyard net run half.snap                                and go on\n"
    "  switchyard net run fib.net --trace | head                   every interaction\n"
    "  switchyard net run ack.net --workers 4 --json | jq .interactions\n"
    "\n"
    "Prints the normal form from the free wires on, then the derived values and the number of interactions, which\n"
    "are the same for any number of workers. A pair whose rule does not apply is listed as stuck, what no free wire\n"
    "leads to as rest. FILE is a net as text, as JSON, or a snapshot.\n";
constexpr const char* kCheckExamples =
    "  switchyard net check fib.net\n"
    "  switchyard net check --json fib.net | jq '.problems[].where'\n"
    "\n"
    "Prints every problem with its line and column, or its JSON pointer, and exits with 1 if there is one.\n";

// Some minutes of work; what takes longer says so.
constexpr std::uint64_t kInteractionsMax = 10'000'000'000;

struct NetRun {
  std::string file;
  std::uint64_t max = kInteractionsMax;
  unsigned workers = 1;
  bool trace = false;
  std::string snapshot;
};

std::expected<nets::Network, Failure> load(const std::string& file, unsigned workers, bool as_json) {
  YARD_TRY(const std::string bytes, graph::read_document(file));
  auto network = nets::load_net(bytes, workers);
  if (!network) return report_net_problems(file, network.error(), as_json);
  return *std::move(network);
}

Outcome check(Context& context, const std::string& file) {
  YARD_TRY(const nets::Network network, load(file, 1, context.json));
  const nets::State& state = network.state();
  const std::size_t symbols = state.book->symbols().size() - nets::kFirstUsed;
  const std::string discipline = state.book->is_lafont() ? "lafont" : "annette";
  if (context.json) {
    print_line(compact({{"ok", true},
                        {"discipline", discipline},
                        {"types", symbols},
                        {"rules", state.book->rules().size()},
                        {"agents", state.heap.live_count() - state.free.size()},
                        {"pairs", state.queue.size()}}));
    return {};
  }
  print_line(one_line(file) + ": fine, " + discipline + ", " + std::to_string(symbols) + " types, " +
             std::to_string(state.book->rules().size()) + " rules, " +
             std::to_string(state.heap.live_count() - state.free.size()) + " agents, " +
             std::to_string(state.queue.size()) + " pairs that interact");
  return {};
}

// One at a time, each told before it happens.
nets::Reduction trace(nets::Network& network, std::uint64_t max, bool as_json) {
  nets::Reduction done;
  while (done.interactions < max) {
    const auto redex = nets::next_redex(network.state());
    if (!redex) break;
    const std::string pair = print_pair(network.state(), network.texts(), redex->left, redex->right);
    const nets::Reduction step = network.reduce(1);
    if (step.is_out_of_room) return step;
    done.interactions += step.interactions;
    const std::uint64_t number = network.state().interactions;
    if (step.interactions == 0) continue;  // it is stuck, and told so at the end
    const bool is_read = as_json ? print_line(compact({{"interaction", number}, {"pair", pair}}))
                                 : print_line(std::to_string(number) + "  " + one_line(pair));
    if (!is_read) break;
  }
  done.is_normal = network.state().queue.is_empty();
  return done;
}

Outcome write_snapshot(const nets::Network& network, const std::string& file) {
  std::ofstream out(file, std::ios::binary | std::ios::trunc);
  out << network.snapshot();
  out.flush();
  if (!out) return std::unexpected(Failure({.code = ErrorCode::kIo, .message = "cannot write " + file}));
  return {};
}

Outcome run(Context& context, const NetRun& what) {
  YARD_TRY(nets::Network network, load(what.file, what.workers, context.json));
  const nets::Reduction done = what.trace ? trace(network, what.max, context.json) : network.reduce(what.max);
  if (!what.snapshot.empty()) YARD_TRY_STATUS(write_snapshot(network, what.snapshot));
  if (context.json)
    print_line(compact(nets::net_json(network, done)));
  else
    print(net_text(network, done));
  if (done.is_out_of_room)
    return std::unexpected(Failure({.code = ErrorCode::kTooLarge, .message = "the net has no room for more agents"}));
  return {};
}

}  // namespace

void add_net_commands(CLI::App& app, Context& context) {
  CLI::App* net = app.add_subcommand("net", "Interaction nets: check and reduce them");
  net->footer(std::string("\nExamples:\n") + kRunExamples + kCheckExamples);
  net->require_subcommand(1);

  const auto what = std::make_shared<NetRun>();
  CLI::App* running =
      add_graph_command(*net, context, "run", "Reduce a net and print what becomes of it", kRunExamples);
  running->add_option("file", what->file, "The net")->required();
  running->add_option("--max", what->max, "Interact so many times at most")->capture_default_str();
  running->add_option("--workers", what->workers, "Threads that reduce")
      ->check(CLI::Range(1u, tickets::WorkerPool::kWorkersMax));
  running->add_flag("--trace", what->trace, "Print every interaction; one after the other");
  running->add_option("--snapshot", what->snapshot, "Write what the net is at the end, for net run");
  running->callback([&context, what] { context.action = [&context, what] { return run(context, *what); }; });

  const auto file = std::make_shared<std::string>();
  CLI::App* checking = add_graph_command(*net, context, "check",
                                         "Check a net and print everything that is wrong with it", kCheckExamples);
  checking->add_option("file", *file, "The net")->required();
  checking->callback([&context, file] { context.action = [&context, file] { return check(context, *file); }; });
}

}  // namespace yard::cli
