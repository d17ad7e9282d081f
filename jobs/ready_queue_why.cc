// ReadyQueue: why a job is queued.
#include <array>

#include "jobs/ready_queue.h"

namespace yard::jobs {

std::size_t ReadyQueue::ahead_of(const Job& job) const {
  std::size_t ahead = 0;
  const Share& share = *job.lane->share;
  for (const Lane* lane = share.lanes.front(); lane != nullptr; lane = share.lanes.after(*lane)) {
    for (const IntrusiveList<Job>& band : lane->bands) {
      for (const Job* other = band.front(); other != nullptr && rank(*other) <= rank(job); other = band.after(*other))
        ahead += other != &job;
    }
  }
  return ahead;
}

ReadyQueue::Turns ReadyQueue::turns_of(const Job& job) const {
  Turns turns{.weight = job.lane->share->weight};
  const IntrusiveList<Share>& shares = rounds_[index(job.executor)].shares;
  for (const Share* share = shares.front(); share != nullptr; share = shares.after(*share)) {
    ++turns.tenants;
    turns.weights += share->weight;
  }
  return turns;
}

Blocker ReadyQueue::lack_of(const Lane& lane, const std::string& resource) const {
  Blocker blocker{.kind = Blocker::Kind::kResource,
                  .name = resource,
                  .used = resources_.used(resource),
                  .limit = resources_.capacity(resource),
                  .needed = amount_of(lane.needs.resources, resource)};
  std::map<std::string, std::size_t> holders;
  for (const auto& [key, other] : lanes_) {
    if (other.held > 0 && other.needs.resources.contains(resource)) holders[key.tool] += other.held;
  }
  for (const auto& [tool, count] : holders) blocker.holders.push_back(std::to_string(count) + " x " + tool);
  return blocker;
}

Blocker ReadyQueue::blocker_of(const Job& job, Now now) const {
  using enum Blocker::Kind;
  const Lane& lane = *job.lane;
  if (const Target* pause = pause_of(lane)) return {.kind = kPause, .name = to_string(*pause)};
  for (const Group* group : lane.groups) {
    if (group->full())
      return {.kind = kConcurrency, .name = group->name(), .used = group->held(), .limit = group->policy().concurrency};
  }
  if (const std::string* name = resources_.lacking(lane.needs.resources)) return lack_of(lane, *name);
  if (is_kept(lane, now)) {
    Blocker blocker = lack_of(lane, *shared(lane.needs.resources, owed_->needs.resources));
    blocker.kept_for = owed_->key->tool;
    return blocker;
  }
  for (const Group* group : lane.groups) {
    if (group->open_at() > now.steady)
      return {.kind = kRate, .name = group->name(), .wait = group->open_at() - now.steady};
  }
  if (lane.budget == nullptr) return {};
  const Amounts cost = reserved_by(lane, job);
  const std::string* unit = lane.budget->lacking(cost, now.wall);
  if (unit == nullptr) return {};
  const std::uint64_t most = amount_of(lane.budget->policy().units, *unit);
  return {.kind = kBudget,
          .name = *unit,
          .used = most - lane.budget->left(*unit, now.wall) / 1'000,
          .limit = most,
          .needed = amount_of(cost, *unit) / 1'000,
          .wait = lane.budget->ends_at(now.wall) - now.wall};
}

std::string_view name_of(Blocker::Kind kind) {
  constexpr std::array<std::string_view, 6> kNames = {"turn", "pause", "concurrency", "rate", "resource", "budget"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace yard::jobs
