// ProcessAttempt: one attempt at a job, in a process group of its own.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>
#include <string>

#include "engine/base/clock.h"
#include "jobs/executor.h"
#include "jobs/executors/attempt.h"
#include "jobs/executors/process/command_spec.h"
#include "jobs/executors/process/line_buffer.h"
#include "jobs/executors/process/outcome.h"
#include "jobs/executors/process/poller.h"
#include "jobs/executors/process/sandbox.h"
#include "jobs/executors/process/scratch_folder.h"
#include "jobs/executors/process/spawn.h"
#include "jobs/executors/process/tool_line.h"

namespace yard::jobs {

// What all attempts of one executor share; outlives them.
struct Workshop {
  Poller& poller;
  ReportSink& reports;
  Result<SeccompFilter> filter;          // for most
  Result<SeccompFilter> network_filter;  // for those that may use the network
  std::array<char, 64u << 10> buffer{};  // what a read() fills
};

// What an attempt waits for, in the low bits of an event's key.
enum class Stream : std::uint8_t { kIn, kOut, kErr, kExit };
inline constexpr std::uint64_t kStreams = 4;

//                    leader exited: SIGKILL to the group
//   begin -> kRunning -----------------------------------> kEmptying -> kDraining -> kEnding -> kDone
//     |        stop or fault: SIGTERM, SIGKILL             until none   until all      ^  until Finished
//     |        after the grace                             of it runs   is read        |  is taken
//     +--------------------------- it could not be started ----------------------------+
//
// Reports leave in order, through try_push alone. One that finds no room waits, and until it is gone
// nothing more is read from the child's stdout: a full pipe then slows the child, and no one else.
//
// Threads: the monitor's; none of it blocks but the exec in begin() and the destructor.
class ProcessAttempt {
 public:
  // `spec` and `shop` must outlive it. `number` is not zero and unique among those that run.
  ProcessAttempt(Work work, const CommandSpec& spec, std::uint64_t number, Workshop& shop);

  // Kills and reaps what still runs, without a report.
  ~ProcessAttempt();
  ProcessAttempt(const ProcessAttempt&) = delete;
  ProcessAttempt& operator=(const ProcessAttempt&) = delete;

  [[nodiscard]] JobId id() const { return work_.id; }

  void begin(SteadyTime now);
  void stop(SteadyTime now);
  void on_event(Stream stream, SteadyTime now);

  // Whatever is due: reports that found no room, the grace's end, the end of the group. To be called after
  // each of the above, and at due().
  void step(SteadyTime now);
  [[nodiscard]] SteadyTime due() const { return due_; }

  // Finished is reported.
  [[nodiscard]] bool done() const { return state_ == State::kDone; }

 private:
  enum class State : std::uint8_t { kRunning, kEmptying, kDraining, kEnding, kDone };

  Result<Child> start_child();
  bool watch_child();
  void write_in();
  bool read_out();
  bool read_err();
  void close_stream(Fd& fd);
  void on_exit(SteadyTime now);
  void reap_leader();
  void terminate(SteadyTime now);
  void escalate(SteadyTime now);
  void kill_group(int signal) const;
  void look_at_group(SteadyTime now);
  void drain(SteadyTime now);
  void end(Result<Bytes> outcome);

  void fault(Error error, SteadyTime now);
  void handle(ToolLine line);
  void take_lines(SteadyTime now);
  void report(decltype(Report::what) what);
  void flush(SteadyTime now);
  [[nodiscard]] bool offer(Report& report, SteadyTime now);
  void wake_at(SteadyTime time) { due_ = std::min(due_, time); }
  [[nodiscard]] std::uint64_t key(Stream stream) const;

  const Work work_;
  const CommandSpec& spec_;
  const std::uint64_t number_;
  Workshop& shop_;

  State state_ = State::kRunning;
  std::optional<ScratchFolder> scratch_;
  Child child_;
  Bytes input_;  // of stdin, the part that is not written yet
  LineBuffer lines_;
  Ending ending_;
  bool paused_ = false;  // stdout is not read
  std::size_t drained_bytes_ = 0;
  std::deque<Report> pending_;  // in order; a few at most
  std::optional<Progressed> progress_;
  SteadyTime progress_sent_{};
  SteadyTime began_{};
  SteadyTime term_sent_{};
  SteadyTime exited_{};
  SteadyTime look_again_{};
  SteadyTime due_ = SteadyTime::max();
  Nanos busy_{};
};

}  // namespace yard::jobs
