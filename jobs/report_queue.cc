#include "jobs/report_queue.h"

#include <utility>

namespace yard::jobs {

void ReportQueue::push(Report&& report) {
  bool was_empty = false;
  {
    const MutexLock lock(mutex_);
    while (reports_.size() >= capacity_ && !closed_) not_full_.wait(mutex_);
    if (closed_) return;
    was_empty = reports_.empty();
    reports_.push_back(std::move(report));
  }
  if (was_empty) wake_();
}

void ReportQueue::drain(std::vector<Report>& out) {
  out.clear();
  bool was_full = false;
  {
    const MutexLock lock(mutex_);
    was_full = reports_.size() >= capacity_;
    std::swap(out, reports_);
  }
  if (was_full) not_full_.notify_all();
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
