#include "jobs/report_queue.h"

#include <utility>

namespace yard::jobs {

void ReportQueue::push(Report&& report) { put(report, Room::kWait); }

bool ReportQueue::try_push(Report&& report) { return put(report, Room::kRefuse); }

bool ReportQueue::put(Report& report, Room when_full) {
  bool wake = false;
  {
    const MutexLock lock(mutex_);
    while (reports_.size() >= capacity_ && !closed_) {
      if (when_full == Room::kRefuse) return false;
      not_full_.wait(mutex_);
    }
    if (closed_) return true;
    wake = std::exchange(waited_for_, false);
    reports_.push_back(std::move(report));
  }
  if (wake) wake_();
  return true;
}

void ReportQueue::drain(std::vector<Report>& out) {
  out.clear();
  bool was_full = false;
  {
    const MutexLock lock(mutex_);
    waited_for_ = false;
    was_full = reports_.size() >= capacity_;
    std::swap(out, reports_);
  }
  if (was_full) not_full_.notify_all();
}

bool ReportQueue::prepare_to_wait() {
  const MutexLock lock(mutex_);
  waited_for_ = reports_.empty();
  return waited_for_;
}

void ReportQueue::close() {
  {
    const MutexLock lock(mutex_);
    closed_ = true;
    reports_.clear();
  }
  not_full_.notify_all();
}

}  // namespace yard::jobs
