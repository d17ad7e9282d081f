// expect: requires holding mutex 'mutex_'
// compiler: clang
#include "engine/base/mutex.h"

class Counter {
 public:
  void add() YARD_EXCLUDES(mutex_) {
#ifndef BAD
    const yard::MutexLock lock(mutex_);
#endif
    ++count_;
  }

 private:
  yard::Mutex mutex_;
  int count_ YARD_GUARDED_BY(mutex_) = 0;
};

void use(Counter& counter) { counter.add(); }
