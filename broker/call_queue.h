// CallQueue: how the host's calls come to the loop.
#pragma once

#include <functional>
#include <vector>

#include "engine/base/mutex.h"
#include "tools/host.h"

namespace yard::broker {

// Bounded by the host, which has so many calls open at most.
class CallQueue {
 public:
  // `wake` is called, without a lock held, when there is something in it that was empty.
  explicit CallQueue(std::function<void()> wake) : wake_(std::move(wake)) {}

  // Threads: any.
  void push(tools::HostCall&& call) YARD_EXCLUDES(mutex_) {
    bool was_empty = false;
    {
      const MutexLock lock(mutex_);
      was_empty = calls_.empty();
      calls_.push_back(std::move(call));
    }
    if (was_empty) wake_();
  }

  // Moves everything into `out` (cleared first). Threads: the loop's.
  void drain(std::vector<tools::HostCall>& out) YARD_EXCLUDES(mutex_) {
    out.clear();
    const MutexLock lock(mutex_);
    std::swap(out, calls_);
  }

 private:
  const std::function<void()> wake_;
  Mutex mutex_;
  std::vector<tools::HostCall> calls_ YARD_GUARDED_BY(mutex_);
};

}  // namespace yard::broker
