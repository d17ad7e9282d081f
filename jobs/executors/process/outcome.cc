#include "jobs/executors/process/outcome.h"

#include <sys/wait.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <string_view>
#include <utility>

#include "engine/base/pack.h"
#include "engine/base/text.h"

namespace yard::jobs {
namespace {

constexpr int kShellSignalBase = 128;  // a shell's status for a command that a signal ended

std::string signal_name(int signal) {
  const char* name = ::sigabbrev_np(signal);
  return name != nullptr ? "SIG" + std::string(name) : "signal " + std::to_string(signal);
}

std::string limit_text(std::string_view what, std::uint64_t limit, std::string_view unit) {
  return "its limit of " + std::to_string(limit) + " " + std::string(unit) + " " + std::string(what);
}

// Which limit sent `signal`; empty where none of ours did.
std::string limit_behind(int signal, const Ending& ending, const CommandLimits& limits) {
  const auto cpu_limit = [&] { return limit_text("of CPU time", limits.cpu_seconds, "s"); };
  if (signal == SIGXCPU && limits.cpu_seconds > 0) return cpu_limit();
  if (signal == SIGXFSZ && limits.file_bytes > 0) return limit_text("a file", limits.file_bytes, "bytes");
  const bool spent = limits.cpu_seconds > 0 && ending.cpu >= std::chrono::seconds(limits.cpu_seconds);
  return signal == SIGKILL && spent ? cpu_limit() : "";
}

// It exited, though not with 0; or a signal ended it.
Error exit_error(int status) {
  const std::string text = "exited with status " + std::to_string(status);
  const bool from_shell = status > kShellSignalBase && ::sigabbrev_np(status - kShellSignalBase) != nullptr;
  return {.code = ErrorCode::kToolFailed,
          .message = from_shell ? text + " (128 + " + signal_name(status - kShellSignalBase) + ")" : text};
}

Error signal_error(int signal, const Ending& ending, const CommandLimits& limits) {
  const std::string killed = "killed by " + signal_name(signal);
  const std::string limit = limit_behind(signal, ending, limits);
  if (!limit.empty()) return {.code = ErrorCode::kToolFailed, .message = killed + ": " + limit};
  return {.code = ErrorCode::kWorkerLost,
          .message = signal == SIGKILL ? killed + ": not by the broker; the machine may be out of memory" : killed};
}

Error described(const Ending& ending, const CommandLimits& limits) {
  return WIFSIGNALED(ending.wait_status) ? signal_error(WTERMSIG(ending.wait_status), ending, limits)
                                         : exit_error(WEXITSTATUS(ending.wait_status));
}

// "; stderr: first line | second line", or nothing.
std::string stderr_text(std::string_view tail) {
  std::string text;
  while (!tail.empty()) {
    const std::size_t size = std::min(tail.find('\n'), tail.size());
    if (size > 0) text += (text.empty() ? "; stderr: " : " | ") + printable(tail.substr(0, size), size);
    tail.remove_prefix(std::min(size + 1, tail.size()));
  }
  return text;
}

std::string stopped_text(const Ending& ending, const CommandSpec& spec) {
  if (!ending.kill_sent) return "stopped by SIGTERM";
  return "stopped by SIGKILL after " + std::to_string(spec.term_grace.count()) + " ms";
}

}  // namespace

Result<Bytes> outcome_of(Ending ending, const CommandSpec& spec) {
  const bool exited_well = WIFEXITED(ending.wait_status) && WEXITSTATUS(ending.wait_status) == 0;
  if (ending.fault) return std::unexpected(*std::move(ending.fault));
  if (ending.stop_asked && ending.term_sent && !(exited_well && ending.result && !ending.error)) {
    std::string message = stopped_text(ending, spec);
    if (ending.error) message += "; it said: " + ending.error->message;
    return fail(ErrorCode::kCancelled, std::move(message));
  }
  if (ending.error) return std::unexpected(*std::move(ending.error));
  if (!exited_well) {
    Error error = described(ending, spec.limits);
    error.message += stderr_text(ending.stderr_tail);
    return std::unexpected(std::move(error));
  }
  if (ending.result) return *std::move(ending.result);
  Bytes empty;
  PackWriter(empty).map(0);
  return empty;
}

}  // namespace yard::jobs
