#include "jobs/executors/thread_pool.h"

#include <algorithm>

#include "jobs/executors/attempt.h"

namespace yard::jobs {

ThreadPool::ThreadPool(std::size_t threads, Runner runner, ReportQueue& reports, const Clock& clock)
    : runner_(std::move(runner)), reports_(reports), clock_(clock) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](std::stop_token quit) { run_loop(std::move(quit)); });
  }
}

ThreadPool::~ThreadPool() {
  {
    const MutexLock lock(mutex_);
    quitting_ = true;
    waiting_.clear();
    for (auto& [id, stop] : attempts_) stop.request_stop();
  }
  not_empty_.notify_all();
}

void ThreadPool::start(std::vector<Work>& work) {
  std::size_t wake = 0;
  {
    const MutexLock lock(mutex_);
    for (Work& one : work) {
      const Attempt& attempt = waiting_.emplace_back(std::move(one));
      attempts_.emplace(attempt.work.id, attempt.stop);
    }
    wake = std::min(idle_, work.size());
  }
  work.clear();
  for (; wake > 0; --wake) not_empty_.notify_one();
}

void ThreadPool::stop(JobId id) {
  std::stop_source stop(std::nostopstate);
  {
    const MutexLock lock(mutex_);
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) return;
    stop = found->second;
  }
  stop.request_stop();  // outside the lock: it runs the handler's stop callbacks
}

std::optional<ThreadPool::Attempt> ThreadPool::take(const std::stop_token& quit) {
  const MutexLock lock(mutex_);
  ++idle_;
  while (waiting_.empty() && !quitting_ && !quit.stop_requested()) not_empty_.wait(mutex_);
  --idle_;
  if (waiting_.empty()) return std::nullopt;
  std::optional<Attempt> attempt(std::move(waiting_.front()));
  waiting_.pop_front();
  return attempt;
}

void ThreadPool::forget(JobId id) {
  const MutexLock lock(mutex_);
  attempts_.erase(id);
}

void ThreadPool::run_loop(std::stop_token quit) {
  while (const auto attempt = take(quit)) {
    const JobId id = attempt->work.id;
    run_attempt(attempt->work, attempt->stop.get_token(), runner_, reports_, clock_, [&] { forget(id); });
  }
}

}  // namespace yard::jobs
