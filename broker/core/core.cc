#include "broker/core/core.h"

#include <algorithm>

namespace yard::broker {

using wire::Verb;

namespace {

constexpr Millis kHousekeeping = std::chrono::seconds(1);

const Error kSessionOver{.code = ErrorCode::kNoSession, .message = "the session is unknown or over; say HELLO again"};

}  // namespace

Core::Core(CoreOptions options, const tools::Registry& registry, Random& random)
    : options_(std::move(options)),
      tools_(&registry),
      sessions_(limits_, random),
      streams_(limits_, counters_, gate_, options_.epoch),
      waiters_(limits_, timers_),
      workers_(limits_),
      desk_(limits_, counters_, gate_, streams_, timers_, workers_,
            {.executor_slots = options_.executor_slots,
             .process_slots = options_.process_slots,
             .host_slots = options_.host_slots,
             .seed = random.next(),
             .scheduling = options_.scheduling,
             .needs_of = [this](std::string_view name) -> const jobs::ToolNeeds* {
               const tools::Tool* tool = tools_.find(name);
               return tool ? &tool->spec.needs : nullptr;
             },
             .check_arguments = [this](std::string_view name, PackView arguments) -> Status {
               const tools::Tool* tool = tools_.find(name);
               // Unknown, it is a remote tool, and after a restart its worker is not back yet.
               return tool ? tool->arguments.check(arguments) : Status();
             },
             .keeps_results =
                 [this](std::string_view name) {
                   const tools::Tool* tool = tools_.find(name);
                   return options_.keeps_results && !(tool != nullptr && tool->spec.inline_result);
                 }},
            [this](jobs::Job& job, Now now) { on_job_end(job, now); }),
      admin_(desk_, gate_, streams_),
      worker_desk_(limits_, counters_, gate_, streams_, tools_, workers_, desk_),
      schedules_(limits_, counters_, gate_, streams_, direct_.questions,
                 [this](const jobs::Schedule& schedule, JobId id, Now now) { return submit_run(schedule, id, now); }),
      replies_(limits_.replies_count_max, limits_.replies_bytes_max) {}

// ---- replies

void Core::nack(FrameBatch<Peer>& batch, const ReplyTo& to, const Error& error) {
  ++counters_.refused;
  reply(batch, to, Verb::kNack, [&](PackWriter& writer) { write_error(writer, error); });
}

// ---- inputs

void Core::on_frame(Now now, Lane lane, BytesView routing_id, BytesView frame) {
  ++counters_.frames;
  ReplyTo to{.peer = {.lane = lane, .routing_id = Bytes(routing_id)}};
  const auto message = wire::decode(frame);
  if (!message) {
    if (frame.size() < wire::kHeaderBytes) ++counters_.unanswerable;
    constexpr std::size_t kVerbAt = 4;
    if (frame.size() > kVerbAt && wire::Verb{static_cast<std::uint8_t>(frame[kVerbAt])} == Verb::kCast) {
      ++counters_.casts_refused;
      return streams_.log("warn", "cast dropped: " + to_string(message.error()), now);
    }
    to.correlation = wire::correlation_of(frame);
    return nack(direct(), to, message.error());
  }
  to.correlation = message->header.correlation;
  to.session = message->header.session;
  if (lane == Lane::kWorkers && message->header.fence != 0) {
    to.id = message->header.id;
    to.fence = message->header.fence;
  }
  on_message(now, lane, to, *message);
}

void Core::on_message(Now now, Lane lane, const ReplyTo& to, const wire::Message& message) {
  const Verb verb = message.header.verb;
  if (verb == Verb::kHello) return hello(now, to, message);
  if (verb == Verb::kPing) return ping(now, to, message);
  Session* session = sessions_.touch(message.header.session, now);
  if (verb == Verb::kCast) return cast(now, lane, session, message);
  if (lane == Lane::kWorkers) return on_worker(now, to, session, message);
  if (session == nullptr) return nack(direct(), to, kSessionOver);
  on_request({.message = message, .session = *session, .to = to, .lane = lane, .now = now});
}

void Core::hello(Now now, const ReplyTo& to, const wire::Message& message) {
  if (const Status checked = message.body.empty() ? Status{} : check_pack(message.body); !checked)
    return nack(direct(), to, checked.error());
  const PackView body(message.body);
  if (const PackView versions = body.find("versions")) {
    std::vector<std::int64_t> range;
    versions.each_element([&](PackView element) { range.push_back(element.integer_or(0)); });
    if (range.size() != 2 || range[0] > wire::kVersionMax || range[1] < wire::kVersionMin) {
      return nack(direct(), to, {.code = ErrorCode::kUnsupported, .message = "this broker speaks version 1 of JDP1"});
    }
  }
  const std::string principal = options_.principal_of ? options_.principal_of(to.peer) : std::string(kLocalPrincipal);
  const auto session = sessions_.open(now, principal, body.find("client").string_or(""));
  if (!session) return nack(direct(), to, session.error());
  streams_.open_principal((*session)->principal);
  ReplyTo welcomed = to;
  welcomed.session = (*session)->id;
  reply(direct(), welcomed, Verb::kWelcome, [&](PackWriter& writer) {
    PackMap map(writer);
    map.natural("version", wire::kVersionMax)
        .string("broker", "switchyard " + options_.version)
        .natural("epoch", options_.epoch);
    map.string("principal", (*session)->principal).integer("session_ttl_ms", limits_.session_ttl.count());
    map.string("iopub", options_.iopub_endpoint).string("control", options_.control_endpoint);
    map.string("workers", options_.workers_endpoint);
    const PackLimits pack_limits;
    PackMap limits = map.map("limits");
    limits.natural("frame_bytes", wire::kFrameBytesMax)
        .natural("pack_depth", pack_limits.depth_max)
        .natural("pack_nodes", pack_limits.nodes_max);
    limits.natural("sessions", limits_.sessions_max)
        .natural("jobs_live", limits_.jobs_live_max)
        .natural("jobs_bytes", limits_.jobs_bytes_max);
    limits.natural("ended_count", limits_.ended_count_max)
        .integer("ended_ttl_ms", limits_.ended_ttl.count())
        .natural("wait_ids", limits_.wait_ids_max);
  });
}

void Core::ping(Now now, const ReplyTo& to, const wire::Message& message) {
  const bool known = sessions_.touch(message.header.session, now) != nullptr;
  reply(direct(), to, Verb::kPong, [&](PackWriter& writer) {
    PackMap(writer)
        .natural("steady_ns", to_ns(now.steady))
        .natural("wall_ns", to_ns(now.wall))
        .boolean("session", known);
  });
}

void Core::on_request(const Asked& asked) {
  const wire::Message& message = asked.message;
  const Verb verb = message.header.verb;
  const auto refuse = [&](ErrorCode code, std::string text) {
    nack(direct(), asked.to, {.code = code, .message = std::move(text)});
  };
  if (asked.lane != Lane::kRequests && (verb == Verb::kCall || verb == Verb::kReplay || verb == Verb::kSubmitBatch))
    return refuse(ErrorCode::kUnsupported, "CALL, SUBMIT_BATCH and REPLAY go to the requests socket");
  if (verb == Verb::kCall) return call(asked);
  if (static_cast<std::uint8_t>(verb) >= static_cast<std::uint8_t>(Verb::kWelcome))
    return refuse(ErrorCode::kUnsupported, "this verb is a broker's reply");
  if (wire::is_of_workers(verb)) return refuse(ErrorCode::kUnsupported, "this verb goes to the workers socket");
  if (verb == Verb::kBye) return bye(direct(), asked.to);
  if (const Status checked = message.body.empty() ? Status{} : check_pack(message.body); !checked)
    return nack(direct(), asked.to, checked.error());
  if (verb == Verb::kDrain || (verb >= Verb::kPause && verb <= Verb::kAudit)) {
    if (const Status done = administer(asked, PackView(message.body)); !done) nack(direct(), asked.to, done.error());
    return;
  }
  const std::uint32_t budget = message.header.budget_ms;
  query(asked, verb, Verb::kData, PackView(message.body),
        budget == wire::kBudgetOfClass ? dispatch::kUnstatedWaitMax : Millis(budget));
}

void Core::bye(FrameBatch<Peer>& batch, const ReplyTo& to) {
  reply(batch, to, Verb::kAck, [](PackWriter& writer) { PackMap(writer).boolean("ok", true); });
  sessions_.close(to.session);
}

void Core::on_worker(Now now, const ReplyTo& to, Session* session, const wire::Message& message) {
  if (session == nullptr) return nack(direct(), to, kSessionOver);
  if (message.header.verb == Verb::kBye) {
    worker_desk_.leave(to.session, now);
    return bye(gated(), to);
  }
  const Status done = [&]() -> Status {
    if (!message.body.empty()) YARD_TRY_STATUS(check_pack(message.body));
    return worker_desk_.on_message(to, message, now);
  }();
  if (!done) nack(direct(), to, done.error());
}

void Core::on_subscription(Now now, BytesView message) {
  streams_.on_subscription(message, now, [&](const Uuid& id) -> std::optional<std::uint64_t> {
    const jobs::Job* job = desk_.find(JobId(id));
    return job ? std::optional(job->last_seq()) : std::nullopt;
  });
}

void Core::on_report(Now now, jobs::Report&& report) { desk_.on_report(std::move(report), now); }

Status Core::restore(Now now, const jobs::Record& record) {
  switch (record.head.kind) {
    case jobs::RecordKind::kPaused:
    case jobs::RecordKind::kAudited: return admin_.restore(record);
    case jobs::RecordKind::kScheduled:
    case jobs::RecordKind::kFired:
    case jobs::RecordKind::kUnscheduled: return schedules_.restore(record);
    default: return desk_.restore(record, now);
  }
}

void Core::resume(Now now, jobs::LogPosition last) {
  gate_.start(last);
  desk_.resume(now);
}

void Core::on_commit(const jobs::Commit& commit) {
  switch (commit.outcome) {
    case jobs::CommitOutcome::kCommitted: log_full_ = false; return gate_.committed(commit.position);
    case jobs::CommitOutcome::kFenced: fatal_ = "another broker owns the log"; return;
    case jobs::CommitOutcome::kFull: log_full_ = true; return;
    case jobs::CommitOutcome::kUnknown: fatal_ = "the log failed and cannot tell what it has written"; return;
  }
}

void Core::on_tick(Now now) {
  // A broker that stood still heard nobody.
  if (now.steady - next_tick() > limits_.worker_lease / 2) workers_.excuse_all(now);
  timers_.advance(now.steady, [&](const jobs::JobTimer& timer) {
    if (timer.job) {
      desk_.on_timer(timer.job, now);
    } else {
      on_wait_over(timer.waiter, now);
    }
  });
  worker_desk_.on_tick(now);
  streams_.on_tick(now);
  if (!draining_) schedules_.on_tick(now);
  if (now.steady >= next_housekeeping_) {
    next_housekeeping_ = now.steady + kHousekeeping;
    counters_.sessions_expired += sessions_.expire(now);
    desk_.expire_ended(now);
  }
  if (draining_ && !stopped_running_ && now.steady >= drain_began_ + limits_.drain_grace) {
    stopped_running_ = true;
    desk_.stop_running(now);
  }
}

SteadyTime Core::next_tick() const {
  SteadyTime next =
      std::min({next_housekeeping_, streams_.next_tick(), desk_.next_schedule(), worker_desk_.next_tick()});
  if (const auto timer = timers_.next()) next = std::min(next, *timer);
  if (!draining_) next = std::min(next, schedules_.next_tick());
  if (draining_)
    next =
        std::min(next, drain_began_ + limits_.drain_grace + (stopped_running_ ? limits_.cancel_grace : Millis::zero()));
  return next;
}

// ---- stopping

void Core::drain(Now now) {
  if (draining_) return;
  draining_ = true;
  drain_began_ = now.steady;
  streams_.log("info", "the broker drains: no new work", now);
  desk_.begin_drain(now);
}

bool Core::drained(Now now) const {
  if (!draining_) return false;
  return (said_farewell_ && gate_.clear()) || now.steady >= drain_began_ + limits_.drain_grace + limits_.cancel_grace;
}

// ---- outputs

void Core::flush(Now now, Outputs& out) {
  desk_.schedule(now);
  streams_.on_tick(now);
  if (draining_ && desk_.held() == 0 && !said_farewell_) {
    said_farewell_ = true;
    waiters_.each_parked([&](std::uint32_t number) { on_wait_over(number, now); });
    streams_.farewell(now);
  }
  gate_.flush(out);
  if (direct_.empty()) return;
  if (out.effects.empty()) {
    std::swap(out.effects, direct_);
  } else {
    out.effects.append(std::move(direct_));
  }
}

}  // namespace yard::broker
