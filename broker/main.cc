// switchyard-broker: reads the configuration, opens the tools, serves.
#include <fcntl.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "broker/config.h"
#include "broker/server.h"
#include "engine/base/clock.h"
#include "jobs/history/history.h"
#include "jobs/logs/journal_log.h"
#include "tools/cas/result_store.h"
#include "tools/history/tools.h"
#include "tools/standard/standard.h"
#include "version.h"

namespace yard::broker {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitUsage = 2;

struct CommandLine {
  std::string config_file;
  std::string state;
  std::string requests;
  std::string iopub;
  std::string control;
  std::string workers;
  std::vector<std::string> read_roots;
  std::optional<std::size_t> threads;
  std::string log_level;
  std::string log;
  int ready_fd = -1;
  bool check_config = false;
  bool verify = false;
};

void declare(CLI::App& app, CommandLine& line) {
  app.set_version_flag("--version", "switchyard-broker " + std::string(kVersion));
  app.add_option("--config", line.config_file, "TOML file; see deploy/broker.toml");
  app.add_option("--state", line.state, "Folder for artifacts and jobs");
  app.add_option("--listen", line.requests,
                 "Endpoint for requests: ipc:///folder/name or tcp://127.0.0.1:5580 (port * picks one)");
  app.add_option("--iopub", line.iopub, "Endpoint for events");
  app.add_option("--control", line.control, "Endpoint for control");
  app.add_option("--workers", line.workers, "Endpoint for remote workers; by default beside the requests'");
  app.add_option("--read-root", line.read_roots, "Folder that file tools may read below; repeatable");
  app.add_option("--threads", line.threads,
                 "Threads of the executor; 0 runs jobs on the loop's own, one after the other, for debugging")
      ->check(CLI::Range(0, 256));
  app.add_option("--log-level", line.log_level, "debug, info, warn or error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  app.add_option("--ready-fd", line.ready_fd, "Write the endpoints there as one line of JSON, once they are open");
  app.add_flag("--check-config", line.check_config, "Print the effective configuration and exit");
  app.add_option("--log", line.log, "Where jobs are kept: journal (in the state folder) or memory (nowhere)")
      ->check(CLI::IsMember({"journal", "memory"}));
  app.add_flag("--verify", line.verify,
               "Check the state folder, of a broker that doesn't run, change nothing, and exit");
  app.footer(
      "Usually started by `switchyard serve`. SIGTERM drains: no new work, running jobs get their grace, exit 0.");
}

Result<Config> effective_config(const CommandLine& line) {
  Config config = default_config();
  if (!line.config_file.empty()) YARD_TRY_STATUS(read_config(line.config_file, config));
  if (!line.state.empty()) config.state = line.state;
  if (!line.requests.empty()) config.requests = line.requests;
  if (!line.iopub.empty()) config.iopub = line.iopub;
  if (!line.control.empty()) config.control = line.control;
  if (!line.workers.empty()) config.workers = line.workers;
  if (line.threads) config.threads = line.threads;
  if (!line.log_level.empty()) config.log_level = line.log_level;
  if (!line.log.empty()) config.log = line.log;
  for (const std::string& root : line.read_roots) config.read_roots.emplace_back(std::filesystem::absolute(root));
  config.state = std::filesystem::absolute(config.state);
  return config;
}

// Blocks the stop signals in this and all later threads; they arrive through the descriptor.
int open_stop_fd() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

// Every connection is a descriptor, and libzmq aborts when an ipc listener runs out of them.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) spdlog::warn("descriptor limit not raised");
}

// Holds the state folder for this process; the lock goes with it.
Status claim_state(const std::filesystem::path& state) {
  std::error_code error;
  std::filesystem::create_directories(state, error);
  if (error) return fail(ErrorCode::kIo, "cannot make the state folder " + state.string() + ": " + error.message());
  std::filesystem::permissions(state, std::filesystem::perms::owner_all, error);
  const int lock = open((state / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600);
  if (lock < 0) return fail(ErrorCode::kIo, "cannot write to the state folder " + state.string());
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return fail(ErrorCode::kConflict,
                "another broker uses the state folder " + state.string() + "; stop it, or choose another --state");
  }
  return {};
}

Status announce(int fd, const Endpoints& endpoints) {
  if (fd < 0) return {};
  const std::string line = nlohmann::json{{"requests", endpoints.requests},
                                          {"iopub", endpoints.iopub},
                                          {"control", endpoints.control},
                                          {"workers", endpoints.workers}}
                               .dump() +
                           "\n";
  if (write(fd, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    return fail(ErrorCode::kIo, "cannot write to --ready-fd " + std::to_string(fd));
  }
  close(fd);
  return {};
}

std::filesystem::path log_folder(const Config& config) { return config.state / "jobs"; }

// Where jobs are kept, and what is known of those that were; without a journal there is no history. The log goes
// first: its compactor still tells the history.
struct Keeping {
  std::unique_ptr<jobs::History> history;
  std::unique_ptr<jobs::JobLog> log;
};

Result<Keeping> open_log(const Config& config) {
  if (config.log == "memory") return Keeping{.history = nullptr, .log = std::make_unique<jobs::MemoryLog>()};
  std::error_code error;
  std::filesystem::create_directories(log_folder(config), error);
  if (error) return fail(ErrorCode::kIo, "cannot make " + log_folder(config).string() + ": " + error.message());
  YARD_TRY(std::unique_ptr<jobs::JournalLog> log,
           jobs::JournalLog::open(log_folder(config), {.tombstones_max = config.limits.tombstones_max}));
  YARD_TRY(std::unique_ptr<jobs::History> history, jobs::History::open(config.state / "history.sqlite", *log));
  log->before_compaction([history = history.get()](const std::stop_token& stop) {
    const Status read = history->catch_up(stop);
    if (!read) spdlog::warn("history misses jobs error={}", to_string(read.error()));
  });
  return Keeping{.history = std::move(history), .log = std::move(log)};
}

// Prints what the log of jobs holds. Errors: its first damage.
Status verify(const Config& config) {
  YARD_TRY(const journal::VerifyReport report, jobs::verify_log(log_folder(config)));
  std::printf("%s: %zu segments, %llu entries, %llu records, %llu bytes, last position %llu\n",
              log_folder(config).c_str(), report.segments, static_cast<unsigned long long>(report.entries),
              static_cast<unsigned long long>(report.records), static_cast<unsigned long long>(report.bytes),
              static_cast<unsigned long long>(report.last_position));
  if (report.torn_tail_bytes > 0) {
    std::printf("a write of %llu bytes was interrupted; the next start cuts it off\n",
                static_cast<unsigned long long>(report.torn_tail_bytes));
  }
  if (report.damage) return std::unexpected(journal::to_error(*report.damage));
  std::printf("%s\n", report.sealed ? "whole, and closed in order" : "whole; the broker was not stopped in order");
  return {};
}

Status serve(const Config& config, int ready_fd) {
  const int stop_fd = open_stop_fd();
  raise_descriptor_limit();
  YARD_TRY_STATUS(claim_state(config.state));
  YARD_TRY(const auto toolbox, tools::StandardTools::open({.state = config.state,
                                                           .read_roots = config.read_roots,
                                                           .soundfont = config.soundfont,
                                                           .configuration = config_json(config)}));
  for (const tools::ToolSpec& command : config.commands) YARD_TRY_STATUS(toolbox->registry().add(command));
  if (const Status problem = toolbox->soundfont_problem(); !problem) {
    spdlog::warn("soundfont unusable error={}", to_string(problem.error()));
  }
  const SystemClock clock;
  YARD_TRY(const Keeping keeping, open_log(config));
  if (keeping.history) YARD_TRY_STATUS(tools::add_history_tools(toolbox->registry(), *keeping.history));
  Server server({.config = config,
                 .version = std::string(kVersion),
                 .stop_fd = stop_fd,
                 .store_result = tools::store_results_in(toolbox->cas()),
                 .host = &toolbox->worlds()},
                toolbox->registry(), *keeping.log, clock);
  YARD_TRY(const Endpoints endpoints, server.open());
  if (keeping.history) YARD_TRY_STATUS(keeping.history->drop_what_was_lost());
  spdlog::info("broker ready version={} requests={} iopub={} control={} workers={} state={}", kVersion,
               endpoints.requests, endpoints.iopub, endpoints.control, endpoints.workers, config.state.string());
  YARD_TRY_STATUS(announce(ready_fd, endpoints));
  const Status served = server.run();
  if (served) spdlog::info("broker stopped");
  return served;
}

int run(int argc, char** argv) {
  CLI::App app{"Switchyard's broker: dispatches tool calls, runs jobs, publishes events."};
  CommandLine line;
  declare(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : kExitUsage;
  }
  spdlog::set_default_logger(spdlog::stderr_color_mt("broker"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %^%l%$ %v");
  const auto config = effective_config(line);
  if (!config) {
    std::fprintf(stderr, "switchyard-broker: %s\n", to_string(config.error()).c_str());
    return kExitUsage;
  }
  if (line.check_config) {
    std::printf("%s\n", nlohmann::json::parse(config_json(*config)).dump(2).c_str());
    return 0;
  }
  spdlog::set_level(spdlog::level::from_str(config->log_level));
  const Status served = line.verify ? verify(*config) : serve(*config, line.ready_fd);
  if (served) return 0;
  std::fprintf(stderr, "switchyard-broker: %s\n", to_string(served.error()).c_str());
  return kExitFailed;
}

}  // namespace
}  // namespace yard::broker

int main(int argc, char** argv) { return yard::broker::run(argc, argv); }
