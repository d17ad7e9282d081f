// CALL and CAST.
#include <algorithm>

#include "broker/core/core.h"
#include "broker/core/job_view.h"
#include "engine/base/check.h"
#include "engine/base/text.h"

namespace yard::broker {

using dispatch::Request;
using tools::ToolKind;
using tools::VerbAlias;
using wire::Verb;

namespace {

// The longest that job_poll holds its caller.
constexpr Millis kPollMax = std::chrono::seconds(30);
constexpr Millis kPollUsual = std::chrono::seconds(5);

Verb verb_of(VerbAlias alias) {
  switch (alias) {
    case VerbAlias::kStatus: return Verb::kStatus;
    case VerbAlias::kList: return Verb::kList;
    case VerbAlias::kWait: return Verb::kWait;
    case VerbAlias::kCancel: return Verb::kCancel;
    case VerbAlias::kWhy: return Verb::kWhy;
  }
  return Verb::kStatus;
}

}  // namespace

std::unexpected<Error> Core::disk_full() const {
  auto full = fail(ErrorCode::kQueueFull, "the broker's disk is full: free space below its state folder");
  full.error().retry_after_ms = static_cast<std::uint32_t>(limits_.retry_after.count());
  return full;
}

Status Core::check_log(const jobs::JobOrder& order) const {
  const bool kept = std::min(order.grade, options_.strongest) != jobs::Grade::kVolatile;
  if (!log_full_ || !kept || desk_.find(order.id) != nullptr) return {};
  return disk_full();
}

// Whether there is anybody who could run it.
Status Core::check_remote(const jobs::JobOrder& order) const {
  if (order.executor != jobs::ExecutorKind::kWorkers || desk_.find(order.id) != nullptr) return {};
  if (order.arguments.size() > kAssignArgumentsMax) {
    return fail(ErrorCode::kTooLarge, "a worker's frame has no room for " + std::to_string(order.arguments.size()) +
                                          " bytes of arguments; put large data into the CAS");
  }
  if (workers_.offering(order.tool) > 0) return {};
  auto nobody = fail(ErrorCode::kNoWorker, "no worker offers " + std::string(order.tool) + " at the moment");
  nobody.error().retry_after_ms = static_cast<std::uint32_t>(limits_.worker_renew.count());
  return nobody;
}

Result<jobs::Job*> Core::submit(const jobs::JobOrder& order) {
  YARD_TRY_STATUS(check_log(order));
  jobs::JobOrder graded = order;
  graded.grade = std::min(order.grade, options_.strongest);
  YARD_TRY_STATUS(check_remote(order));
  return desk_.submit(graded, submitting_);
}

// Whether submit() will accept it behind those of `ahead`, which it joins.
Status Core::check(const jobs::JobOrder& order, JobDesk::Ahead& ahead) {
  YARD_TRY_STATUS(check_log(order));
  YARD_TRY_STATUS(check_remote(order));
  return desk_.check(order, ahead);
}

void Core::call(const Asked& asked) {
  const auto request = dispatch::resolve(tools_, asked.message);
  if (!request) return nack(direct(), asked.to, request.error());
  if (const auto* alias = std::get_if<VerbAlias>(&request->tool->spec.handler)) {
    const Millis budget =
        std::min(kPollMax, Millis(request->arguments.find("timeout_ms").integer_or(kPollUsual.count())));
    return query(asked, verb_of(*alias), Verb::kImmediate, request->arguments, budget);
  }
  if (request->plan.kind == ToolKind::kJob) return call_job(asked, *request);
  call_inline(asked, *request);
}

// Whether the mutation has its answer: the one that it had before, or that its id was another's.
bool Core::answered_before(FrameBatch<Peer>& batch, const ReplyTo& to, std::string_view principal, const Uuid& id,
                           std::uint64_t digest) {
  const auto known = replies_.find(principal, id, digest);
  if (!known) return nack(batch, to, known.error()), true;
  if (!*known) return false;
  ++counters_.replayed_answers;
  Bytes& frame = batch.begin(to.peer);
  wire::encode_head(frame, {.verb = Verb{static_cast<std::uint8_t>((**known)[4])},
                            .priority = 0,
                            .correlation = to.correlation,
                            .session = to.session,
                            .budget_ms = 0});
  frame.append((*known)->substr(wire::kHeaderBytes));
  batch.end();
  return true;
}

void Core::call_inline(const Asked& asked, const Request& request) {
  const std::string& principal = asked.session.principal;
  wire::Header head{.priority = 0, .correlation = asked.to.correlation, .session = asked.to.session, .budget_ms = 0};
  if (request.plan.remember && answered_before(direct(), asked.to, principal, request.header.id, request.digest))
    return;
  // The handler writes behind the head's place, so that the result is written once.
  Bytes& frame = direct().begin(asked.to.peer);
  const std::size_t at = frame.size();
  wire::encode_head(frame, head);
  PackWriter body(frame);
  const auto result = dispatch::dispatch(request, principal, asked.now, *this, body);
  if (!result) {
    direct().abandon();
    return nack(direct(), asked.to, result.error());
  }
  const auto* ack = std::get_if<dispatch::Ack>(&*result);
  head.verb = ack ? Verb::kAck : Verb::kImmediate;
  wire::store_head(frame.data() + at, head);
  direct().end();
  if (request.plan.remember) replies_.put(principal, request.header.id, request.digest, direct().last());
  ++(ack ? counters_.acks : counters_.immediate);
  if (ack && !ack->acted) ack_failed(request.tool->spec.name, ack->acted.error(), asked.now);
}

void Core::ack_failed(std::string_view tool, const Error& error, Now now) {
  ++counters_.acks_failed;
  streams_.log("warn", std::string(tool) + " was acknowledged and then failed: " + to_string(error), now);
}

void Core::call_job(const Asked& asked, const Request& request) {
  submitting_ = asked.now;
  Bytes none;
  PackWriter body(none);
  const auto result = dispatch::dispatch(request, asked.session.principal, asked.now, *this, body);
  if (!result) return nack(direct(), asked.to, result.error());
  const auto ticket = std::get<dispatch::JobTicket>(*result);
  jobs::Job* job = ticket.job;
  if (is_terminal(job->state)) {
    return reply(gated(), asked.to, Verb::kResult,
                 [&](PackWriter& writer) { write_job(writer, *job, desk_.cursor(), JobDetail::kWhole); });
  }
  if (ticket.hold <= Millis::zero() || waiters_.full()) {
    return reply(gated(), asked.to, Verb::kJob,
                 [&](PackWriter& writer) { write_ticket(writer, *job, desk_.cursor(), JobId(request.header.id)); });
  }
  const std::uint32_t number = waiters_.take();
  Waiter& waiter = waiters_[number];
  waiter.kind = WaitKind::kCall;
  waiter.to = asked.to;
  waiter.principal = asked.session.principal;
  waiter.jobs.assign(1, job->id);
  waiter.asked = JobId(request.header.id);
  waiter.pending = 1;
  waiter.all = true;
  waiter.since = asked.now.steady;
  waiters_.park(number, asked.now.steady + ticket.hold);
  desk_.run_of(*job).waiters.push_back(number);
}

// ---- casts

void Core::cast(Now now, Lane lane, Session* session, const wire::Message& message) {
  const Status status = [&]() -> Status {
    if (lane != Lane::kRequests) return fail(ErrorCode::kUnsupported, "CAST goes to the requests socket");
    if (session == nullptr) return fail(ErrorCode::kNoSession, "the session is unknown or over");
    return cast_now(now, *session, message);
  }();
  if (status) {
    ++counters_.casts;
    return;
  }
  const Error& error = status.error();
  ++(error.code == ErrorCode::kExpired ? counters_.casts_expired
     : error.code == ErrorCode::kStale ? counters_.casts_stale
                                       : counters_.casts_refused);
  streams_.log("warn", "cast of " + printable(message.tool) + " dropped: " + to_string(error), now);
}

Status Core::cast_now(Now now, Session& session, const wire::Message& message) {
  const wire::Header& header = message.header;
  const Millis ttl = header.budget_ms == wire::kBudgetOfClass ? limits_.cast_ttl : Millis(header.budget_ms);
  const std::uint64_t now_ns = to_ns(now.steady);
  const auto ttl_ns = static_cast<std::uint64_t>(Nanos(ttl).count());
  if (header.sent_ns != 0 && now_ns > header.sent_ns && now_ns - header.sent_ns > ttl_ns) {
    return fail(ErrorCode::kExpired, "it is older than its time to live of " + std::to_string(ttl.count()) + " ms");
  }
  if (header.fence != 0) {
    const auto known = session.fences.find(header.group);
    if (known == session.fences.end() && session.fences.size() >= limits_.groups_max) {
      return fail(ErrorCode::kOverQuota,
                  "a session has at most " + std::to_string(limits_.groups_max) + " control groups");
    }
    std::uint64_t& newest = session.fences[header.group];
    if (header.fence < newest) return fail(ErrorCode::kStale, "a newer generation of its group was there");
    newest = header.fence;
  }
  YARD_TRY(const Request request, dispatch::resolve(tools_, message));
  if (std::holds_alternative<VerbAlias>(request.tool->spec.handler))
    return fail(ErrorCode::kBadRequest, "a query makes no sense without its reply");
  submitting_ = now;
  Bytes ignored;
  PackWriter body(ignored);
  YARD_TRY(const dispatch::DispatchResult result, dispatch::dispatch(request, session.principal, now, *this, body));
  if (const auto* ack = std::get_if<dispatch::Ack>(&result); ack && !ack->acted)
    ack_failed(message.tool, ack->acted.error(), now);
  return {};
}

}  // namespace yard::broker
