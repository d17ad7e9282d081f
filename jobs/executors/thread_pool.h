// ThreadPool: runs jobs on threads of this process.
#pragma once

#include <deque>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include "engine/base/mutex.h"
#include "jobs/executor.h"
#include "jobs/report_queue.h"

namespace yard::jobs {

// A thread can't be killed: handlers must look at their stop token. On destruction everything is asked
// to stop and the threads are joined, so a handler that never looks holds the process up.
class ThreadPool final : public Executor {
 public:
  // `runner` and `reports` must outlive it. `clock` measures how long handlers run.
  ThreadPool(std::size_t threads, Runner runner, ReportQueue& reports, const Clock& clock);
  ~ThreadPool() override;
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  void start(std::vector<Work>& work) override YARD_EXCLUDES(mutex_);
  void stop(JobId id) override YARD_EXCLUDES(mutex_);
  [[nodiscard]] std::size_t slots() const override { return threads_.size(); }

 private:
  struct Attempt {
    Work work;
    std::stop_source stop;
  };
  struct Running {
    JobId id;
    std::stop_source stop;
  };

  void run_loop(std::size_t thread, const std::stop_token& quit) YARD_EXCLUDES(mutex_);
  std::optional<Attempt> take(std::size_t thread, const std::stop_token& quit) YARD_EXCLUDES(mutex_);
  [[nodiscard]] std::stop_source stop_of(JobId id) YARD_EXCLUDES(mutex_);
  void forget(std::size_t thread) YARD_EXCLUDES(mutex_);

  const Runner runner_;
  ReportQueue& reports_;
  const Clock& clock_;
  Mutex mutex_;
  CondVar not_empty_;
  bool quitting_ YARD_GUARDED_BY(mutex_) = false;
  std::size_t idle_ YARD_GUARDED_BY(mutex_) = 0;
  std::deque<Attempt> waiting_ YARD_GUARDED_BY(mutex_);
  std::vector<Running> running_ YARD_GUARDED_BY(mutex_);  // by thread; a zero id where it has nothing to do
  std::vector<std::jthread> threads_;
};

}  // namespace yard::jobs
