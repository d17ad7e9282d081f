// JobDesk: attempts that remote workers run.
//
//   assign ─► START ─► reports ─► SUCCEED, FAIL                     the usual way
//      │        └── the worker lets go of it, or its lease ends ──► lost: tried again, or failed
//      └── no START in time, or the worker is gone ───────────────► queued, and it was no attempt
//   STOP ─► no end within the grace ─► REVOKE                       the job ends; the worker's place stays taken
#include "broker/core/job_desk.h"
#include "broker/core/worker_messages.h"
#include "engine/base/check.h"

namespace yard::broker {

using jobs::Job;
using jobs::JobEvent;
using jobs::JobState;
using jobs::StopMeans;

// ---- handing over and taking back

void JobDesk::assign_to_worker(Job& job, Now now) {
  Worker& worker = workers_.choose(job.tool);
  count_overtaken(job);
  job.run->worker = worker.id;
  job.run->assigned = now.steady;
  job.run->reports = 0;
  job.run->last_fence = 0;
  hold(worker, job, now);
  YARD_CHECK(apply(job, JobEvent::kAssign, now));
  write_assign(gate_.effects().replies, worker, job);
}

// ---- a demand that is large

bool JobDesk::admits_remote(const Job& job) {
  if (workers_.has_room(job.tool)) return true;
  if (!overtaken_.job && workers_.lacks_resources(job.tool)) overtaken_ = {.job = job.id};
  return false;
}

// Of those that wait for workers' resources one at a time is looked after, until it waits no longer for these.
void JobDesk::look_after_overtaken(Now now) {
  if (!overtaken_.job) return;
  const Job* job = find(overtaken_.job);
  const bool waits = job != nullptr && job->state == JobState::kQueued && workers_.offering(job->tool) > 0 &&
                     queue_.blocker_of(*job, now).kind == jobs::Blocker::Kind::kTurn;
  if (!waits) overtaken_ = {};
  workers_.keep_for(overtaken_.times >= jobs::kOvertakenMax ? job->tool.view() : std::string_view());
}

void JobDesk::count_overtaken(const Job& taken) {
  const Job* job = overtaken_.job ? find(overtaken_.job) : nullptr;
  if (job != nullptr && job != &taken && queue_.precedes(*job, taken) && workers_.compete(job->tool, taken.tool) &&
      ++overtaken_.times >= jobs::kOvertakenMax)
    workers_.keep_for(job->tool);
}

// ---- places

void JobDesk::hold(Worker& worker, Job& job, Now now) {
  workers_.hold(worker, job.fence,
                {.job = job.id,
                 .tool = job.tool,
                 .place = jobs::ReadyQueue::give_up_place(job),
                 .since = now.steady,
                 .takes = {}});
}

// What workers have let go of leaves room for others.
void JobDesk::free_places(Now now) {
  workers_.take_freed(freed_);
  for (const HeldAttempt& attempt : freed_) {
    const std::string_view tenant = queue_.release(attempt.place, now.steady - attempt.since, now);
    if (!tenant.empty()) record_spent(tenant, now);
  }
}

void JobDesk::release_attempt(Job& job) {
  if (Worker* worker = workers_.find(job.run->worker)) workers_.release(*worker, job.fence);
}

// The job goes on without the attempt. What the worker does not let go of keeps its place taken.
void JobDesk::revoke_attempt(Job& job) {
  Worker* worker = workers_.find(job.run->worker);
  YARD_CHECK(worker != nullptr);
  workers_.revoke(*worker, job.fence);
  write_revoke(gate_.effects().replies, *worker, {.job = job.id, .fence = job.fence});
}

// It was not begun; it is as if it had not been assigned.
void JobDesk::unassign(Job& job, Now now) {
  revoke_attempt(job);
  --job.attempt;
  YARD_CHECK(apply(job, JobEvent::kUnassign, now));
}

// ---- the end of an attempt that does not come from itself

void JobDesk::lost(Job& job, const Loss& loss, Now now) {
  release_attempt(job);
  switch (job.state) {
    case JobState::kAssigned:
      --job.attempt;
      YARD_CHECK(apply(job, JobEvent::kUnassign, now));
      return;
    case JobState::kCancelling: job.run->stopped = StopMeans::kWorkerLost; return stopped(job, now);
    default:
      job.run->deaths += loss.death;
      ++counters_.attempts_lost;
      return failed(job, {.code = ErrorCode::kWorkerLost, .message = loss.why}, now);
  }
}

void JobDesk::give_up(Job& job, Now now) {
  revoke_attempt(job);
  job.run->stopped = StopMeans::kRevoked;
  stopped(job, now);
}

void JobDesk::tell_to_stop(const Job& job) {
  if (const Worker* worker = workers_.find(job.run->worker)) write_stop(gate_.effects().replies, *worker, job);
}

// ---- reports

Job* JobDesk::find_held(JobId id, std::uint64_t fence, const Worker& worker) const {
  Job* job = find(id);
  const bool held = job != nullptr && fence != 0 && job->fence == fence && job->run->worker == worker.id;
  return held ? job : nullptr;
}

JobDesk::Taken JobDesk::take(jobs::Report&& report, const Worker& worker, Now now) {
  Job* job = find_held(report.id, report.fence, worker);
  if (job == nullptr) {
    const Job* ended = find(report.id);
    const bool known = ended != nullptr && is_terminal(ended->state) && report.fence != 0 &&
                       ended->run->last_fence == report.fence && ended->run->worker == worker.id;
    if (known) return Taken::kAgain;
    ++counters_.reports_stale;
    return Taken::kStale;
  }
  if (report.number <= job->run->reports) return Taken::kAgain;
  if (job->run->keeping == report.fence) return Taken::kLater;
  if (report.number != job->run->reports + 1) {
    ++counters_.reports_early;
    return Taken::kLater;
  }
  const std::uint64_t fence = report.fence;
  on_report(std::move(report), now);
  return job->run->keeping == fence ? Taken::kLater : Taken::kNow;
}

void JobDesk::catch_up(Job& job, std::uint64_t reported, Now now) {
  if (reported <= job.run->reports) return;
  started(job, now);
  job.run->reports = reported;
}

// ---- a restart

// Its worker may run it still: until the grace is over it is nobody else's.
void JobDesk::await_worker(Job& job, Now now) {
  queue_.hold(job, now);
  Worker& worker = workers_.enter(job.run->worker);
  const SteadyTime until = now.steady + limits_.orphan_grace;
  workers_.renew(worker, until);
  hold(worker, job, now);
  job.run->assigned = until;
  arm(job);
}

}  // namespace yard::broker
