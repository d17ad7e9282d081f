#include "jobs/executors/process/process_attempt.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <nlohmann/json.hpp>
#include <utility>
#include <variant>

#include "engine/base/pack.h"
#include "engine/base/pack_json.h"
#include "engine/base/text.h"
#include "jobs/executors/process/process_group.h"

namespace yard::jobs {
namespace {

// A progress bar needs no more than this; the newest is sent in the end at the latest. As attempt.cc has it.
constexpr Millis kProgressInterval{50};

// A fraction of what a job's stream keeps, so that it keeps some history whatever a tool streams. Ditto.
constexpr std::size_t kChunkBytesMax = 256u << 10;

// Between two tries of what nobody tells us about: room for a report, a group without members.
constexpr Millis kRetryInterval{5};

// How long a killed group may take to vanish. Longer only where a process hangs within the kernel, on a
// dead disk; or where there is no /proc, and nobody reaps orphans.
constexpr Millis kEmptyingMax{1'000};

// What may come after the group's end: all that a pipe holds (/proc/sys/fs/pipe-max-size). More would be
// written by a process that left the group.
constexpr std::size_t kDrainBytesMax = 1u << 20;

constexpr std::string_view kPath = "/usr/local/bin:/usr/bin:/bin";

// One JSON object and a newline, so that a shell can read it as a line.
Result<Bytes> input_of(const Work& work) {
  if (work.arguments.empty()) return "{}\n";
  if (const Status checked = check_pack(work.arguments); !checked) return std::unexpected(checked.error());
  const PackView view(work.arguments);
  if (view.type() != PackType::kMap) return fail(ErrorCode::kInvalidArguments, "the arguments are no map");
  return to_json(view).dump() + "\n";
}

std::vector<std::string> environment_of(const CommandSpec& spec, const std::string& folder, JobId id) {
  auto all = spec.environment;
  all.try_emplace("PATH", kPath);
  all.try_emplace("LANG", "C.UTF-8");
  all.try_emplace("HOME", folder);
  all.try_emplace("SWITCHYARD_JOB_ID", to_hex(id.value()));
  std::vector<std::string> entries;
  entries.reserve(all.size());
  for (const auto& [name, value] : all) entries.emplace_back(name).append("=").append(value);
  return entries;
}

Nanos cpu_time(const rusage& usage) {
  const auto nanos = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return nanos(usage.ru_utime) + nanos(usage.ru_stime);
}

StopMeans means_of(const Ending& ending) {
  if (ending.kill_sent) return StopMeans::kKilled;
  return ending.term_sent ? StopMeans::kTerminated : StopMeans::kCooperative;
}

}  // namespace

ProcessAttempt::ProcessAttempt(Work work, const CommandSpec& spec, std::uint64_t number, Workshop& shop)
    : work_(std::move(work)), spec_(spec), number_(number), shop_(shop), lines_(spec.line_bytes_max) {}

ProcessAttempt::~ProcessAttempt() {
  if (state_ == State::kRunning && child_.pid > 0) {
    kill_group(SIGKILL);
    reap_leader();
  }
  for (Fd* fd : {&child_.in, &child_.out, &child_.err}) close_stream(*fd);
  // Nobody tells when the last of a group is gone that is not our child. The folder is removed after it.
  for (Millis waited{0}; state_ == State::kEmptying && !group_is_gone(child_.pid) && waited < kEmptyingMax;
       waited += kRetryInterval) {
    ::poll(nullptr, 0, static_cast<int>(kRetryInterval.count()));
  }
}

// ---- the child

void ProcessAttempt::begin(SteadyTime now) {
  began_ = now;
  report(Started{});
  auto child = start_child();
  if (!child) return end(std::unexpected(std::move(child).error()));
  child_ = *std::move(child);
  if (!watch_child()) {
    kill_group(SIGKILL);
    on_exit(now);
    ending_.fault = {.code = ErrorCode::kUnavailable, .message = "no room to watch another process"};
    return;
  }
  write_in();
}

Result<Child> ProcessAttempt::start_child() {
  if (spec_.argv.empty()) return fail(ErrorCode::kToolFailed, "the tool " + work_.tool + " has no command");
  YARD_TRY(input_, input_of(work_));
  Launch launch{.argv = spec_.argv, .folder = spec_.working_folder, .limits = spec_.limits};
  if (spec_.sandbox) {
    const auto& filter = spec_.network ? shop_.network_filter : shop_.filter;
    if (!filter) return std::unexpected(filter.error());
    launch.filter = &*filter;
  }
  if (launch.folder.empty()) {
    YARD_TRY(scratch_, ScratchFolder::make());
    launch.folder = scratch_->path();
  }
  launch.environment = environment_of(spec_, launch.folder, work_.id);
  YARD_TRY(launch.program, find_program(launch.argv.front(), launch.environment));
  return spawn(launch);
}

bool ProcessAttempt::watch_child() {
  Poller& poller = shop_.poller;
  return poller.watch(child_.pidfd, EPOLLIN, key(Stream::kExit)) &&
         poller.watch(child_.out, EPOLLIN, key(Stream::kOut)) && poller.watch(child_.err, EPOLLIN, key(Stream::kErr)) &&
         poller.watch(child_.in, EPOLLOUT, key(Stream::kIn));
}

std::uint64_t ProcessAttempt::key(Stream stream) const {
  return number_ * kStreams + static_cast<std::uint64_t>(stream);
}

void ProcessAttempt::kill_group(int signal) const { ::kill(-child_.pid, signal); }

void ProcessAttempt::on_event(Stream stream, SteadyTime now) {
  switch (stream) {
    case Stream::kIn: return write_in();
    case Stream::kOut:
      if (!paused_) read_out();
      return;
    case Stream::kErr: read_err(); return;
    case Stream::kExit:
      if (state_ == State::kRunning) on_exit(now);
      return;
  }
}

void ProcessAttempt::close_stream(Fd& fd) {
  if (!fd) return;
  shop_.poller.unwatch(fd);
  fd.reset();
}

// A child that does not read its arguments is no fault: EPIPE ends it like the last byte.
void ProcessAttempt::write_in() {
  if (!child_.in) return;
  const ssize_t size = ::write(child_.in.get(), input_.data(), input_.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size > 0) input_.erase(0, static_cast<std::size_t>(size));
  if (size < 0 || input_.empty()) close_stream(child_.in);
}

// False where there is nothing to read now, or ever again.
bool ProcessAttempt::read_out() {
  if (!child_.out) return false;
  const ssize_t size = ::read(child_.out.get(), shop_.buffer.data(), shop_.buffer.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size <= 0) {
    close_stream(child_.out);
    lines_.end();
    return false;
  }
  const auto count = static_cast<std::size_t>(size);
  if (state_ == State::kDraining) drained_bytes_ += count;
  if (!ending_.fault) lines_.append({shop_.buffer.data(), count});
  return true;
}

bool ProcessAttempt::read_err() {
  if (!child_.err) return false;
  const ssize_t size = ::read(child_.err.get(), shop_.buffer.data(), shop_.buffer.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (size <= 0) {
    close_stream(child_.err);
    return false;
  }
  std::string& tail = ending_.stderr_tail;
  tail.append(shop_.buffer.data(), static_cast<std::size_t>(size));
  if (tail.size() > spec_.stderr_bytes_max) tail.erase(0, tail.size() - spec_.stderr_bytes_max);
  return true;
}

// ---- its end

void ProcessAttempt::stop(SteadyTime now) {
  if (state_ != State::kRunning) return;
  ending_.stop_asked = true;
  terminate(now);
}

void ProcessAttempt::terminate(SteadyTime now) {
  if (state_ != State::kRunning || ending_.term_sent) return;
  kill_group(SIGTERM);
  ending_.term_sent = true;
  term_sent_ = now;
}

void ProcessAttempt::escalate(SteadyTime now) {
  if (state_ != State::kRunning || !ending_.term_sent || ending_.kill_sent) return;
  if (now < term_sent_ + spec_.term_grace) return wake_at(term_sent_ + spec_.term_grace);
  kill_group(SIGKILL);
  ending_.kill_sent = true;
}

// While the leader is a zombie the group's number can't be another's: the group is killed before it is reaped.
void ProcessAttempt::reap_leader() {
  siginfo_t seen{};
  while (::waitid(P_PID, static_cast<id_t>(child_.pid), &seen, WEXITED | WNOWAIT) != 0 && errno == EINTR) {
  }
  kill_group(SIGKILL);
  rusage usage{};
  while (::wait4(child_.pid, &ending_.wait_status, 0, &usage) < 0 && errno == EINTR) {
  }
  ending_.cpu = cpu_time(usage);
  close_stream(child_.pidfd);
  close_stream(child_.in);
  state_ = State::kEmptying;
}

void ProcessAttempt::on_exit(SteadyTime now) {
  reap_leader();
  exited_ = now;
  busy_ = now - began_;
}

// Looks at once, and then less and less often: looking may be dear.
void ProcessAttempt::look_at_group(SteadyTime now) {
  if (now < look_again_) return wake_at(look_again_);
  if (group_is_gone(child_.pid) || now - exited_ >= kEmptyingMax) {
    state_ = State::kDraining;
    return;
  }
  look_again_ = now + std::max<Nanos>(now - exited_, kRetryInterval);
  wake_at(look_again_);
}

void ProcessAttempt::drain(SteadyTime now) {
  take_lines(now);
  while (child_.out && pending_.empty()) {
    if (!read_out() || drained_bytes_ >= kDrainBytesMax) {
      close_stream(child_.out);
      lines_.end();
    }
    take_lines(now);
  }
  if (child_.out || !pending_.empty()) return;
  for (std::size_t read = 0; read < kDrainBytesMax && read_err(); read += shop_.buffer.size()) {
  }
  close_stream(child_.err);
  end(outcome_of(ending_, spec_));
}

void ProcessAttempt::end(Result<Bytes> outcome) {
  if (progress_) report(*std::exchange(progress_, std::nullopt));
  scratch_.reset();
  report(Finished{.outcome = std::move(outcome), .busy = busy_, .stopped = means_of(ending_)});
  state_ = State::kEnding;
}

// ---- what it says

// The tool is asked to end, as stop() does, and what else it says is read and dropped.
void ProcessAttempt::fault(Error error, SteadyTime now) {
  ending_.fault = std::move(error);
  terminate(now);
}

void ProcessAttempt::handle(ToolLine line) {
  struct Visitor {
    ProcessAttempt& attempt;
    void operator()(Progressed& progress) const { attempt.progress_ = std::move(progress); }
    void operator()(Chunked& chunk) const {
      if (chunk.data.size() <= kChunkBytesMax) return attempt.report(std::move(chunk));
      for (std::size_t at = 0; at < chunk.data.size(); at += kChunkBytesMax) {
        attempt.report(Chunked{chunk.data.substr(at, kChunkBytesMax)});
      }
    }
    void operator()(Logged& log) const { attempt.report(std::move(log)); }
    void operator()(ToolResult& result) const { attempt.ending_.result = std::move(result.packed); }
    void operator()(ToolError& error) const { attempt.ending_.error = std::move(error.error); }
  };
  std::visit(Visitor{*this}, line);
}

// As many of the lines that are there as there is room for reports.
void ProcessAttempt::take_lines(SteadyTime now) {
  for (flush(now); pending_.empty() && !ending_.fault; flush(now)) {
    const auto line = lines_.next();
    if (!line) break;
    if (lines_.too_long()) {
      fault({.code = ErrorCode::kToolFailed,
             .message = "stdout: a line of more than " + std::to_string(spec_.line_bytes_max) + " bytes: \"" +
                        printable(*line) + "\""},
            now);
      break;
    }
    auto parsed = parse_tool_line(*line);
    if (parsed) {
      handle(*std::move(parsed));
    } else {
      fault(std::move(parsed).error(), now);
    }
  }
  if (!child_.out || paused_ == !pending_.empty()) return;
  paused_ = !paused_;
  if (paused_) {
    shop_.poller.pause(child_.out, key(Stream::kOut));
  } else {
    shop_.poller.resume(child_.out, EPOLLIN, key(Stream::kOut));
  }
}

// ---- reports

void ProcessAttempt::report(decltype(Report::what) what) {
  pending_.push_back({.id = work_.id, .fence = work_.fence, .what = std::move(what)});
}

bool ProcessAttempt::offer(Report& report, SteadyTime now) {
  if (shop_.reports.try_push(std::move(report))) return true;
  wake_at(now + kRetryInterval);
  return false;
}

void ProcessAttempt::flush(SteadyTime now) {
  while (!pending_.empty()) {
    if (!offer(pending_.front(), now)) return;
    pending_.pop_front();
  }
  if (!progress_) return;
  if (now - progress_sent_ < kProgressInterval) return wake_at(progress_sent_ + kProgressInterval);
  Report newest{.id = work_.id, .fence = work_.fence, .what = *progress_};
  if (!offer(newest, now)) return;
  progress_.reset();
  progress_sent_ = now;
}

void ProcessAttempt::step(SteadyTime now) {
  due_ = SteadyTime::max();
  if (state_ == State::kRunning || state_ == State::kEmptying) take_lines(now);
  escalate(now);
  if (state_ == State::kEmptying) {
    look_at_group(now);
  }
  if (state_ == State::kDraining) drain(now);
  if (state_ == State::kEnding) {
    flush(now);
    if (pending_.empty()) state_ = State::kDone;
  }
}

}  // namespace yard::jobs
