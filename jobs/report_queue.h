// ReportQueue: how reports come back from executors.
#pragma once

#include <functional>
#include <vector>

#include "engine/base/mutex.h"
#include "jobs/executor.h"
#include "jobs/executors/attempt.h"

namespace yard::jobs {

// Bounded: a reporter waits for room, which slows down a tool that streams faster than the broker
// takes (and no one else). The consumer never waits. After close() reports are dropped.
class ReportQueue final : public ReportSink {
 public:
  // `wake` is called, without a lock held, when a report comes for a consumer that said it will wait.
  ReportQueue(std::size_t capacity, std::function<void()> wake) : capacity_(capacity), wake_(std::move(wake)) {}

  // Threads: any; blocks while full.
  void push(Report&& report) override YARD_EXCLUDES(mutex_);

  // The same without waiting: false, and `report` untouched, while full. Threads: any.
  [[nodiscard]] bool try_push(Report&& report) override YARD_EXCLUDES(mutex_);

  // Moves everything into `out` (cleared first). Threads: the consumer's.
  void drain(std::vector<Report>& out) YARD_EXCLUDES(mutex_);

  // The consumer is about to wait: the next report wakes it. False if there is one already.
  [[nodiscard]] bool prepare_to_wait() YARD_EXCLUDES(mutex_);

  void close() YARD_EXCLUDES(mutex_);

 private:
  enum class Room { kWait, kRefuse };
  bool put(Report& report, Room when_full) YARD_EXCLUDES(mutex_);

  const std::size_t capacity_;
  const std::function<void()> wake_;
  Mutex mutex_;
  CondVar not_full_;
  std::vector<Report> reports_ YARD_GUARDED_BY(mutex_);
  bool waited_for_ YARD_GUARDED_BY(mutex_) = false;
  bool closed_ YARD_GUARDED_BY(mutex_) = false;
};

}  // namespace yard::jobs
