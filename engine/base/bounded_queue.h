// BoundedQueue: how threads hand values to each other.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include "engine/base/mutex.h"

namespace yard {

// A queue of at most `capacity` values between any number of threads. A full queue refuses; the
// caller answers queue_full or counts a drop. After close() pushes are refused and pops drain the rest.
// Threads: any; pop_batch blocks, everything else does not.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

  // False, and `value` untouched, when full or closed.
  [[nodiscard]] bool try_push(T&& value) YARD_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      if (closed_ || values_.size() >= capacity_) return false;
      values_.push_back(std::move(value));
    }
    not_empty_.notify_one();
    return true;
  }

  // Waits for a value, then moves up to `most` into `out` (cleared first). False once closed and empty.
  bool pop_batch(std::vector<T>& out, std::size_t most) YARD_EXCLUDES(mutex_) {
    out.clear();
    const MutexLock lock(mutex_);
    while (values_.empty() && !closed_) not_empty_.wait(mutex_);
    take(out, most);
    return !out.empty();
  }

  // Moves everything into `out` (appending) without waiting.
  void drain(std::vector<T>& out) YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    take(out, values_.size());
  }

  void close() YARD_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      closed_ = true;
    }
    not_empty_.notify_all();
  }

  [[nodiscard]] std::size_t size() const YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return values_.size();
  }

 private:
  void take(std::vector<T>& out, std::size_t most) YARD_REQUIRES(mutex_) {
    while (!values_.empty() && most-- > 0) {
      out.push_back(std::move(values_.front()));
      values_.pop_front();
    }
  }

  const std::size_t capacity_;
  mutable Mutex mutex_;
  CondVar not_empty_;
  std::deque<T> values_ YARD_GUARDED_BY(mutex_);
  bool closed_ YARD_GUARDED_BY(mutex_) = false;
};

}  // namespace yard
