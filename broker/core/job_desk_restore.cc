// JobDesk: what the log tells of the time before this start.
#include <algorithm>

#include "broker/core/job_desk.h"

namespace yard::broker {

using iopub::EventKind;
using jobs::Job;
using jobs::JobEvent;
using jobs::JobState;
using jobs::Record;
using jobs::RecordHead;
using jobs::RecordKind;

namespace {

// Steady clocks begin anew with each boot; a moment in the future is a wall clock that was set back.
SteadyTime steady_of(WallTime time, Now now) { return now.steady - std::max(now.wall - time, Nanos(0)); }

Streams::Past past_of(EventKind kind, const RecordHead& head) {
  return {.kind = kind, .lsn = head.lsn, .time = head.time};
}

Error error_of(PackView packed) {
  const auto code = error_code(packed.find("name").string_or(""));
  return {.code = code.value_or(ErrorCode::kInternal),
          .message = std::string(packed.find("message").string_or("")),
          .pointer = std::string(packed.find("pointer").string_or(""))};
}

}  // namespace

Status JobDesk::restore(const Record& record, Now now) {
  last_recorded_ = record.head.time;
  if (record.head.kind == RecordKind::kSubmitted) return restore_submitted(record, now);
  if (record.head.kind == RecordKind::kSpent) return restore_spent(record);
  Job* job = find(record.head.job);
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::kBadFrame, "record " + std::to_string(record.head.lsn) + " of job " +
                                          to_hex(record.head.job.value()) + ": " + std::string(why));
  };
  if (job == nullptr && record.head.kind != RecordKind::kForgotten) return refuse("no such job was submitted");
  if (job == nullptr) return restore_forgotten(record);
  if (is_terminal(job->state) != (record.head.kind == RecordKind::kForgotten))
    return refuse(is_terminal(job->state) ? "the job had ended" : "the job had not ended");
  switch (record.head.kind) {
    case RecordKind::kChanged: {
      YARD_TRY(const jobs::Changed changed, read_changed(record));
      restore_changed(*job, changed, record.head, now);
      return {};
    }
    case RecordKind::kAmended: {
      YARD_TRY(const jobs::Amended amended, read_amended(record));
      YARD_TRY_STATUS(check_pack(amended.arguments));
      restore_amended(*job, amended, record.head, now);
      return {};
    }
    case RecordKind::kEvent: {
      YARD_TRY(const jobs::Said said, read_event(record));
      return restore_said(*job, said, record.head);
    }
    case RecordKind::kEnded: {
      YARD_TRY(const jobs::Ended ended, read_ended(record));
      return restore_ended(*job, ended, record.head, now);
    }
    case RecordKind::kForgotten: let_go(*job); return restore_forgotten(record);
    default: break;
  }
  return refuse("its kind is unknown");
}

Status JobDesk::restore_submitted(const Record& record, Now now) {
  YARD_TRY(jobs::Submitted submitted, read_submitted(record));
  submitted.order.after = submitted.after;
  if (find(record.head.job) != nullptr)
    return fail(ErrorCode::kBadFrame, "job " + to_hex(record.head.job.value()) + " was submitted twice");
  Job& job = jobs_.insert(submitted.order);
  job.state = job.first_state = submitted.state;
  job.first_lsn = record.head.lsn;
  job.created_at = record.head.time;
  job.submitted = job.queued = steady_of(record.head.time, now);
  by_age_.push_back(job);
  keyed_.claim(job);
  concurrency_keys_.claim(job);
  claim_twin(job);
  ++by_state_[static_cast<std::size_t>(job.state)];
  ++live_;
  ++counters_.jobs_restored;
  live_bytes_ += job.arguments.size();
  streams_.remember_principal(job, past_of(EventKind::kState, record.head),
                              packed([&](PackWriter& writer) { write_state(writer, job, job.state); }));
  return {};
}

void JobDesk::restore_state(Job& job, JobState state) {
  --by_state_[static_cast<std::size_t>(job.state)];
  job.state = state;
  ++by_state_[static_cast<std::size_t>(state)];
}

void JobDesk::restore_changed(Job& job, const jobs::Changed& changed, const RecordHead& head, Now now) {
  jobs::JobRun& run = run_of(job);
  if (changed.state == JobState::kAssigned) run.reports = 0;
  if (changed.state == JobState::kRunning && job.state == JobState::kAssigned) ++run.reports;
  run.worker = changed.worker;
  restore_state(job, changed.state);
  job.attempt = changed.attempt;
  job.fence = is_held(job.state) ? changed.fence : 0;
  job.stop_cause = changed.stop_cause;
  run.deaths = changed.deaths;
  last_fence_ = std::max(last_fence_, changed.fence);
  if (job.state == JobState::kQueued) job.queued = steady_of(head.time, now);
  if (job.state == JobState::kRunning) {
    run.started_at = head.time;
    run.started = steady_of(head.time, now);
  }
  if (job.state == JobState::kAssigned) return;
  const BytesView body = packed([&](PackWriter& writer) { write_state(writer, job, job.state); });
  streams_.remember_job(job, past_of(EventKind::kState, head), body);
  streams_.remember_principal(job, past_of(EventKind::kState, head), body);
}

void JobDesk::restore_amended(Job& job, const jobs::Amended& amended, const RecordHead& head, Now now) {
  live_bytes_ += amended.arguments.size() - job.arguments.size();
  job.arguments = Blob(amended.arguments);
  run_of(job).postponed_to = steady_of(head.time, now) + amended.postponed;
}

Status JobDesk::restore_said(Job& job, const jobs::Said& said, const RecordHead& head) {
  YARD_TRY_STATUS(check_pack(said.body));
  jobs::JobRun& run = run_of(job);
  streams_.remember_job(job, past_of(said.kind, head), said.body);
  ++run.reports;
  if (said.kind == EventKind::kArtifact) streams_.remember_principal(job, past_of(said.kind, head), said.body);
  if (said.kind != EventKind::kProgress) return {};
  const PackView progress(said.body);
  run.percent = progress.find("percent").real_or(0);
  run.progress_message = progress.find("message").string_or("");
  return {};
}

Status JobDesk::restore_ended(Job& job, const jobs::Ended& ended, const RecordHead& head, Now now) {
  YARD_TRY_STATUS(check_pack(ended.body));
  jobs::JobRun& run = run_of(job);
  restore_state(job, ended.state);
  job.fence = 0;
  run.last_fence = ended.fence;
  run.ended_at = head.time;
  run.ended = steady_of(head.time, now);
  const PackView body(ended.body);
  if (const PackView error = body.find("error")) run.error = std::make_unique<Error>(error_of(error));
  run.by_reference = static_cast<bool>(body.find("result_ref"));
  run.result = body.find(run.by_reference ? "result_ref" : "result").bytes();
  run.dead_letter = body.find("dead_letter").boolean_or(false);
  run.deaths = static_cast<std::uint32_t>(body.find("deaths").integer_or(0));
  run.stopped = jobs::parse_stop_means(body.find("stopped").string_or("")).value_or(jobs::StopMeans::kNone);
  const bool succeeded = job.state == JobState::kSucceeded;
  if (!succeeded) release_twin(job);
  streams_.remember_job(job, past_of(succeeded ? EventKind::kComplete : EventKind::kError, head), ended.body);
  streams_.remember_principal(job, past_of(EventKind::kState, head),
                              packed([&](PackWriter& writer) { write_state(writer, job, job.state); }));
  --live_;
  live_bytes_ -= job.arguments.size();
  keyed_.release(job);
  concurrency_keys_.release(job);
  keep(job);
  return {};
}

Status JobDesk::restore_forgotten(const Record& record) {
  YARD_TRY(const jobs::Forgotten forgotten, read_forgotten(record));
  tombstones_.add(forgotten.tombstone, forgotten.tool, forgotten.principal);
  return {};
}

// ---- going on

void JobDesk::resume(Now now) {
  // A fence that was given out may not have reached the log; the epoch is greater than what it can have been.
  last_fence_ = std::max(last_fence_, streams_.epoch());
  // Many that die together say more of the broker and its machine than of any of them.
  const bool alone = count(JobState::kRunning) + count(JobState::kInputRequired) + count(JobState::kCancelling) == 1;
  for (Job* job = by_age_.front(); job != nullptr; job = by_age_.after(*job)) {
    if (is_terminal(job->state)) continue;
    link_parent(*job);
    resume(*job, alone, now);
  }
}

void JobDesk::resume(Job& job, bool alone, Now now) {
  if (is_remote(job) && is_held(job.state) && job.state != JobState::kCancelling) return await_worker(job, now);
  switch (job.state) {
    case JobState::kScheduled: return arm(job);
    case JobState::kBlocked: return resume_blocked(job, now);
    case JobState::kQueued: queue_.push(job); return arm(job);
    case JobState::kAssigned:
      // That it began is told behind its beginning: what may begin once may have begun.
      if (job.attempts_max == 1) {
        started(job, now);
        return failed(job, {.code = ErrorCode::kWorkerLost, .message = "the broker stopped as it began"}, now);
      }
      --job.attempt;
      apply(job, JobEvent::kUnassign, now);
      return;
    case JobState::kRunning:
    case JobState::kInputRequired:
      charge_lost(job, now);
      job.run->deaths += alone;
      return failed(job, {.code = ErrorCode::kWorkerLost, .message = "the broker stopped while it ran"}, now);
    default:
      charge_lost(job, now);
      job.run->stopped = jobs::StopMeans::kBrokerStopped;
      job.run->error = std::make_unique<Error>(
          Error{.code = ErrorCode::kCancelled, .message = "it was told to stop, and the broker stopped with it"});
      return stopped(job, now);
  }
}

// Of an attempt that the broker took with it, what it spent as far as the log tells; no more than was reserved, as the
// wall clock may have been set meanwhile.
void JobDesk::charge_lost(Job& job, Now now) {
  queue_.hold(job, now);
  const Nanos told = last_recorded_ - job.run->started_at.value_or(last_recorded_);
  const Nanos busy = std::clamp(told, Nanos::zero(), jobs::ReadyQueue::expected(job));
  if (const std::string_view tenant = queue_.release(job, busy, now); !tenant.empty()) record_spent(tenant, now);
}

// What ended just before the crash may not have been told to the job, nor given it its result.
void JobDesk::resume_blocked(Job& job, Now now) {
  link_parents(job);
  if (is_doomed(job.terms().after, job.terms().on_parent_failure)) return doom(job, now);
  if (Status taken = bind(job, now); !taken)
    return fail_job(job, JobEvent::kParentFailed, std::move(taken).error(), now);
  if (job.parents_left > 0) return arm(job);
  unblock(job, now);
}

}  // namespace yard::broker
