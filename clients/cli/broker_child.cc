#include "clients/cli/broker_child.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "clients/cli/siblings.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

constexpr Millis kReadyTimeout = std::chrono::seconds(20);
constexpr std::size_t kReadyLineMax = 4'096;
constexpr int kReadyFd = 3;

using SteadyClock = std::chrono::steady_clock;

// Whether `fd` can be read (or has ended) before `deadline`.
bool is_readable_by(int fd, SteadyClock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::duration_cast<Millis>(deadline - SteadyClock::now()).count();
    pollfd item{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = poll(&item, 1, static_cast<int>(std::max<std::int64_t>(left, 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

struct Pipe {
  int read_end = -1;
  int write_end = -1;

  Pipe() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) == 0) read_end = ends[0], write_end = ends[1];
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_writer();
    if (read_end >= 0) close(read_end);
  }
  void close_writer() {
    if (write_end >= 0) close(write_end);
    write_end = -1;
  }
};

// Its own group, no signal blocked, SIGPIPE as usual, the log in a file, the pipe as kReadyFd.
Result<pid_t> spawn_broker(const std::string& path, const std::string& folder, int ready_fd) {
  std::vector<std::string> arguments = {path,
                                        "--listen",
                                        "tcp://127.0.0.1:*",
                                        "--iopub",
                                        "tcp://127.0.0.1:*",
                                        "--control",
                                        "tcp://127.0.0.1:*",
                                        "--state",
                                        folder + "/state",
                                        "--ready-fd",
                                        std::to_string(kReadyFd)};
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  sigset_t none;
  sigemptyset(&none);
  sigset_t usual = none;
  sigaddset(&usual, SIGPIPE);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setsigdefault(&attributes, &usual);
  posix_spawnattr_setpgroup(&attributes, 0);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ready_fd, kReadyFd);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, (folder + "/log").c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                   0600);
  posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, path.c_str(), &actions, &attributes, argument_pointers(arguments).data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (error != 0) return fail(ErrorCode::kIo, "cannot start " + path + ": " + std::strerror(error));
  return pid;
}

}  // namespace

Result<std::unique_ptr<BrokerChild>> BrokerChild::start() {
  std::unique_ptr<BrokerChild> child(new BrokerChild());
  YARD_TRY_STATUS(child->launch());
  return child;
}

Status BrokerChild::launch() {
  const auto path = find_sibling("switchyard-broker");
  if (!path) return fail(ErrorCode::kNotFound, "switchyard-broker is not beside switchyard; install both");
  std::error_code error;
  std::string folder = (std::filesystem::temp_directory_path(error) / "switchyard-demo-XXXXXX").string();
  if (error || mkdtemp(folder.data()) == nullptr) return fail(ErrorCode::kIo, "cannot make a temporary folder");
  folder_ = folder;
  Pipe ready;
  if (ready.read_end < 0) return fail(ErrorCode::kIo, "cannot make a pipe");
  YARD_TRY(pid_, spawn_broker(*path, folder_, ready.write_end));
  ready.close_writer();
  YARD_TRY(const std::string line, read_ready_line(ready.read_end));
  const auto endpoints = parse_json(line);
  if (!endpoints || !endpoints->is_object() || !endpoints->value("requests", nlohmann::json()).is_string())
    return fail(ErrorCode::kBadFrame, "the broker's ready line is no JSON with its endpoints");
  requests_ = endpoints->at("requests").get<std::string>();
  return {};
}

Result<std::string> BrokerChild::read_ready_line(int fd) const {
  const auto deadline = SteadyClock::now() + kReadyTimeout;
  std::string line;
  while (!line.ends_with('\n') && line.size() < kReadyLineMax) {
    if (!is_readable_by(fd, deadline)) return fail(ErrorCode::kUnavailable, "the broker was not ready within 20 s");
    char buffer[512];
    const ssize_t got = read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return fail(ErrorCode::kUnavailable, "the broker ended at once: " + last_log_line());
    line.append(buffer, static_cast<std::size_t>(got));
  }
  return line;
}

std::string BrokerChild::last_log_line() const {
  std::ifstream log(folder_ + "/log");
  std::string last;
  for (std::string line; std::getline(log, line);) last = line;
  return last.empty() ? "it says nothing" : last;
}

BrokerChild::~BrokerChild() { stop(); }

int BrokerChild::stop(Millis patience) {
  const std::lock_guard lock(mutex_);
  if (std::exchange(stopped_, true)) return exit_status_;
  if (pid_ > 0) {
    const int fd = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
    kill(pid_, SIGTERM);
    if (fd < 0 || !is_readable_by(fd, SteadyClock::now() + patience)) kill(pid_, SIGKILL);
    if (fd >= 0) close(fd);
    int status = 0;
    while (waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
    }
    exit_status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  std::error_code ignored;
  if (!folder_.empty()) std::filesystem::remove_all(folder_, ignored);
  return exit_status_;
}

}  // namespace yard::cli
