#include "jobs/ready_queue.h"

namespace yard::jobs {

Lane& ReadyQueue::lane_of(const Job& job) {
  if (job.concurrency_max == 0) return unlimited_[static_cast<std::size_t>(job.executor)];
  Lane& lane = limited_[job.tool];
  lane.concurrency_max = job.concurrency_max;
  return lane;
}

void ReadyQueue::push(Job& job) {
  if (job.lane == nullptr) job.lane = &lane_of(job);
  job.queued_band = job.priority;
  job.lane->bands[job.queued_band].push_back(job);
  ++size_;
}

void ReadyQueue::erase(Job& job) {
  job.lane->bands[job.queued_band].erase(job);
  --size_;
}

Job* ReadyQueue::best_of(const Lane& lane) const {
  if (lane.concurrency_max != 0 && lane.held >= lane.concurrency_max) return nullptr;
  Job* best = nullptr;
  for (const IntrusiveList<Job>& band : lane.bands) {
    Job* head = band.front();
    if (head != nullptr && (best == nullptr || rank(*head) < rank(*best))) best = head;
  }
  return best;
}

Job* ReadyQueue::pop(const std::function<bool(const Job&)>& admits) {
  if (size_ == 0) return nullptr;
  Job* best = nullptr;
  const auto consider = [&](const Lane& lane) {
    Job* head = best_of(lane);
    if (head != nullptr && (best == nullptr || rank(*head) < rank(*best)) && admits(*head)) best = head;
  };
  for (const Lane& lane : unlimited_) consider(lane);
  for (const auto& [tool, lane] : limited_) consider(lane);
  if (best == nullptr) return nullptr;
  erase(*best);
  ++best->lane->held;
  return best;
}

void ReadyQueue::release(Job& job) { --job.lane->held; }

std::size_t ReadyQueue::ahead_of(const Job& job) const {
  std::size_t ahead = 0;
  for (const IntrusiveList<Job>& band : job.lane->bands) {
    for (const Job* other = band.front(); other != nullptr && rank(*other) <= rank(job); other = band.after(*other)) {
      if (other != &job) ++ahead;
    }
  }
  return ahead;
}

}  // namespace yard::jobs
