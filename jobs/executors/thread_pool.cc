#include "jobs/executors/thread_pool.h"

#include <algorithm>

#include "jobs/executors/attempt.h"

namespace yard::jobs {

ThreadPool::ThreadPool(std::size_t threads, Runner runner, ReportQueue& reports, const Clock& clock)
    : runner_(std::move(runner)), reports_(reports), clock_(clock) {
  {
    const MutexLock lock(mutex_);
    running_.resize(threads, {.id = {}, .stop = std::stop_source(std::nostopstate)});
  }
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this, i](const std::stop_token& quit) { run_loop(i, quit); });
  }
}

ThreadPool::~ThreadPool() {
  {
    const MutexLock lock(mutex_);
    quitting_ = true;
    waiting_.clear();
    for (Running& attempt : running_) attempt.stop.request_stop();
  }
  not_empty_.notify_all();
}

void ThreadPool::start(std::vector<Work>& work) {
  std::size_t wake = 0;
  {
    const MutexLock lock(mutex_);
    for (Work& one : work) waiting_.emplace_back(std::move(one));
    wake = std::min(idle_, work.size());
  }
  work.clear();
  for (; wake > 0; --wake) not_empty_.notify_one();
}

// Outside the lock: it runs the handler's stop callbacks.
void ThreadPool::stop(JobId id) { stop_of(id).request_stop(); }

// Few threads, and few attempts that wait: the core hands over little more than there are threads for.
std::stop_source ThreadPool::stop_of(JobId id) {
  const MutexLock lock(mutex_);
  for (const Running& attempt : running_) {
    if (attempt.id == id) return attempt.stop;
  }
  for (const Attempt& attempt : waiting_) {
    if (attempt.work.id == id) return attempt.stop;
  }
  return std::stop_source(std::nostopstate);
}

std::optional<ThreadPool::Attempt> ThreadPool::take(std::size_t thread, const std::stop_token& quit) {
  const MutexLock lock(mutex_);
  ++idle_;
  while (waiting_.empty() && !quitting_ && !quit.stop_requested()) not_empty_.wait(mutex_);
  --idle_;
  if (waiting_.empty()) return std::nullopt;
  std::optional<Attempt> attempt(std::move(waiting_.front()));
  waiting_.pop_front();
  running_[thread] = {.id = attempt->work.id, .stop = attempt->stop};
  return attempt;
}

void ThreadPool::forget(std::size_t thread) {
  const MutexLock lock(mutex_);
  running_[thread] = {.id = {}, .stop = std::stop_source(std::nostopstate)};
}

void ThreadPool::run_loop(std::size_t thread, const std::stop_token& quit) {
  while (const auto attempt = take(thread, quit)) {
    run_attempt(attempt->work, attempt->stop.get_token(), runner_, reports_, clock_, [&] { forget(thread); });
  }
}

}  // namespace yard::jobs
