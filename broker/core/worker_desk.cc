#include "broker/core/worker_desk.h"

#include <algorithm>
#include <set>

#include "engine/base/text.h"
#include "tools/worker_tool.h"

namespace yard::broker {

using jobs::Job;
using jobs::JobState;
using tools::Tool;
using tools::ToolSpec;
using wire::Verb;

namespace {

bool is_remote(const Tool& tool) { return std::holds_alternative<tools::WorkerHandler>(tool.spec.handler); }

std::string named(const Worker& worker) { return "worker " + printable(worker.name); }

}  // namespace

Status WorkerDesk::on_message(const ReplyTo& to, const wire::Message& message, Now now) {
  const Verb verb = message.header.verb;
  if (verb == Verb::kRegister) return enroll(to, PackView(message.body), now);
  Worker* worker = workers_.of_session(message.header.session);
  if (worker == nullptr) return fail(ErrorCode::kNoSession, "this session has no worker, or its lease is over");
  worker->peer = to.peer;
  if (verb == Verb::kRenew) return renew(*worker, to, PackView(message.body), now);
  return report(*worker, message, now);
}

void WorkerDesk::acknowledge(const ReplyTo& to) {
  Bytes& frame = frames().begin(to.peer);
  wire::encode_head(
      frame, {.verb = Verb::kAck, .priority = 0, .correlation = to.correlation, .session = to.session, .budget_ms = 0});
  PackWriter writer(frame);
  PackMap(writer)
      .boolean("ok", true)
      .integer("lease_ms", limits_.worker_lease.count())
      .integer("renew_ms", limits_.worker_renew.count());
  frames().end();
}

// ---- REGISTER

Status WorkerDesk::check_tools(const Registration& registration) const {
  const Worker* self = workers_.find(registration.worker);
  std::size_t unknown = 0;
  for (const ToolSpec& spec : registration.tools) {
    const Tool* known = tools_.find(spec.name);
    unknown += known == nullptr;
    if (known == nullptr) continue;
    if (!is_remote(*known)) return fail(ErrorCode::kConflict, "tool " + spec.name + ": the broker has one of its own");
    if (is_same_declaration(known->spec, spec)) continue;
    bool others = false;
    workers_.each_offering(spec.name, [&](const Worker& worker) { others = others || &worker != self; });
    if (others) return fail(ErrorCode::kConflict, "tool " + spec.name + ": another worker declares it differently");
  }
  if (declared_ + unknown > limits_.worker_tools_max) {
    return fail(ErrorCode::kOverQuota, "workers have declared " + std::to_string(declared_) +
                                           " tools since the start, and that is all there may be");
  }
  return {};
}

// Enters what is new or has changed; all of it or nothing.
Status WorkerDesk::declare(std::vector<ToolSpec>& specs) {
  tools::Registry trial;
  for (const ToolSpec& spec : specs) YARD_TRY_STATUS(trial.add(spec));
  for (ToolSpec& spec : specs) {
    const Tool* known = tools_.find(spec.name);
    if (known != nullptr && is_same_declaration(known->spec, spec)) continue;
    declared_ += known == nullptr;
    tools_.remove(spec.name);
    YARD_TRY_STATUS(tools_.add(std::move(spec)));
  }
  return {};
}

Status WorkerDesk::enroll(const ReplyTo& to, PackView body, Now now) {
  YARD_TRY(Registration registration, read_registration(body, limits_));
  const bool known = workers_.find(registration.worker) != nullptr;
  if (!known && workers_.size() >= limits_.workers_max)
    return fail(ErrorCode::kOverQuota, "there are " + std::to_string(workers_.size()) + " workers already");
  YARD_TRY_STATUS(check_tools(registration));
  std::vector<Offered> offered;
  offered.reserve(registration.tools.size());
  for (const ToolSpec& spec : registration.tools)
    offered.push_back({.tool = spec.name, .takes = std::get<tools::WorkerHandler>(spec.handler).resources});
  YARD_TRY_STATUS(declare(registration.tools));
  Worker& worker = workers_.enter(registration.worker);
  const bool announced = worker.session != 0;
  worker.name = registration.name;
  worker.peer = to.peer;
  worker.concurrency = registration.concurrency;
  worker.resources.resize(std::move(registration.resources));
  workers_.join(worker, to.session, std::move(offered));
  workers_.renew(worker, now.steady + limits_.worker_lease);
  if (!announced) {
    std::string line = named(worker) + (known ? " is back, with " : " is there, with ");
    streams_.log("info", line + std::to_string(worker.tools.size()) + " tools", now);
  }
  acknowledge(to);
  reconcile(worker, registration.attempts, Unlisted::kLost, now);
  return {};
}

// ---- RENEW

Status WorkerDesk::renew(Worker& worker, const ReplyTo& to, PackView body, Now now) {
  YARD_TRY(const std::vector<ListedAttempt> listed, read_attempts(body, limits_.worker_concurrency_max));
  workers_.renew(worker, now.steady + limits_.worker_lease);
  acknowledge(to);
  reconcile(worker, listed, Unlisted::kInFlight, now);
  return {};
}

// Makes both sides hold the same. `assigned` is what became of what was assigned and is not listed: it may have been on
// its way when the list was made, for less than a lease, and be begun before the worker hears that it was revoked.
void WorkerDesk::reconcile(Worker& worker, const std::vector<ListedAttempt>& listed, Unlisted assigned, Now now) {
  std::set<std::uint64_t> fences;
  for (const ListedAttempt& attempt : listed) fences.insert(attempt.fence);
  const auto before = worker.held;
  for (const auto& [fence, attempt] : before) {
    if (fences.contains(fence)) continue;
    Job* job = desk_.find_held(attempt.job, fence, worker);
    const bool unheard = job == nullptr || job->run->reports == 0;
    if (unheard && assigned == Unlisted::kInFlight && now.steady - attempt.since < limits_.worker_lease) continue;
    if (job == nullptr) {
      workers_.release(worker, fence);
    } else {
      desk_.lost(*job, {.why = named(worker) + " no longer has it"}, now);
    }
  }
  for (const ListedAttempt& attempt : listed) {
    if (Job* job = desk_.find_held(attempt.job, attempt.fence, worker)) {
      desk_.catch_up(*job, attempt.reported, now);
      if (job->state == JobState::kCancelling) write_stop(frames(), worker, *job);
      continue;
    }
    if (!worker.held.contains(attempt.fence)) {
      const Job* known = desk_.find(attempt.job);
      workers_.hold(worker, attempt.fence,
                    {.job = attempt.job, .tool = known ? known->tool : jobs::Name(), .revoked = true, .takes = {}});
    }
    write_revoke(frames(), worker, attempt);
  }
}

// ---- reports

Status WorkerDesk::report(Worker& worker, const wire::Message& message, Now now) {
  YARD_TRY(jobs::Report report, read_report(message));
  const ListedAttempt attempt{.job = report.id, .fence = report.fence};
  const bool last = std::holds_alternative<jobs::Finished>(report.what);
  switch (desk_.take(std::move(report), worker, now)) {
    case JobDesk::Taken::kNow:
    case JobDesk::Taken::kAgain: write_report_ack(frames(), worker, attempt, message.header.correlation); return {};
    case JobDesk::Taken::kLater: return {};
    case JobDesk::Taken::kStale:
      if (last) workers_.confirm(worker, attempt.fence);
      write_revoke(frames(), worker, attempt);
      return {};
  }
  return {};
}

// ---- leaving

void WorkerDesk::lose_all(Worker& worker, JobDesk::Loss loss, Now now) {
  const auto before = worker.held;
  // Of several that die together none is suspected.
  const auto runs = [&](const auto& entry) {
    const Job* job = desk_.find_held(entry.second.job, entry.first, worker);
    return job != nullptr && job->state != JobState::kAssigned;
  };
  loss.death = loss.death && std::ranges::count_if(before, runs) == 1;
  for (const auto& [fence, attempt] : before) {
    if (Job* job = desk_.find_held(attempt.job, fence, worker)) desk_.lost(*job, loss, now);
  }
  workers_.erase(worker);
}

void WorkerDesk::leave(std::uint64_t session, Now now) {
  Worker* worker = workers_.of_session(session);
  if (worker == nullptr) return;
  streams_.log("info", named(*worker) + " has left", now);
  lose_all(*worker, {.why = named(*worker) + " left while it ran"}, now);
}

void WorkerDesk::on_tick(Now now) {
  for (Worker* worker : workers_.lapsed(now)) {
    ++counters_.leases_lapsed;
    const std::string why = worker->session != 0 ? named(*worker) + " was not heard of for its whole lease"
                                                 : "its worker did not come back after the broker's restart";
    streams_.log("warn", why + "; it held " + std::to_string(worker->held.size()) + " attempts", now);
    lose_all(*worker, {.why = why, .death = true}, now);
  }
}

}  // namespace yard::broker
