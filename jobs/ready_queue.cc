#include "jobs/ready_queue.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace yard::jobs {
namespace {

// Lanes beyond which idle ones are forgotten: more than a broker has tools, and cheap.
constexpr std::size_t kLanesKept = 1'024;

std::uint32_t weight_of(const SchedulingPolicy& policy, std::string_view tenant) {
  const auto found = policy.tenants.find(tenant);
  return found == policy.tenants.end() ? 1 : found->second.weight;
}

std::string key_group(std::string_view tool, std::string_view key) {
  return "key " + std::string(tool) + "/" + std::string(key);
}

}  // namespace

ReadyQueue::ReadyQueue(SchedulingPolicy policy, NeedsOf needs_of, Millis aging)
    : policy_(std::move(policy)),
      needs_of_(std::move(needs_of)),
      aging_(aging),
      resources_(policy_.resources),
      forget_at_(kLanesKept) {
  for (const auto& [name, tenant] : policy_.tenants) {
    if (!tenant.budget.units.empty()) budgets_.emplace(name, tenant.budget);
  }
}

Budget* ReadyQueue::budget_of(std::string_view tenant) {
  const auto found = budgets_.find(tenant);
  return found == budgets_.end() ? nullptr : &found->second;
}

const Budget* ReadyQueue::budget_of(std::string_view tenant) const {
  const auto found = budgets_.find(tenant);
  return found == budgets_.end() ? nullptr : &found->second;
}

Status ReadyQueue::check(const JobOrder& order, Millis attempt_timeout) const {
  const ToolNeeds* needs = needs_of_ ? needs_of_(order.tool) : nullptr;
  if (needs == nullptr) return {};
  YARD_TRY_STATUS(resources_.check(needs->resources));
  if (const Budget* budget = needs->spends.empty() ? nullptr : budget_of(order.principal)) {
    YARD_TRY_STATUS(
        budget->check(cost_of(needs->spends, needs->estimate > Millis::zero() ? needs->estimate : attempt_timeout)));
  }
  return {};
}

// ---- lanes

Lane& ReadyQueue::lane_of(const Job& job) {
  const std::string& key = job.terms().concurrency_key;
  const std::size_t place = (std::hash<Name>{}(job.tool) ^ std::hash<Name>{}(job.principal)) / 16;
  Recent& recent = recent_[place % recent_.size()];
  const bool known = recent.lane != nullptr && recent.tool == job.tool && recent.tenant == job.principal &&
                     recent.lane->key->executor == job.executor &&
                     recent.lane->key->concurrency_max == job.concurrency_max;
  if (known && key.empty()) return *recent.lane;
  LaneKey lane_key{.tenant = std::string(job.principal),
                   .tool = std::string(job.tool),
                   .executor = job.executor,
                   .concurrency_max = job.concurrency_max,
                   .concurrency_key = key};
  const auto found = lanes_.find(lane_key);
  Lane& lane = found != lanes_.end() ? found->second : make_lane(std::move(lane_key), job);
  if (key.empty()) recent = {.tenant = job.principal, .tool = job.tool, .lane = &lane};
  return lane;
}

Lane& ReadyQueue::make_lane(LaneKey key, const Job& job) {
  if (lanes_.size() >= forget_at_) forget_idle();
  const auto [tenant, is_new] = tenants_.try_emplace(key.tenant);
  Share& share = tenant->second.shares[index(key.executor)];
  if (is_new) {
    for (Share& each : tenant->second.shares) each.weight = weight_of(policy_, key.tenant);
  }
  const auto entry = lanes_.try_emplace(std::move(key)).first;
  Lane& lane = entry->second;
  lane.share = &share;
  lane.key = &entry->first;
  if (const ToolNeeds* needs = needs_of_ ? needs_of_(job.tool) : nullptr) lane.needs = *needs;
  join_groups(lane);
  if (!lane.needs.spends.empty()) lane.budget = budget_of(lane.key->tenant);
  lane.limited = !lane.groups.empty() || !lane.needs.resources.empty() || lane.budget != nullptr;
  lane.paused = pause_of(lane) != nullptr;
  return lane;
}

void ReadyQueue::join_groups(Lane& lane) {
  const auto& [tenant, tool, executor, concurrency_max, key] = *lane.key;
  join(lane, groups_, "tool " + tool, {.concurrency = concurrency_max});
  if (const auto found = policy_.tenants.find(tenant); found != policy_.tenants.end())
    join(lane, groups_, "tenant " + tenant, found->second.group);
  for (const std::string& name : lane.needs.groups) {
    if (const auto found = policy_.groups.find(name); found != policy_.groups.end())
      join(lane, groups_, "group " + name, found->second);
  }
  if (!key.empty()) join(lane, key_groups_, key_group(tool, key), lane.needs.per_key);
}

void ReadyQueue::join(Lane& lane, Groups& groups, const std::string& name, const GroupPolicy& policy) {
  if (!policy.limits()) return;
  const auto entry = groups.try_emplace(name, name, policy).first;
  entry->second.set_policy(policy);  // that of a tool may be another one since a restart
  lane.groups.push_back(&entry->second);
  ++entry->second.lanes;
}

void ReadyQueue::forget_idle() {
  recent_ = {};
  std::erase_if(lanes_, [](auto& entry) {
    if (!entry.second.idle()) return false;
    for (Group* group : entry.second.groups) --group->lanes;
    return true;
  });
  for (Groups* groups : {&groups_, &key_groups_})
    std::erase_if(*groups, [&](const auto& entry) { return entry.second.lanes == 0 && entry.second.idle(seen_); });
  std::erase_if(tenants_, [&](const auto& entry) {
    const auto lane = lanes_.lower_bound({.tenant = entry.first});
    return lane == lanes_.end() || lane->first.tenant != entry.first;
  });
  forget_at_ = std::max(kLanesKept, 2 * lanes_.size());
}

// ---- in and out

void ReadyQueue::push(Job& job) {
  Lane& lane = lane_of(job);
  job.lane = &lane;
  job.queued_band = job.priority;
  lane.bands[job.queued_band].push_back(job);
  ++size_;
  if (lane.queued++ > 0) return;
  Share& share = *lane.share;
  share.lanes.push_back(lane);
  if (share.lanes.size() == 1) rounds_[index(job.executor)].shares.push_back(share);
}

// Out of its lane; a lane and a share without jobs take no turns.
void ReadyQueue::leave(Job& job) {
  Lane& lane = *job.lane;
  lane.bands[job.queued_band].erase(job);
  --size_;
  if (--lane.queued > 0) return;
  settle(lane);
  Share& share = *lane.share;
  share.lanes.erase(lane);
  if (!share.lanes.empty()) return;
  rounds_[index(job.executor)].shares.erase(share);
  share.credit = 0;
  share.has_turn = false;
}

void ReadyQueue::erase(Job& job) {
  leave(job);
  job.lane = nullptr;
}

bool ReadyQueue::precedes(const Job& job, const Job& other) const {
  const SteadyTime mine = rank(job);
  const SteadyTime others = rank(other);
  return mine != others ? mine < others : job.first_lsn < other.first_lsn;
}

Job* ReadyQueue::head_of(const Lane& lane) const {
  Job* best = nullptr;
  for (const IntrusiveList<Job>& band : lane.bands) {
    Job* head = band.front();
    if (head != nullptr && (best == nullptr || precedes(*head, *best))) best = head;
  }
  return best;
}

Job* ReadyQueue::best_of(const Share& share, Now now, const Admits& admits, SteadyTime& due) const {
  Job* best = nullptr;
  for (const Lane* lane = share.lanes.front(); lane != nullptr; lane = share.lanes.after(*lane)) {
    if (lane->paused) continue;
    Job* head = head_of(*lane);
    if (best != nullptr && !precedes(*head, *best)) continue;
    if (lane->limited && !has_room(*lane, *head, now, due)) continue;
    if (admits(*head)) best = head;
  }
  return best;
}

void ReadyQueue::end_turn(Round& round, Share& share) {
  if (round.shares.size() == 1) return;
  round.shares.erase(share);
  round.shares.push_back(share);
}

Job* ReadyQueue::pop(ExecutorKind executor, Now now, const Admits& admits) {
  seen_ = now.steady;
  Round& round = rounds_[index(executor)];
  round.due = SteadyTime::max();
  // Who can't go on is passed over, and keeps what is left of its turn; when nobody can, all is as it was.
  for (std::size_t refused = 0; refused < round.shares.size();) {
    Share& share = *round.shares.front();
    Job* best = best_of(share, now, admits, round.due);
    if (best == nullptr) {
      end_turn(round, share);
      ++refused;
      continue;
    }
    if (!std::exchange(share.has_turn, true)) share.credit += share.weight;
    const std::uint32_t cost = best->lane->needs.cost;
    if (share.credit >= cost) {
      share.credit -= cost;
      take(*best, now);
      if (share.has_turn && share.credit > 0) return best;
      share.has_turn = false;
      if (IntrusiveList<Share>::linked(share)) end_turn(round, share);
      return best;
    }
    share.has_turn = false;
    end_turn(round, share);
    refused = 0;
  }
  return nullptr;
}

void ReadyQueue::take(Job& job, Now now) {
  if (job.lane->limited) count_overtaken(job, now);
  leave(job);
  occupy(*job.lane, job, now);
}

// ---- pauses

const Target* ReadyQueue::pause_of(const Lane& lane) const {
  const auto covers = [&](const Target& target) {
    return target.covers(lane.key->tool, lane.key->tenant, lane.key->executor);
  };
  const auto found = std::ranges::find_if(pauses_, covers);
  return found == pauses_.end() ? nullptr : &*found;
}

void ReadyQueue::pause(std::vector<Target> targets) {
  pauses_ = std::move(targets);
  for (auto& [key, lane] : lanes_) lane.paused = pause_of(lane) != nullptr;
}

}  // namespace yard::jobs
