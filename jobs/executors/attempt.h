// One attempt at a job, as every executor in this process runs it.
#pragma once

#include <stop_token>

#include "engine/base/clock.h"
#include "jobs/executor.h"

namespace yard::jobs {

// Where an attempt's reports go.
class ReportSink {
 public:
  virtual ~ReportSink() = default;

  // May wait for room.
  virtual void push(Report&& report) = 0;

  // The same without waiting: false, and `report` untouched, where there is no room.
  [[nodiscard]] virtual bool try_push(Report&& report) = 0;
};

// Runs the handler on this thread and reports all of it: Started, what the handler says, Finished. An
// attempt that was stopped before it began is Finished as cancelled. `before_finish` is called when the
// handler is done, before Finished is reported.
void run_attempt(const Work& work, const std::stop_token& stop, const Runner& runner, ReportSink& reports,
                 const Clock& clock, const std::function<void()>& before_finish);

}  // namespace yard::jobs
