#include "broker/core/job_desk.h"

#include <algorithm>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace yard::broker {

using iopub::EventKind;
using jobs::Grade;
using jobs::Job;
using jobs::JobEvent;
using jobs::JobOrder;
using jobs::JobState;
using jobs::RecordKind;
using jobs::StopCause;
using jobs::StopMeans;

JobDesk::JobDesk(const Limits& limits, Counters& counters, Gate& gate, Streams& streams, jobs::Timers& timers,
                 Workers& workers, JobDeskOptions options, OnEnd on_end)
    : limits_(limits),
      options_(std::move(options)),
      counters_(counters),
      gate_(gate),
      streams_(streams),
      timers_(timers),
      workers_(workers),
      on_end_(std::move(on_end)),
      admissions_{Admission(limits, options_.executor_slots), Admission(limits, options_.process_slots),
                  Admission(limits, 0), Admission(limits, options_.host_slots)},
      queue_(options_.scheduling, options_.needs_of),
      jobs_(options_.seed),
      retention_(limits),
      tombstones_(limits.tombstones_max, options_.seed),
      random_(options_.seed) {}

JobDesk::~JobDesk() {
  jobs_.each([&](const Job& job) {
    if (job.run) timers_.disarm(job.run->timer);
  });
}

Job* JobDesk::find(JobId id, std::string_view principal) const {
  Job* job = find(id);
  return job != nullptr && job->principal == principal ? job : nullptr;
}

const jobs::Tombstone* JobDesk::find_tombstone(JobId id, std::string_view principal) const {
  const jobs::Tombstone* tombstone = tombstones_.find(id);
  return tombstone != nullptr && tombstone->principal == principal ? tombstone : nullptr;
}

void JobDesk::make_run(Job& job) const {
  job.run = std::make_unique<jobs::JobRun>(limits_.job_stream_bytes);
  job.run->timer.payload = {.job = job.id};
}

// A queued job is small because its first event is not written down before somebody may want it.
jobs::JobRun& JobDesk::run_of(Job& job) {
  if (!job.run) {
    make_run(job);
    streams_.remember_job(job, {.kind = EventKind::kState, .lsn = job.first_lsn, .time = job.created_at},
                          packed([&](PackWriter& writer) { write_state(writer, job, job.first_state); }));
  }
  return *job.run;
}

// Something a job says: on its stream, and in the log before.
void JobDesk::say(Job& job, EventKind kind, BytesView body, Now now) {
  record(job, RecordKind::kEvent, Grade::kBuffered, now,
         [&](PackWriter& writer) { jobs::write_event(writer, kind, body); });
  streams_.publish_job(job, kind, body, now);
}

std::size_t JobDesk::held() const {
  std::size_t held = count(JobState::kAssigned) + count(JobState::kRunning) + count(JobState::kInputRequired) +
                     count(JobState::kCancelling);
  workers_.each([&](const Worker& worker) {
    for (const auto& [fence, attempt] : worker.held) {
      const Job* job = find_held(attempt.job, fence, worker);
      held -= job != nullptr && survives_us(*job);
    }
  });
  return held;
}

// ---- submit

// Of so many more jobs, with so many bytes of arguments.
Status JobDesk::check_room(std::size_t jobs, std::size_t bytes) const {
  const auto refuse = [&](ErrorCode code, std::string message) {
    auto error = fail(code, std::move(message));
    error.error().retry_after_ms = static_cast<std::uint32_t>(limits_.retry_after.count());
    return error;
  };
  if (draining_) return refuse(ErrorCode::kDraining, "the broker is stopping and takes no new jobs");
  if (live_ + jobs > limits_.jobs_live_max)
    return refuse(ErrorCode::kQueueFull, std::to_string(live_) + " jobs have not ended");
  if (live_bytes_ + bytes > limits_.jobs_bytes_max) {
    return refuse(ErrorCode::kQueueFull,
                  "the arguments of unfinished jobs fill " + std::to_string(live_bytes_) + " bytes");
  }
  return {};
}

Status JobDesk::check_parents(const JobOrder& order, const Ahead* ahead) const {
  for (const JobId id : order.after) {
    if (ahead != nullptr && ahead->orders.contains(id)) continue;
    if (find(id, order.principal) == nullptr && find_tombstone(id, order.principal) == nullptr)
      return fail(ErrorCode::kNotFound, "option after: job " + to_hex(id.value()) + " is unknown");
  }
  return {};
}

void JobDesk::link_parents(Job& job) {
  for (const JobId id : job.terms().after) {
    Job* parent = find(id);
    if (parent == nullptr || is_terminal(parent->state)) continue;
    run_of(*parent).children.push_back(job.id);
    ++job.parents_left;
  }
}

Millis JobDesk::attempt_timeout_of(const JobOrder& order) const {
  if (order.attempt_timeout > Millis::zero()) return order.attempt_timeout;
  return order.wait_class == jobs::WaitClass::kLong ? limits_.long_attempt_timeout : limits_.attempt_timeout;
}

namespace {

std::unexpected<Error> refuse_conflict(JobId id) {
  return fail(ErrorCode::kConflict,
              "job id " + to_hex(id.value()) + " was used before with another body; make a new id");
}

// It has been done, and is not done again because its result is no longer known.
std::unexpected<Error> refuse_again(const jobs::Tombstone& tombstone, const JobOrder& order) {
  if (tombstone.digest != order.digest || tombstone.principal != order.principal) return refuse_conflict(order.id);
  return fail(ErrorCode::kGone, gone_text(tombstone));
}

}  // namespace

std::optional<JobState> JobDesk::end_of(JobId id) const {
  if (const Job* job = find(id)) return is_terminal(job->state) ? std::optional(job->state) : std::nullopt;
  const jobs::Tombstone* tombstone = tombstones_.find(id);
  return tombstone ? std::optional(tombstone->state) : std::nullopt;
}

// The job that the same order made before, or null where there was none.
Result<Job*> JobDesk::find_same(const JobOrder& order) const {
  if (Job* known = find(order.id)) {
    if (known->digest != order.digest || known->principal != order.principal) return refuse_conflict(order.id);
    return known;
  }
  if (const jobs::Tombstone* tombstone = tombstones_.find(order.id)) return refuse_again(*tombstone, order);
  return nullptr;
}

Status JobDesk::check(const JobOrder& order, Ahead& ahead) {
  YARD_TRY(const Job* known, find_same(order));
  if (known != nullptr) return {};
  const auto [before, is_new] = ahead.orders.try_emplace(order.id, order.digest);
  if (!is_new && before->second != order.digest) return refuse_conflict(order.id);
  if (!is_new) return {};
  if (!order.key.empty()) return fail(ErrorCode::kBadRequest, "option key: a job of its own is not sure to come of it");
  YARD_TRY_STATUS(check_parents(order, &ahead));
  ahead.bytes += order.arguments.size();
  if (!order.with.empty()) {
    YARD_TRY(const Bytes arguments, bind(order));
    ahead.bytes += arguments.size() - order.arguments.size();
  }
  YARD_TRY_STATUS(check_room(ahead.orders.size(), ahead.bytes));
  YARD_TRY_STATUS(queue_.check(order, attempt_timeout_of(order)));
  if (concurrency_keys_.is_new(order)) ahead.concurrency_keys.insert(ConcurrencyKeys::text_of(order));
  YARD_TRY_STATUS(concurrency_keys_.check(ahead.concurrency_keys.size(), limits_.concurrency_keys_max));
  return check_parent(order);
}

Result<Job*> JobDesk::submit(const JobOrder& order, Now now) {
  YARD_TRY(Job * known, find_same(order));
  if (known != nullptr) {
    ++counters_.replayed_answers;
    return known;
  }
  YARD_TRY_STATUS(check_parents(order, nullptr));
  if (order.with.empty()) return submit_new(order, now);
  YARD_TRY(const Bytes arguments, bind(order));
  JobOrder bound = order;
  bound.arguments = arguments;
  return submit_new(bound, now);
}

Result<Job*> JobDesk::submit_new(const JobOrder& order, Now now) {
  YARD_TRY(Job * holder, coalesce(order, now));
  if (holder != nullptr) {
    ++counters_.jobs_coalesced;
    return holder;
  }
  if (Job* twin = find_twin(order)) {
    ++counters_.jobs_memoised;
    return twin;
  }
  if (auto room = check_room(1, order.arguments.size()); !room) {
    ++counters_.jobs_refused;
    return std::unexpected(std::move(room).error());
  }
  YARD_TRY_STATUS(check_parent(order));
  const Millis attempt_timeout = attempt_timeout_of(order);
  YARD_TRY_STATUS(queue_.check(order, attempt_timeout));
  YARD_TRY_STATUS(concurrency_keys_.check(concurrency_keys_.is_new(order), limits_.concurrency_keys_max));
  supersede(order, now);
  Job& job = jobs_.insert(order);
  link_parents(job);
  link_parent(job);
  keyed_.claim(job);
  concurrency_keys_.claim(job);
  claim_twin(job);
  job.attempt_timeout = attempt_timeout;
  job.created_at = now.wall;
  job.submitted = now.steady;
  by_age_.push_back(job);
  ++live_;
  live_bytes_ += job.arguments.size();
  ++counters_.jobs_submitted;
  begin(job, now);
  return &job;
}

// A parent has ended without success, or nobody knows it: it went with a crash, as its grade allows.
bool JobDesk::is_doomed(std::span<const JobId> after, jobs::ParentPolicy policy) const {
  return policy == jobs::ParentPolicy::kFail && std::ranges::any_of(after, [&](JobId id) {
           const Job* parent = find(id);
           const bool goes_on = parent != nullptr && !is_terminal(parent->state);
           return !goes_on && end_of(id) != JobState::kSucceeded;
         });
}

void JobDesk::doom(Job& job, Now now) {
  fail_job(job, JobEvent::kParentFailed,
           {.code = ErrorCode::kDependencyFailed, .message = "a job that it waits for did not succeed"}, now);
}

// Gives a new job its first state, its record and its first event.
void JobDesk::begin(Job& job, Now now) {
  const bool doomed = is_doomed(job.terms().after, job.terms().on_parent_failure);
  job.state = job.parents_left > 0 || doomed       ? JobState::kBlocked
              : job.terms().delay > Millis::zero() ? JobState::kScheduled
                                                   : JobState::kQueued;
  ++by_state_[static_cast<std::size_t>(job.state)];
  record(job, RecordKind::kSubmitted, job.grade, now, [&](PackWriter& writer) { write_submitted(writer, job); });
  publish_first(job, now);
  if (job.state == JobState::kQueued) {
    job.queued = now.steady;
    queue_.push(job);
  }
  arm(job);
  if (doomed) doom(job, now);
}

// ---- transitions

bool JobDesk::apply(Job& job, JobEvent event, Now now) {
  const auto to = next_state(job.state, event);
  if (!to) return false;
  enter(job, *to, now);
  return true;
}

void JobDesk::enter(Job& job, JobState state, Now now) {
  run_of(job);
  if (job.state == JobState::kQueued && jobs::IntrusiveList<Job>::linked(job)) queue_.erase(job);
  --by_state_[static_cast<std::size_t>(job.state)];
  job.state = state;
  ++by_state_[static_cast<std::size_t>(state)];
  if (is_terminal(state)) return end(job, now);
  if (!is_held(state)) job.fence = 0;  // the attempt is over: what still comes of it is stale
  if (state == JobState::kQueued) {
    job.queued = now.steady;
    queue_.push(job);
  }
  // What may be begun once must not be forgotten to have been begun, and what is cancelled stays cancelled.
  const JobState begun = is_remote(job) ? JobState::kRunning : JobState::kAssigned;
  const bool keep = (state == begun && job.attempts_max == 1) || state == JobState::kCancelling;
  record(job, RecordKind::kChanged, keep ? job.grade : Grade::kBuffered, now,
         [&](PackWriter& writer) { write_changed(writer, job); });
  if (state != JobState::kAssigned) publish_state(job, now);
  arm(job);
}

void JobDesk::publish_first(Job& job, Now now) {
  job.first_state = job.state;
  job.first_lsn = gate_.position();
  // One that is about to be assigned needs its run at once, and this body.
  const bool goes_on = job.state == JobState::kQueued && queue_.size() == 0 && admits(job);
  if (goes_on || streams_.listens_to_jobs()) make_run(job);
  const BytesView body = packed([&](PackWriter& writer) { write_state(writer, job, job.state); });
  streams_.publish_first(job, body, now);
  streams_.publish_principal(job, EventKind::kState, body, now);
}

void JobDesk::publish_state(Job& job, Now now) {
  const BytesView body = packed([&](PackWriter& writer) { write_state(writer, job, job.state); });
  streams_.publish_job(job, EventKind::kState, body, now);
  streams_.publish_principal(job, EventKind::kState, body, now);
}

void JobDesk::end(Job& job, Now now) {
  jobs::JobRun& run = *job.run;
  timers_.disarm(run.timer);
  job.fence = 0;
  run.ended_at = now.wall;
  run.ended = now.steady;
  run.spawned = {};
  const BytesView body = packed([&](PackWriter& writer) { write_end(writer, job); });
  record(job, RecordKind::kEnded, job.grade, now,
         [&](PackWriter& writer) { write_ended(writer, job.state, body, run.last_fence); });
  const bool succeeded = job.state == JobState::kSucceeded;
  if (!succeeded) release_twin(job);
  streams_.publish_job(job, succeeded ? EventKind::kComplete : EventKind::kError, body, now);
  streams_.publish_principal(job, EventKind::kState,
                             packed([&](PackWriter& writer) { write_state(writer, job, job.state); }), now);
  switch (job.state) {
    case JobState::kSucceeded: ++counters_.jobs_succeeded; break;
    case JobState::kCancelled: ++counters_.jobs_cancelled; break;
    case JobState::kExpired: ++counters_.jobs_expired; break;
    default: ++counters_.jobs_failed;
  }
  --live_;
  live_bytes_ -= job.arguments.size();
  keyed_.release(job);
  concurrency_keys_.release(job);
  keep(job);
  on_end_(job, now);
  if (!run.children.empty()) {
    ended_parents_.push_back({job.id, job.state, std::exchange(run.children, {})});
    tell_children(now);
  }
}

// Not by recursion: a chain of jobs may be as long as the queue.
void JobDesk::tell_children(Now now) {
  if (std::exchange(telling_children_, true)) return;
  while (!ended_parents_.empty()) {
    const EndedParent parent = std::move(ended_parents_.front());
    ended_parents_.pop_front();
    for (const JobId id : parent.children) {
      if (Job* child = find(id)) parent_ended(*child, parent, now);
    }
  }
  telling_children_ = false;
}

void JobDesk::parent_ended(Job& job, const EndedParent& parent, Now now) {
  // Its id may belong to a later job than the one that was waiting.
  if (job.state != JobState::kBlocked || std::ranges::find(job.terms().after, parent.id) == job.terms().after.end())
    return;
  --job.parents_left;
  if (parent.state != JobState::kSucceeded && job.terms().on_parent_failure == jobs::ParentPolicy::kFail) {
    const std::string message =
        "job " + to_hex(parent.id.value()) + ", which it waited for, is " + std::string(name_of(parent.state));
    return fail_job(job, JobEvent::kParentFailed, {.code = ErrorCode::kDependencyFailed, .message = message}, now);
  }
  if (Status taken = bind(job, now); !taken)
    return fail_job(job, JobEvent::kParentFailed, std::move(taken).error(), now);
  if (job.parents_left == 0) unblock(job, now);
}

void JobDesk::fail_job(Job& job, JobEvent event, Error error, Now now) {
  jobs::JobRun& run = run_of(job);
  run.error = std::make_unique<Error>(std::move(error));
  if (event == JobEvent::kCancel || event == JobEvent::kOverrun) run.stopped = StopMeans::kBeforeStart;
  YARD_CHECK(apply(job, event, now));
}

// ---- clocks

SteadyTime JobDesk::due_at(const Job& job) {
  const SteadyTime ordered = job.submitted + job.terms().delay;
  return job.run ? std::max(ordered, job.run->postponed_to) : ordered;
}

// What remote workers say while nobody reads it is not late.
SteadyTime JobDesk::stop_counted_from(const Job& job) const {
  return is_remote(job) ? std::max(job.run->stopping, workers_.excused_at()) : job.run->stopping;
}

void JobDesk::arm(Job& job) {
  SteadyTime due = SteadyTime::max();
  const auto consider = [&](SteadyTime from, Millis after) {
    if (after > Millis::zero()) due = std::min(due, from + after);
  };
  const jobs::JobTerms& terms = job.terms();
  switch (job.state) {
    case JobState::kScheduled: due = due_at(job); [[fallthrough]];
    case JobState::kBlocked: consider(job.submitted, terms.deadline); break;
    case JobState::kQueued:
      consider(job.queued, terms.queue_ttl);
      consider(job.submitted, terms.deadline);
      break;
    case JobState::kRunning: consider(job.run->started, job.attempt_timeout); [[fallthrough]];
    case JobState::kAssigned:
      if (is_remote(job) && job.state == JobState::kAssigned)
        consider(std::max(job.run->assigned, workers_.excused_at()), limits_.assign_timeout);
      [[fallthrough]];
    case JobState::kInputRequired: consider(job.submitted, terms.deadline); break;
    case JobState::kCancelling: consider(stop_counted_from(job), limits_.cancel_grace); break;
    default: break;
  }
  if (due != SteadyTime::max()) {
    timers_.arm(run_of(job).timer, due);
  } else if (job.run) {
    timers_.disarm(job.run->timer);
  }
}

void JobDesk::on_timer(JobId id, Now now) {
  Job* job = find(id);
  if (job == nullptr) return;
  if (is_terminal(job->state)) return forget(*job, now);
  if (job->state == JobState::kCancelling && is_remote(*job))
    return now.steady < stop_counted_from(*job) + limits_.cancel_grace ? arm(*job) : give_up(*job, now);
  if (job->state == JobState::kCancelling) {
    const std::string message = "job " + to_hex(id.value()) + " of " + std::string(job->tool) +
                                " ignores its stop; its thread is held until it ends";
    return streams_.log("warn", message, now);
  }
  const jobs::JobTerms& terms = job->terms();
  const auto passed = [&](SteadyTime from, Millis after) {
    return after > Millis::zero() && now.steady >= from + after;
  };
  const bool deadline = passed(job->submitted, terms.deadline);
  if (job->state == JobState::kRunning || job->state == JobState::kAssigned || job->state == JobState::kInputRequired) {
    if (deadline) return stop(*job, StopCause::kDeadline, now);
    if (job->state == JobState::kRunning && passed(job->run->started, job->attempt_timeout))
      return stop(*job, StopCause::kAttemptTimeout, now);
    if (job->state == JobState::kAssigned && is_remote(*job) &&
        passed(std::max(job->run->assigned, workers_.excused_at()), limits_.assign_timeout))
      return unassign(*job, now);
  } else if (deadline) {
    return fail_job(*job, JobEvent::kOverrun,
                    {.code = ErrorCode::kExpired, .message = "its deadline passed before it began"}, now);
  } else if (job->state == JobState::kQueued && passed(job->queued, terms.queue_ttl)) {
    return fail_job(*job, JobEvent::kOverrun, {.code = ErrorCode::kExpired, .message = "its time in the queue ran out"},
                    now);
  } else if (job->state == JobState::kScheduled && now.steady >= due_at(*job)) {
    apply(*job, JobEvent::kDue, now);
    return;
  }
  arm(*job);
}

// ---- retention

void JobDesk::forget(Job& job, Now now) {
  record(job, RecordKind::kForgotten, Grade::kVolatile, now, [&](PackWriter& writer) { write_forgotten(writer, job); });
  if (job.grade != Grade::kVolatile) {
    tombstones_.add({.id = job.id,
                     .digest = job.digest,
                     .created = job.created_at,
                     .ended = *job.run->ended_at,
                     .dropped = now.wall,
                     .state = job.state,
                     .error = job.run->error ? job.run->error->code : ErrorCode{}},
                    job.tool, job.principal);
  }
  let_go(job);
  retention_.fetch_ahead();
}

void JobDesk::keep(Job& job) {
  retention_.add(job);
  if (Retention::is_timed(job)) timers_.arm(job.run->timer, job.run->ended + job.terms().result_ttl);
}

void JobDesk::let_go(Job& job) {
  timers_.disarm(job.run->timer);
  retention_.remove(job);
  release_twin(job);
  by_age_.erase(job);
  --by_state_[static_cast<std::size_t>(job.state)];
  ++counters_.jobs_forgotten;
  jobs_.erase(job);
}

// Not where a job ends: it takes its children with it, and callers up the stack still look at all of them.
void JobDesk::forget_surplus(Now now) {
  while (Job* job = retention_.surplus()) forget(*job, now);
}

void JobDesk::expire_ended(Now now) {
  while (Job* job = retention_.expired(now.steady)) forget(*job, now);
}

}  // namespace yard::broker
