// ProcessExecutor: runs jobs as commands, each in a process group of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/base/clock.h"
#include "jobs/executor.h"
#include "jobs/executors/attempt.h"
#include "jobs/executors/process/command_spec.h"

namespace yard::jobs {

// For tools that must be stoppable whatever they do, that are no C++, or that aren't trusted with the
// broker's memory. README.md has the protocol that a program speaks and the limits it runs under.
//
// An attempt is Started, says what it says, and is Finished when its process has exited and its process group
// is empty; one that never began (stopped before, or of a tool without a command) is only Finished. A stop is
// SIGTERM to the group and, after the command's term_grace, SIGKILL; the error tells which of them it took.
//
// Threads: one of its own watches all children. It never waits for room among the reports: an attempt whose
// report finds none is not read from until there is, and the others go on.
class ProcessExecutor final : public Executor {
 public:
  // At most `slots` attempts run at once, at least one; more work waits, in order. `command_of` is called in
  // start(). `reports` and `clock` must outlive it; the clock has to be a real one, as the children are.
  //
  // Throws: std::system_error where the process has no room for its descriptors or its thread.
  ProcessExecutor(std::size_t slots, CommandOf command_of, ReportSink& reports, const Clock& clock);

  // Kills what runs and forgets what waits: nothing more is reported. When it returns no process of a group,
  // and none of the temporary folders, is left.
  ~ProcessExecutor() override;
  ProcessExecutor(const ProcessExecutor&) = delete;
  ProcessExecutor& operator=(const ProcessExecutor&) = delete;

  void start(std::vector<Work>& work) override;
  void stop(JobId id) override;
  [[nodiscard]] std::size_t slots() const override { return slots_; }

 private:
  class Monitor;

  const std::size_t slots_;
  const CommandOf command_of_;
  const std::unique_ptr<Monitor> monitor_;
};

}  // namespace yard::jobs
