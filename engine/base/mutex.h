// A mutex that clang's thread-safety analysis understands.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define YARD_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define YARD_THREAD_ATTRIBUTE(x)
#endif
#define YARD_CAPABILITY(name) YARD_THREAD_ATTRIBUTE(capability(name))
#define YARD_SCOPED_CAPABILITY YARD_THREAD_ATTRIBUTE(scoped_lockable)
#define YARD_GUARDED_BY(mutex) YARD_THREAD_ATTRIBUTE(guarded_by(mutex))
#define YARD_REQUIRES(...) YARD_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define YARD_ACQUIRE(...) YARD_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define YARD_RELEASE(...) YARD_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define YARD_EXCLUDES(...) YARD_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define YARD_NO_THREAD_SAFETY_ANALYSIS YARD_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace yard {

class YARD_CAPABILITY("mutex") Mutex {
 public:
  void lock() YARD_ACQUIRE() { mutex_.lock(); }
  void unlock() YARD_RELEASE() { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds `mutex` for its own lifetime.
class YARD_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) YARD_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~MutexLock() YARD_RELEASE() { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CondVar {
 public:
  // Blocks until notified, spuriously too: wait in a loop over the condition.
  void wait(Mutex& mutex) YARD_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  // The same until `time` at most.
  void wait_until(Mutex& mutex, std::chrono::steady_clock::time_point time) YARD_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
    condition_.wait_until(lock, time);
    lock.release();
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace yard
