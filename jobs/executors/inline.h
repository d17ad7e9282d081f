// InlineExecutor: runs jobs on the caller's own thread, one after the other.
#pragma once

#include <functional>

#include "jobs/executor.h"
#include "jobs/executors/attempt.h"

namespace yard::jobs {

// For debugging (`switchyard-broker --threads 0`) and for tests that want no threads: start() returns when
// the work is done, so nothing else happens meanwhile, and a running job can't be told to stop.
class InlineExecutor final : public Executor, private ReportSink {
 public:
  using OnReport = std::function<void(Report&&)>;

  // `on_report` is called from within start(). `clock` must outlive it.
  InlineExecutor(Runner runner, OnReport on_report, const Clock& clock)
      : runner_(std::move(runner)), on_report_(std::move(on_report)), clock_(clock) {}

  void start(std::vector<Work>& work) override;
  void stop(JobId) override {}
  [[nodiscard]] std::size_t slots() const override { return 1; }

 private:
  void push(Report&& report) override { on_report_(std::move(report)); }
  [[nodiscard]] bool try_push(Report&& report) override { return on_report_(std::move(report)), true; }

  const Runner runner_;
  const OnReport on_report_;
  const Clock& clock_;
};

}  // namespace yard::jobs
