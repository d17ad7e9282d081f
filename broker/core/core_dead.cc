// DEAD_REPLAY and DEAD_PURGE: what is done with dead letters once somebody has looked at them.
#include "broker/core/core.h"
#include "engine/base/hash.h"

namespace yard::broker {

using jobs::Job;
using wire::Verb;

namespace {

Status check_dead(const Job& job) {
  if (job.run && job.run->dead_letter) return {};
  return fail(ErrorCode::kBadRequest, "job " + to_hex(job.id.value()) + " is no dead letter");
}

std::uint64_t digest_of_replay(JobId dead, std::uint64_t digest) {
  const auto& octets = dead.value().octets;
  return hash64({reinterpret_cast<const char*>(octets.data()), octets.size()}, digest);
}

// What the call asked for beyond its arguments, but for whom it waited and who would be cancelled with it.
dispatch::CallOptions options_of(const Job& dead) {
  const jobs::JobTerms& terms = dead.terms();
  return {.queue_ttl = terms.queue_ttl,
          .attempt_timeout = dead.attempt_timeout,
          .deadline = terms.deadline,
          .grade = dead.grade,
          .result_ttl = terms.result_ttl,
          .concurrency_key = terms.concurrency_key};
}

}  // namespace

// The tool as it is declared now judges the arguments anew: it may be another one since.
Status Core::dead_replay(const Asked& asked, PackView body) {
  YARD_TRY(const Job* dead, job_named(asked, body));
  YARD_TRY_STATUS(check_dead(*dead));
  wire::Message call{.header = asked.message.header, .tool = dead->tool, .body = dead->arguments.view()};
  call.header.verb = Verb::kCall;
  call.header.flags = 0;
  call.header.priority = dead->priority;
  call.header.budget_ms = 0;
  YARD_TRY(dispatch::Request request, dispatch::resolve(tools_, call));
  if (request.plan.kind != tools::ToolKind::kJob)
    return fail(ErrorCode::kUnsupported, std::string(dead->tool) + " makes no job any more");
  request.options = options_of(*dead);
  request.replay_of = dead->id;
  request.digest = digest_of_replay(dead->id, request.digest);
  call_job(asked, request);
  return {};
}

Status Core::dead_purge(const Asked& asked, Verb reply_verb, PackView body) {
  std::vector<Job*> purged;
  if (body.find("all").boolean_or(false)) {
    const Retention& kept = desk_.retention();
    for (Job* job = kept.newest_dead(); job != nullptr; job = kept.older_dead(*job)) {
      if (job->principal == asked.session.principal) purged.push_back(job);
    }
  } else {
    YARD_TRY(const std::vector<JobId> ids, job_ids_of(body));
    for (const JobId id : ids) {
      Job* job = desk_.find(id, asked.session.principal);
      if (job == nullptr) continue;  // asked for again
      YARD_TRY_STATUS(check_dead(*job));
      purged.push_back(job);
    }
  }
  for (Job* job : purged) desk_.forget(*job, asked.now);
  reply(gated(), asked.to, reply_verb, [&](PackWriter& writer) { PackMap(writer).natural("purged", purged.size()); });
  return {};
}

}  // namespace yard::broker
