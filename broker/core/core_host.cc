// Calls that the host makes.
#include <algorithm>

#include "broker/core/core.h"

namespace yard::broker {

using dispatch::Request;
using wire::Verb;

namespace {

tools::HostAnswer answer_of(const Uuid& call, const jobs::Job& job) {
  if (job.state == jobs::JobState::kSucceeded)
    return {.id = call, .outcome = job.run->result, .by_reference = job.run->by_reference};
  if (job.run->error) return {.id = call, .outcome = std::unexpected(*job.run->error)};
  return {.id = call, .outcome = fail(ErrorCode::kCancelled, "the job was cancelled")};
}

bool is_repeatable(const tools::ToolSpec& spec) { return spec.idempotent || spec.read_only; }

}  // namespace

void Core::on_host_call(Now now, const tools::HostCall& call) {
  if (const Status taken = take_host_call(now, call); !taken)
    direct_.answers.push_back({.id = call.id, .outcome = std::unexpected(taken.error()), .refused = true});
}

Status Core::take_host_call(Now now, const tools::HostCall& call) {
  if (draining_) return fail(ErrorCode::kDraining, "the broker stops");
  const wire::Message message{
      .header = {.verb = Verb::kCall, .id = call.id, .budget_ms = 0}, .tool = call.tool, .body = call.arguments};
  YARD_TRY(const Request request, dispatch::resolve(tools_, message));
  if (std::holds_alternative<tools::VerbAlias>(request.tool->spec.handler))
    return fail(ErrorCode::kUnsupported, call.tool + " is one of the protocol's verbs: it can't be called from here");
  submitting_ = now;
  if (request.plan.kind != tools::ToolKind::kJob) {
    direct_.answers.push_back({.id = call.id, .outcome = run_inline(now, call, request)});
    return {};
  }
  jobs::JobOrder order = order_of(request, call.principal);
  if (!is_repeatable(request.tool->spec)) order.grade = jobs::Grade::kSynced;  // so that it is known to have begun
  YARD_TRY(const jobs::Job* job, submit(order));
  if (is_terminal(job->state))
    gate_.effects().answers.push_back(answer_of(call.id, *job));
  else
    host_calls_.await(job->id, call.id);
  return {};
}

Result<Bytes> Core::run_inline(Now now, const tools::HostCall& call, const Request& request) {
  if (call.again && !is_repeatable(request.tool->spec))
    return fail(ErrorCode::kUnavailable,
                "the broker stopped while " + call.tool + " may have run; it is not run again");
  Bytes result;
  PackWriter writer(result);
  YARD_TRY(const auto done, dispatch::dispatch(request, call.principal, now, *this, writer));
  if (const auto* ack = std::get_if<dispatch::Ack>(&done)) YARD_TRY_STATUS(ack->acted);
  return result;
}

void Core::answer_host(const jobs::Job& job) {
  for (const Uuid& call : host_calls_.take(job.id)) gate_.effects().answers.push_back(answer_of(call, job));
}

}  // namespace yard::broker
