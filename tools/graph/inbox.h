// Inbox: what the broker's loop has for a world.
#pragma once

#include <chrono>
#include <stop_token>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/mutex.h"
#include "tools/host.h"

namespace yard::tools {

struct StopJob {
  JobId id;
};
struct EndStreams {};  // the broker is about to stop

using InboxItem = std::variant<jobs::Work, HostAnswer, StopJob, EndStreams>;

// Bounded by those who put: so many jobs are admitted, so many calls are open.
class Inbox {
 public:
  // Takes `item`, unless it is shut: then false, and `item` is untouched. Threads: any.
  [[nodiscard]] bool put(InboxItem& item) YARD_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      if (shut_) return false;
      items_.push_back(std::move(item));
    }
    changed_.notify_one();
    return true;
  }

  // Moves everything into `out`, which is empty; waits for something until `until`, or close().
  // Threads: the world's.
  void take(std::vector<InboxItem>& out, std::chrono::steady_clock::time_point until) YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    while (items_.empty() && !closed_ && std::chrono::steady_clock::now() < until) {
      if (until == std::chrono::steady_clock::time_point::max())
        changed_.wait(mutex_);
      else
        changed_.wait_until(mutex_, until);
    }
    std::swap(out, items_);
  }

  // Nobody waits for anything any more. Threads: any.
  void close() YARD_EXCLUDES(mutex_) {
    {
      const MutexLock lock(mutex_);
      closed_ = true;
    }
    changed_.notify_one();
  }

  // Takes what is left, and nothing comes in after it. Threads: the world's.
  void shut(std::vector<InboxItem>& out) YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    shut_ = true;
    std::swap(out, items_);
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::vector<InboxItem> items_ YARD_GUARDED_BY(mutex_);
  bool closed_ YARD_GUARDED_BY(mutex_) = false;
  bool shut_ YARD_GUARDED_BY(mutex_) = false;
};

}  // namespace yard::tools
