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

void Workers::join(Worker& worker, std::uint64_t session, std::vector<std::string> tools) {
  withdraw(worker);
  worker.session = session;
  by_session_[session] = &worker;
  worker.tools = std::move(tools);
  for (const std::string& tool : worker.tools) offers_[tool].workers.push_back(&worker);
}

void Workers::withdraw(Worker& worker) {
  if (of_session(worker.session) == &worker) by_session_.erase(worker.session);
  for (const std::string& tool : worker.tools) std::erase(offers_[tool].workers, &worker);
}

void Workers::erase(Worker& worker) {
  withdraw(worker);
  for (const auto& [fence, attempt] : worker.held) let_go(attempt);
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
         std::ranges::any_of(offer->workers, [](const Worker* worker) { return worker->room() > 0; });
}

Worker& Workers::choose(std::string_view tool) {
  const auto found = offers_.find(tool);
  YARD_CHECK(found != offers_.end());
  Offer& offer = found->second;
  Worker* best = nullptr;
  std::size_t turn = 0;
  for (std::size_t i = 0; i < offer.workers.size(); ++i) {
    const std::size_t at = (offer.next + i) % offer.workers.size();
    if (best != nullptr && offer.workers[at]->room() <= best->room()) continue;
    best = offer.workers[at];
    turn = at;
  }
  YARD_CHECK(best != nullptr && best->room() > 0);
  offer.next = turn + 1;
  return *best;
}

// ---- attempts

void Workers::hold(Worker& worker, std::uint64_t fence, HeldAttempt attempt) {
  release(worker, fence);
  held_ += !attempt.revoked;
  worker.held.emplace(fence, attempt);
}

void Workers::revoke(Worker& worker, std::uint64_t fence) {
  const auto found = worker.held.find(fence);
  if (found == worker.held.end() || std::exchange(found->second.revoked, true)) return;
  --held_;
}

void Workers::release(Worker& worker, std::uint64_t fence) {
  const auto found = worker.held.find(fence);
  if (found == worker.held.end()) return;
  let_go(found->second);
  worker.held.erase(found);
}

void Workers::confirm(Worker& worker, std::uint64_t fence) {
  const auto found = worker.held.find(fence);
  if (found != worker.held.end() && found->second.revoked) release(worker, fence);
}

void Workers::let_go(const HeldAttempt& attempt) {
  held_ -= !attempt.revoked;
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
