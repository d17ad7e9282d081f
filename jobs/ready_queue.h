// ReadyQueue: which queued job runs next.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <unordered_map>

#include "engine/base/clock.h"
#include "jobs/intrusive_list.h"
#include "jobs/job.h"

namespace yard::jobs {

inline constexpr std::size_t kBands = 4;

// The queued jobs of one tool that limits its concurrency, or of all tools of one executor that don't.
struct Lane {
  std::array<IntrusiveList<Job>, kBands> bands;
  std::size_t held = 0;             // assigned or running
  std::size_t concurrency_max = 0;  // 0: no limit
};

// Four priority bands with aging: a job's rank is the moment it was queued plus `aging` per band, and
// the smallest rank is served first. So a band-0 job passes a band-2 job unless that one has waited
// 2 x aging longer: priorities hold in the short run and nothing starves in the long run.
//
// Jobs must outlive their membership. Threads: one.
class ReadyQueue {
 public:
  explicit ReadyQueue(Millis aging = std::chrono::seconds(10)) : aging_(aging) {}

  // Queues `job`, whose `queued` moment is set; its place among equals is by that moment.
  void push(Job& job);

  // Takes out a queued job.
  void erase(Job& job);

  // The best job whose tool has room and that `admits` accepts, taken out and counted as held; null if
  // there is none. Only the best of each lane is looked at.
  Job* pop(const std::function<bool(const Job&)>& admits);

  // A popped job no longer runs.
  void release(Job& job);

  [[nodiscard]] std::size_t size() const { return size_; }

  // Jobs that are served before `job` if nothing changes, in its own lane; for `why`.
  [[nodiscard]] std::size_t ahead_of(const Job& job) const;

 private:
  [[nodiscard]] SteadyTime rank(const Job& job) const { return job.queued + aging_ * job.queued_band; }
  [[nodiscard]] Job* best_of(const Lane& lane) const;
  Lane& lane_of(const Job& job);

  Millis aging_;
  std::array<Lane, kExecutorKinds> unlimited_;  // a full executor doesn't hold up the other one's jobs
  std::unordered_map<Name, Lane> limited_;
  std::size_t size_ = 0;
};

}  // namespace yard::jobs
