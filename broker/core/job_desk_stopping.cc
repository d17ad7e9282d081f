// JobDesk: jobs that are told to stop, and those that go with them.
#include <algorithm>
#include <utility>
#include <vector>

#include "broker/core/job_desk.h"
#include "engine/base/check.h"

namespace yard::broker {

using jobs::Grade;
using jobs::Job;
using jobs::JobEvent;
using jobs::JobState;
using jobs::StopCause;

namespace {

constexpr std::size_t kSpawnedLeast = 8;

Error cancelled_error(std::string_view reason) {
  return {.code = ErrorCode::kCancelled, .message = reason.empty() ? "cancelled" : "cancelled: " + std::string(reason)};
}

}  // namespace

// ---- parents and what they spawn

Status JobDesk::check_parent(const jobs::JobOrder& order) const {
  if (!order.parent) return {};
  const Job* parent = find(order.parent, order.principal);
  const std::string name = "option parent: job " + to_hex(order.parent.value());
  if (parent == nullptr) return fail(ErrorCode::kNotFound, name + " is unknown");
  if (is_terminal(parent->state)) return fail(ErrorCode::kTooLate, name + " is " + std::string(name_of(parent->state)));
  if (parent->state == JobState::kCancelling) return fail(ErrorCode::kCancelled, name + " is being stopped");
  return {};
}

// A long run may spawn without end: those that have ended are let go of whenever the list would grow.
void JobDesk::link_parent(const Job& job) {
  Job* parent = job.terms().parent ? find(job.terms().parent) : nullptr;
  if (parent == nullptr || is_terminal(parent->state)) return;
  std::vector<JobId>& spawned = run_of(*parent).spawned;
  if (spawned.size() == spawned.capacity()) {
    std::erase_if(spawned, [&](JobId id) {
      const Job* other = find(id);
      return other == nullptr || is_terminal(other->state);
    });
    spawned.reserve(std::max(kSpawnedLeast, spawned.size() * 2));
  }
  spawned.push_back(job.id);
}

// Not by recursion: a tree may be as deep as the table is large.
void JobDesk::cancel_tree(Job& job, std::string_view reason, Now now) {
  struct Spawned {
    JobId parent;
    std::vector<JobId> jobs;
  };
  const auto take = [](Job& parent) {
    return Spawned{.parent = parent.id,
                   .jobs = parent.run ? std::exchange(parent.run->spawned, {}) : std::vector<JobId>()};
  };
  std::vector<Spawned> left;
  left.push_back(take(job));
  cancel_one(job, reason, now);
  while (!left.empty()) {
    const Spawned spawned = std::move(left.back());
    left.pop_back();
    const std::string of_parent = "its parent, job " + to_hex(spawned.parent.value()) + ", was cancelled";
    for (const JobId id : spawned.jobs) {
      Job* child = find(id);
      // The id may be a later job's.
      if (child == nullptr || is_terminal(child->state) || child->terms().parent != spawned.parent) continue;
      left.push_back(take(*child));
      cancel_one(*child, of_parent, now);
    }
  }
}

// ---- stopping

Status JobDesk::cancel(Job& job, std::string_view reason, Now now) {
  if (job.state == JobState::kCancelled) return {};  // a repeated request gets the same answer
  if (is_terminal(job.state)) {
    return fail(ErrorCode::kTooLate,
                "job " + to_hex(job.id.value()) + " is " + std::string(name_of(job.state)) + " already");
  }
  cancel_tree(job, reason, now);
  return {};
}

void JobDesk::cancel_one(Job& job, std::string_view reason, Now now) {
  if (job.state == JobState::kCancelling) return;
  if (next_state(job.state, JobEvent::kCancel) == JobState::kCancelled)
    return fail_job(job, JobEvent::kCancel, cancelled_error(reason), now);
  job.run->error = std::make_unique<Error>(cancelled_error(reason));
  stop(job, StopCause::kCancel, now);
}

// Tells a running attempt to stop; stopped() says what becomes of the job.
void JobDesk::stop(Job& job, StopCause cause, Now now) {
  job.stop_cause = cause;
  job.run->stopping = now.steady;
  YARD_CHECK(apply(
      job, cause == StopCause::kCancel || cause == StopCause::kDrain ? JobEvent::kCancel : JobEvent::kOverrun, now));
  is_remote(job) ? tell_to_stop(job) : gate_.effects().stops.push_back(job.id);
}

// It has stopped, without a result.
void JobDesk::stopped(Job& job, Now now) {
  switch (job.stop_cause) {
    case StopCause::kDeadline:
      return fail_job(job, JobEvent::kStoppedLate,
                      {.code = ErrorCode::kExpired, .message = "its deadline passed while it ran"}, now);
    case StopCause::kAttemptTimeout:
      return fail_job(job, JobEvent::kStoppedFailed,
                      {.code = ErrorCode::kDeadlineExceeded,
                       .message = "it ran longer than its attempt timeout of " +
                                  std::to_string(job.attempt_timeout.count()) + " ms"},
                      now);
    case StopCause::kDrain:
    case StopCause::kCancel:
    case StopCause::kNone:
      // Whoever told it to stop has left the reason.
      YARD_CHECK(job.run->error != nullptr);
      return fail_job(job, JobEvent::kStopped, *job.run->error, now);
  }
}

// ---- the broker's own end

void JobDesk::begin_drain(Now now) {
  draining_ = true;
  std::vector<JobId> waiting;
  for (Job* job = newest(); job != nullptr; job = older(*job)) {
    const bool waits = next_state(job->state, JobEvent::kCancel) == JobState::kCancelled;
    if (waits && job->grade == Grade::kVolatile) waiting.push_back(job->id);
  }
  // Oldest first, so that the events tell the story in its order. Ending one may end its children.
  for (auto id = waiting.rbegin(); id != waiting.rend(); ++id) {
    Job* job = find(*id);
    if (job != nullptr && !is_terminal(job->state))
      fail_job(*job, JobEvent::kCancel, cancelled_error("the broker stops"), now);
  }
}

void JobDesk::stop_running(Now now) {
  for (Job* job = newest(); job != nullptr; job = older(*job)) {
    if (!is_held(job->state) || job->state == JobState::kCancelling || survives_us(*job)) continue;
    job->run->error = std::make_unique<Error>(cancelled_error("the broker stops"));
    stop(*job, StopCause::kDrain, now);
  }
}

}  // namespace yard::broker
