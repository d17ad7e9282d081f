// ReadyQueue: what a lane may wait for beside its turn, and what a job occupies.
#include <algorithm>
#include <utility>

#include "jobs/ready_queue.h"

namespace yard::jobs {
namespace {

Nanos estimate_of(const Lane& lane, const Job& job) {
  return lane.needs.estimate > Millis::zero() ? lane.needs.estimate : job.attempt_timeout;
}

}  // namespace

Amounts ReadyQueue::reserved_by(const Lane& lane, const Job& job) {
  return cost_of(lane.needs.spends, estimate_of(lane, job));
}

// But for resources. `due` becomes the moment at which a rate or a budget lets it go on, where that is sooner.
bool ReadyQueue::is_within_limits(const Lane& lane, const Job& head, Now now, SteadyTime& due) const {
  if (std::ranges::any_of(lane.groups, &Group::full)) return false;
  SteadyTime open_at = now.steady;
  for (const Group* group : lane.groups) open_at = std::max(open_at, group->open_at());
  if (lane.budget != nullptr && lane.budget->lacking(reserved_by(lane, head), now.wall) != nullptr)
    open_at = std::max(open_at, now.steady + (lane.budget->ends_at(now.wall) - now.wall));
  if (open_at > now.steady) due = std::min(due, open_at);
  return open_at <= now.steady;
}

bool ReadyQueue::has_room(const Lane& lane, const Job& head, Now now, SteadyTime& due) const {
  if (resources_.lacking(lane.needs.resources) != nullptr || is_kept(lane, now)) return false;
  return is_within_limits(lane, head, now, due);
}

// ---- resources that are kept

// Whether it lacks nothing but resources.
bool ReadyQueue::could_begin(const Lane& lane, Now now) const {
  SteadyTime due = SteadyTime::max();
  return !lane.paused && is_within_limits(lane, *head_of(lane), now, due);
}

// Whether what this lane needs is kept for another.
bool ReadyQueue::is_kept(const Lane& lane, Now now) const {
  return owed_ != nullptr && owed_ != &lane && shared(owed_->needs.resources, lane.needs.resources) != nullptr &&
         could_begin(*owed_, now);
}

// `taken` is about to occupy what it needs.
void ReadyQueue::count_overtaken(const Job& taken, Now now) {
  const Amounts& takes = taken.lane->needs.resources;
  if (takes.empty()) return;
  settle(*taken.lane);
  // One that needs more than there is, by a configuration that has changed, would wait for ever.
  const auto is_overtaken = [&](const Lane& lane) {
    const Amounts& needs = lane.needs.resources;
    return &lane != taken.lane && shared(needs, takes) != nullptr && resources_.lacking(needs) != nullptr &&
           resources_.check(needs) && precedes(*head_of(lane), taken) && could_begin(lane, now);
  };
  const bool owes_nobody = owed_ == nullptr || !could_begin(*owed_, now);
  for (const Round& round : rounds_) {
    for (const Share* share = round.shares.front(); share != nullptr; share = round.shares.after(*share)) {
      for (Lane* lane = share->lanes.front(); lane != nullptr; lane = share->lanes.after(*lane)) {
        if (is_overtaken(*lane) && ++lane->overtaken >= kOvertakenMax && owes_nobody) owed_ = lane;
      }
    }
  }
}

// It waits no longer for what it was overtaken at.
void ReadyQueue::settle(Lane& lane) {
  lane.overtaken = 0;
  if (owed_ == &lane) owed_ = nullptr;
}

// ---- places

void ReadyQueue::occupy(Lane& lane, const Job& job, Now now) {
  ++lane.held;
  if (!lane.limited) return;
  for (Group* group : lane.groups) group->take(now.steady);
  resources_.reserve(lane.needs.resources);
  if (lane.budget != nullptr) lane.budget->reserve(reserved_by(lane, job), now.wall);
}

void ReadyQueue::hold(Job& job, Now now) {
  if (job.lane == nullptr) job.lane = &lane_of(job);
  occupy(*job.lane, job, now);
}

Nanos ReadyQueue::expected(const Job& job) { return estimate_of(*job.lane, job); }

ReadyQueue::Place ReadyQueue::give_up_place(Job& job) {
  Lane* lane = std::exchange(job.lane, nullptr);
  return {.lane = lane, .reserved = lane->budget != nullptr ? reserved_by(*lane, job) : Amounts()};
}

std::string_view ReadyQueue::release(const Place& place, Nanos busy, Now now) {
  Lane& lane = *place.lane;
  --lane.held;
  if (!lane.limited) return {};
  for (Group* group : lane.groups) group->release();
  resources_.release(lane.needs.resources);
  if (lane.budget == nullptr) return {};
  lane.budget->settle(place.reserved, cost_of(lane.needs.spends, busy), now.wall);
  return lane.key->tenant;
}

}  // namespace yard::jobs
