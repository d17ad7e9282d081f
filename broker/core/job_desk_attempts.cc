// JobDesk: attempts, from the queue to their end.
#include <algorithm>

#include "broker/core/job_desk.h"
#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/base/utf8.h"

namespace yard::broker {

using iopub::EventKind;
using jobs::Job;
using jobs::JobEvent;
using jobs::JobState;
using jobs::StopMeans;

namespace {

// What a tool says goes out as msgpack text, which is UTF-8.
std::string readable(std::string text) { return is_utf8(text) ? std::move(text) : printable(text, text.size()); }
Error readable(Error error) {
  error.message = readable(std::move(error.message));
  error.pointer = readable(std::move(error.pointer));
  return error;
}

}  // namespace

void JobDesk::schedule(Now now) {
  forget_surplus(now);
  free_places(now);
  look_after_overtaken(now);
  next_schedule_ = SteadyTime::max();
  if (draining_) return;
  for (std::size_t i = 0; i < jobs::kExecutorKinds; ++i) {
    const jobs::ExecutorKind executor{static_cast<std::uint8_t>(i)};
    // One that is full tells when it is not.
    while (!is_full(executor)) {
      Job* job = queue_.pop(executor, now, [&](const Job& candidate) { return admits(candidate); });
      if (job == nullptr) {
        next_schedule_ = std::min(next_schedule_, queue_.due(executor));
        break;
      }
      assign(*job, now);
    }
  }
}

void JobDesk::assign(Job& job, Now now) {
  job.fence = ++last_fence_;
  ++job.attempt;
  run_of(job);  // before admission, which notes its estimate there
  if (is_remote(job)) return assign_to_worker(job, now);
  admission_of(job).hand_over(job);
  apply(job, JobEvent::kAssign, now);
  gate_.effects().starts.push_back({.id = job.id,
                                    .fence = job.fence,
                                    .tool = std::string(job.tool),
                                    .tool_version = job.tool_version,
                                    .principal = std::string(job.principal),
                                    .arguments = Bytes(job.arguments.view())});
}

void JobDesk::started(Job& job, Now now) {
  if (job.state != JobState::kAssigned) return;
  job.run->started_at = now.wall;
  job.run->started = now.steady;
  apply(job, JobEvent::kStart, now);
}

void JobDesk::progressed(Job& job, jobs::Progressed& progress, Now now) {
  job.run->percent = progress.percent;
  job.run->progress_message = readable(std::move(progress.message));
  const BytesView body = packed([&](PackWriter& writer) {
    PackMap(writer).real("percent", job.run->percent).string("message", job.run->progress_message);
  });
  say(job, EventKind::kProgress, body, now);
}

// Deaths count apart from failures: what kills its workers is begun less often than what fails and says so.
bool JobDesk::may_retry(const Job& job, const Error& error) const {
  const std::uint32_t deaths = job.run->deaths;
  return is_retryable(error.code) && job.attempts_max > 1 && job.attempt - deaths < job.attempts_max &&
         deaths < limits_.deaths_max && next_state(job.state, JobEvent::kRetry).has_value();
}

// An attempt ended with an error: the last one, or one that may be followed by another. A last one that could have
// gone well makes a dead letter: what was asked is not what was wrong.
void JobDesk::failed(Job& job, Error error, Now now) {
  if (!may_retry(job, error)) {
    job.run->dead_letter = is_retryable(error.code);
    if (job.run->deaths >= limits_.deaths_max)
      error.message += "; its runs died " + std::to_string(job.run->deaths) + " times, and it is not begun again";
    return fail_job(job, JobEvent::kFail, std::move(error), now);
  }
  ++counters_.jobs_retried;
  const std::string message =
      "attempt " + std::to_string(job.attempt) + " of " + std::to_string(job.attempts_max) + " failed: ";
  job.run->progress_message = message + to_string(error);
  job.run->postponed_to = now.steady + backoff(job.attempt, Millis(error.retry_after_ms));
  YARD_CHECK(apply(job, JobEvent::kRetry, now));
}

// Full jitter, so that those who failed together don't come back together.
// Source: M. Brooker, "Exponential backoff and jitter", AWS Architecture Blog, 2015.
Millis JobDesk::backoff(std::uint32_t attempt, Millis at_least) {
  const auto most = std::min<Millis>(limits_.retry_backoff_max, limits_.retry_backoff * (1u << std::min(attempt, 16u)));
  return at_least + Millis(static_cast<std::int64_t>(random_.next() % static_cast<std::uint64_t>(most.count() + 1)));
}

bool JobDesk::must_keep(const Job& job, const jobs::Report& report) const {
  const auto* end = std::get_if<jobs::Finished>(&report.what);
  return end != nullptr && end->outcome && !end->by_reference && end->outcome->size() > limits_.result_inline_max &&
         end->outcome->size() <= limits_.result_bytes_max && options_.keeps_results && options_.keeps_results(job.tool);
}

void JobDesk::finished(Job& job, jobs::Finished& finished, Now now) {
  if (is_remote(job)) {
    release_attempt(job);
    job.run->last_fence = job.fence;
  } else {
    if (const std::string_view tenant = queue_.release(job, finished.busy, now); !tenant.empty())
      record_spent(tenant, now);
    admission_of(job).take_back(job, finished.busy);
  }
  if (job.state == JobState::kAssigned) started(job, now);
  if (job.state == JobState::kCancelling) {
    job.run->stopped = finished.outcome      ? StopMeans::kLateResult
                       : job.run->started_at ? finished.stopped
                                             : StopMeans::kBeforeStart;
  }
  if (finished.outcome && finished.outcome->size() > limits_.result_bytes_max) {
    finished.outcome =
        fail(ErrorCode::kTooLarge, "its result has " + std::to_string(finished.outcome->size()) +
                                       " bytes, the most is " + std::to_string(limits_.result_bytes_max));
  }
  if (finished.outcome) {
    job.run->result = *std::move(finished.outcome);
    job.run->by_reference = finished.by_reference;
    job.run->error.reset();
    YARD_CHECK(apply(job, JobEvent::kResult, now));
    return;
  }
  if (job.state != JobState::kCancelling) {
    job.run->deaths += finished.outcome.error().code == ErrorCode::kWorkerLost;
    return failed(job, readable(std::move(finished.outcome).error()), now);
  }
  stopped(job, now);
}

void JobDesk::on_report(jobs::Report&& report, Now now) {
  Job* job = find(report.id);
  if (job == nullptr || report.fence == 0 || job->fence != report.fence) {
    ++counters_.reports_stale;
    return;
  }
  if (must_keep(*job, report)) {
    // The attempt goes on until its result is where it will be found.
    job->run->keeping = job->fence;
    gate_.effects().keeps.push_back(std::move(report));
    return;
  }
  if (report.number > 0) job->run->reports = report.number;
  struct Visitor {
    JobDesk& desk;
    Job& job;
    Now now;
    void operator()(jobs::Started&) const { desk.started(job, now); }
    void operator()(jobs::Progressed& progress) const { desk.progressed(job, progress, now); }
    void operator()(jobs::Chunked& chunk) const {
      const BytesView body = desk.packed([&](PackWriter& writer) { PackMap(writer).binary("data", chunk.data); });
      desk.say(job, EventKind::kChunk, body, now);
    }
    void operator()(jobs::ArtifactCreated& artifact) const {
      desk.say(job, EventKind::kArtifact, artifact.packed, now);
      desk.streams_.publish_principal(job, EventKind::kArtifact, artifact.packed, now);
    }
    void operator()(jobs::Logged& line) const {
      const BytesView body = desk.packed([&](PackWriter& writer) {
        PackMap(writer).string("level", readable(line.level)).string("message", readable(line.message));
      });
      desk.say(job, EventKind::kLog, body, now);
    }
    void operator()(jobs::Finished& finished) const { desk.finished(job, finished, now); }
  };
  std::visit(Visitor{*this, *job, now}, report.what);
}

}  // namespace yard::broker
