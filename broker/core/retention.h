// Retention: which ended jobs are kept.
#pragma once

#include <cstddef>

#include "broker/core/limits.h"
#include "jobs/job.h"

namespace yard::broker {

// Ended jobs wait here, by the moment of their end, until they are too old or too many. Those with a time to live of
// their own are let go of by their timers, and count with the others. Dead letters are kept apart: they have bounds
// of their own and no age, since somebody has to look at them.
// Threads: one.
class Retention {
 public:
  explicit Retention(const Limits& limits) : limits_(limits) {}

  // `job` has ended. What it keeps (result, stream) doesn't change until it is removed.
  void add(jobs::Job& job);
  void remove(jobs::Job& job);

  // A job that there is no room for, or that is too old; null where all may stay.
  [[nodiscard]] jobs::Job* surplus() const;
  [[nodiscard]] jobs::Job* expired(SteadyTime now) const;

  // The oldest jobs have long left the caches; by the time the next one goes, it is back.
  void fetch_ahead() const;

  // Whether a timer lets go of it.
  [[nodiscard]] static bool is_timed(const jobs::Job& job) {
    return job.terms().result_ttl > Millis::zero() && !job.run->dead_letter;
  }

  // Of all that is kept.
  [[nodiscard]] std::size_t bytes() const { return ended_.bytes + timed_.bytes + dead_.bytes; }
  [[nodiscard]] std::size_t dead_letters() const { return dead_.jobs.size(); }

  // Dead letters, newest first; null at the end.
  [[nodiscard]] jobs::Job* newest_dead() const { return dead_.jobs.back(); }
  [[nodiscard]] jobs::Job* older_dead(const jobs::Job& job) const { return dead_.jobs.before(job); }

 private:
  struct Shelf {
    jobs::IntrusiveList<jobs::Job> jobs;
    std::size_t bytes = 0;
  };
  [[nodiscard]] Shelf& shelf_of(const jobs::Job& job) {
    if (job.run->dead_letter) return dead_;
    return is_timed(job) ? timed_ : ended_;
  }

  const Limits& limits_;
  Shelf ended_;
  Shelf timed_;
  Shelf dead_;
};

}  // namespace yard::broker
