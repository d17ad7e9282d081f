#include "broker/core/workers.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"

namespace yard::broker {

Worker* Workers::find(const Uuid& id) const {
  const auto found = workers_.find(id);
  return found == workers_.end() ? nullptr : found->second.get();
}

Worker* Workers::of_session(std::uint64_t session) const {
  const auto found = by_session_.find(session);
  return found == by_session_.end() ? nullptr : found->second;
}

Worker& Workers::enter(const Uuid& id) {
  std::unique_ptr<Worker>& worker = workers_[id];
  if (!worker) {
    worker = std::make_unique<Worker>();
    worker->id = id;
  }
  return *worker;
}

void Workers::join(Worker& worker, std::uint64_t session, std::vector<Offered> offered) {
  withdraw(worker);
  worker.session = session;
  by_session_[session] = &worker;
  worker.paused = paused_.contains(worker.name);
  worker.tools.clear();
  for (Offered& each : offered) {
    Offer& offer = offers_[each.tool];
    offer.workers.push_back(&worker);
    offer.takes = std::move(each.takes);
    worker.tools.push_back(std::move(each.tool));
  }
  // What it held when the broker began was not known before.
  for (auto& [fence, attempt] : worker.held) {
    if (attempt.takes) continue;
    --worker.unknown;
    charge(worker, attempt);
  }
}

void Workers::withdraw(Worker& worker) {
  if (of_session(worker.session) == &worker) by_session_.erase(worker.session);
  for (const std::string& tool : worker.tools) std::erase(offers_[tool].workers, &worker);
}

void Workers::erase(Worker& worker) {
  withdraw(worker);
  for (const auto& [fence, attempt] : worker.held) let_go(worker, attempt);
  workers_.erase(worker.id);
}

// ---- choice

const Workers::Offer* Workers::find_offer(std::string_view tool) const {
  const auto found = offers_.find(tool);
  return found == offers_.end() ? nullptr : &found->second;
}

std::size_t Workers::offering(std::string_view tool) const {
  const Offer* offer = find_offer(tool);
  return offer ? offer->workers.size() : 0;
}

bool Workers::has_room(std::string_view tool) const {
  const Offer* offer = find_offer(tool);
  return offer != nullptr &&
         std::ranges::any_of(offer->workers, [&](const Worker* worker) { return fits(*offer, *worker); });
}

bool Workers::fits(const Offer& offer, const Worker& worker) const {
  if (worker.room() == 0) return false;
  return offer.takes.empty() || (worker.lacking(offer.takes) == nullptr && kept_from(offer, worker) == nullptr);
}

Worker& Workers::choose(std::string_view tool) {
  const auto found = offers_.find(tool);
  YARD_CHECK(found != offers_.end());
  Offer& offer = found->second;
  Worker* best = nullptr;
  std::size_t turn = 0;
  for (std::size_t i = 0; i < offer.workers.size(); ++i) {
    const std::size_t at = (offer.next + i) % offer.workers.size();
    Worker& worker = *offer.workers[at];
    if ((best != nullptr && worker.room() <= best->room()) || !fits(offer, worker)) continue;
    best = &worker;
    turn = at;
  }
  YARD_CHECK(best != nullptr);
  offer.next = turn + 1;
  return *best;
}

// ---- resources that are kept

void Workers::keep_for(std::string_view tool) {
  if (kept_tool_ != tool) kept_tool_ = tool;
}

// The resource that the worker keeps for jobs of another tool; null where it keeps none that this one takes.
const std::string* Workers::kept_from(const Offer& offer, const Worker& worker) const {
  const Offer* kept = kept_tool_.empty() ? nullptr : find_offer(kept_tool_);
  if (kept == nullptr || kept == &offer) return nullptr;
  const auto keeper =
      std::ranges::find_if(kept->workers, [](const Worker* each) { return !each->paused && each->concurrency > 0; });
  const bool keeps = keeper != kept->workers.end() && *keeper == &worker;
  return keeps ? jobs::shared(offer.takes, kept->takes) : nullptr;
}

bool Workers::lacks_resources(std::string_view tool) const {
  const Offer* offer = find_offer(tool);
  return offer != nullptr && std::ranges::any_of(offer->workers, [&](const Worker* worker) {
           return worker->room() > 0 && worker->lacking(offer->takes) != nullptr;
         });
}

bool Workers::compete(std::string_view tool, std::string_view other) const {
  const Offer* left = find_offer(tool);
  const Offer* right = find_offer(other);
  return left != nullptr && right != nullptr && jobs::shared(left->takes, right->takes) != nullptr;
}

jobs::Blocker Workers::blocker_of(std::string_view tool) const {
  const Offer* offer = find_offer(tool);
  if (offer == nullptr || offer->workers.empty()) return {};
  if (std::ranges::all_of(offer->workers, &Worker::paused))
    return {.kind = jobs::Blocker::Kind::kPause, .name = "all workers that offer " + std::string(tool)};
  jobs::Blocker blocker;
  std::uint64_t most_free = 0;
  for (const Worker* worker : offer->workers) {
    if (worker->room() == 0) continue;
    const std::string* lacking = worker->lacking(offer->takes);
    const std::string* name = lacking != nullptr ? lacking : kept_from(*offer, *worker);
    if (name == nullptr) continue;
    const std::uint64_t used = worker->resources.used(*name);
    const std::uint64_t limit = worker->resources.capacity(*name);
    const std::uint64_t is_free = limit - std::min(limit, used);
    if (blocker.kind == jobs::Blocker::Kind::kResource && is_free <= most_free) continue;
    most_free = is_free;
    blocker = {.kind = jobs::Blocker::Kind::kResource,
               .name = *name,
               .used = used,
               .limit = limit,
               .needed = jobs::amount_of(offer->takes, *name),
               .kept_for = lacking != nullptr ? "" : kept_tool_};
  }
  return blocker;
}

void Workers::pause(const std::vector<jobs::Target>& targets) {
  paused_.clear();
  for (const jobs::Target& target : targets) {
    if (!target.worker.empty()) paused_.insert(target.worker);
  }
  for (const auto& [id, worker] : workers_) worker->paused = paused_.contains(worker->name);
}

// ---- attempts

void Workers::hold(Worker& worker, std::uint64_t fence, HeldAttempt attempt) {
  release(worker, fence);
  held_ += !attempt.revoked;
  charge(worker, attempt);
  worker.held.emplace(fence, std::move(attempt));
}

void Workers::charge(Worker& worker, HeldAttempt& attempt) const {
  const Offer* offer = find_offer(attempt.tool);
  if (offer == nullptr) {
    ++worker.unknown;
    return;
  }
  worker.resources.charge(attempt.takes.emplace(offer->takes));
}

void Workers::revoke(Worker& worker, std::uint64_t fence) {
  const auto found = worker.held.find(fence);
  if (found == worker.held.end() || std::exchange(found->second.revoked, true)) return;
  --held_;
}

void Workers::release(Worker& worker, std::uint64_t fence) {
  const auto found = worker.held.find(fence);
  if (found == worker.held.end()) return;
  let_go(worker, found->second);
  worker.held.erase(found);
}

void Workers::confirm(Worker& worker, std::uint64_t fence) {
  const auto found = worker.held.find(fence);
  if (found != worker.held.end() && found->second.revoked) release(worker, fence);
}

void Workers::let_go(Worker& worker, const HeldAttempt& attempt) {
  held_ -= !attempt.revoked;
  if (attempt.takes) {
    worker.resources.release(*attempt.takes);
  } else {
    --worker.unknown;
  }
  if (attempt.place.lane != nullptr) freed_.push_back(attempt);
}

// ---- leases

void Workers::renew(Worker& worker, SteadyTime lease_end) {
  worker.lease_end = lease_end;
  next_lapse_ = std::min(next_lapse_, lease_end);
}

void Workers::excuse_all(Now now) {
  excused_at_ = now.steady;
  for (const auto& [id, worker] : workers_)
    worker->lease_end = std::max(worker->lease_end, now.steady + limits_.worker_lease);
}

std::vector<Worker*> Workers::lapsed(Now now) {
  std::vector<Worker*> over;
  if (now.steady < next_lapse_) return over;
  next_lapse_ = SteadyTime::max();
  for (const auto& [id, worker] : workers_) {
    if (now.steady >= worker->lease_end) {
      over.push_back(worker.get());
    } else {
      next_lapse_ = std::min(next_lapse_, worker->lease_end);
    }
  }
  return over;
}

}  // namespace yard::broker
