// STATUS, LIST, WAIT, CANCEL, WHY, REPLAY, TOOLS, STATS: the protocol's verbs, and the job_ tools that
// alias them.
#include <algorithm>

#include "broker/core/core.h"
#include "broker/core/job_view.h"
#include "broker/core/why_queued.h"
#include "engine/base/check.h"
#include "engine/base/text.h"

namespace yard::broker {

using jobs::Job;
using jobs::JobState;
using wire::Verb;

namespace {

constexpr std::int64_t kListUsual = 100;
constexpr std::int64_t kListMax = 1'000;
constexpr std::size_t kListBytesMax = 2u << 20;  // well below a frame

constexpr std::size_t kReasonMax = 256;

// The beginning of UTF-8 text, cut between characters.
std::string_view beginning(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return text.substr(0, most);
}

Result<JobId> job_id_of(PackView value) {
  const auto id = parse_uuid(value.string_or(""));
  if (!id || !*id) return fail(ErrorCode::kBadRequest, "a job_id is text of 32 hex digits");
  return JobId(*id);
}

}  // namespace

void Core::query(const Asked& asked, Verb verb, Verb reply_verb, PackView body, Millis budget) {
  const Status answered = [&]() -> Status {
    switch (verb) {
      case Verb::kStatus: return status(asked, reply_verb, body);
      case Verb::kList: return list(asked, reply_verb, body);
      case Verb::kWait: return wait(asked, reply_verb, body, budget);
      case Verb::kCancel: return cancel(asked, reply_verb, body);
      case Verb::kWhy: return why(asked, reply_verb, body);
      case Verb::kReplay: return replay(asked, body);
      case Verb::kTools: return tools(asked, body);
      case Verb::kStats: stats(asked); return {};
      case Verb::kSubmitBatch: return submit_batch(asked, body);
      case Verb::kDeadReplay: return dead_replay(asked, body);
      case Verb::kDeadPurge: return dead_purge(asked, reply_verb, body);
      case Verb::kScheduleSet:
      case Verb::kScheduleRemove: return change_schedule(asked, body);
      case Verb::kSchedules: return list_schedules(asked, body);
      default: return fail(ErrorCode::kUnsupported, "no such query");
    }
  }();
  if (!answered) nack(direct(), asked.to, answered.error());
}

Result<Job*> Core::job_named(const Asked& asked, PackView body) {
  YARD_TRY(const JobId id, job_id_of(body.find("job_id")));
  Job* job = desk_.find(id, asked.session.principal);
  if (job != nullptr) return job;
  if (const jobs::Tombstone* tombstone = desk_.find_tombstone(id, asked.session.principal))
    return fail(ErrorCode::kGone, gone_text(*tombstone));
  return fail(ErrorCode::kNotFound, "job " + to_hex(id.value()) + " is unknown, or ended too long ago");
}

// Each once. Errors: kBadRequest.
Result<std::vector<JobId>> Core::job_ids_of(PackView body) const {
  const PackView ids = body.find("job_ids");
  if (ids.type() != PackType::kArray || ids.size() == 0 || ids.size() > limits_.wait_ids_max) {
    return fail(ErrorCode::kBadRequest, "job_ids lists 1 to " + std::to_string(limits_.wait_ids_max) + " jobs");
  }
  std::vector<JobId> wanted;
  Status parsed;
  ids.each_element([&](PackView element) {
    const auto id = job_id_of(element);
    if (!id) parsed = std::unexpected(id.error());
    if (id && std::ranges::find(wanted, *id) == wanted.end()) wanted.push_back(*id);
  });
  YARD_TRY_STATUS(parsed);
  return wanted;
}

Status Core::status(const Asked& asked, Verb reply_verb, PackView body) {
  YARD_TRY(const JobId id, job_id_of(body.find("job_id")));
  if (const jobs::Tombstone* tombstone = desk_.find_tombstone(id, asked.session.principal);
      tombstone != nullptr && desk_.find(id) == nullptr) {
    reply(gated(), asked.to, reply_verb, [&](PackWriter& writer) { write_tombstone(writer, *tombstone); });
    return {};
  }
  YARD_TRY(const Job* job, job_named(asked, body));
  reply(gated(), asked.to, reply_verb, [&](PackWriter& writer) {
    write_job(writer, *job, desk_.cursor(),
              body.find("arguments").boolean_or(false) ? JobDetail::kArguments : JobDetail::kWhole);
  });
  return {};
}

Status Core::list(const Asked& asked, Verb reply_verb, PackView body) {
  std::optional<JobState> state;
  if (const PackView name = body.find("state")) {
    state = jobs::parse_state(name.string_or(""));
    if (!state) return fail(ErrorCode::kBadRequest, "no job state \"" + printable(name.string_or("")) + "\"");
  }
  const auto tool = body.find("tool").string();
  const auto limit =
      static_cast<std::size_t>(std::clamp(body.find("limit").integer_or(kListUsual), std::int64_t{1}, kListMax));
  const bool dead = body.find("dead_letter").boolean_or(false);
  const Retention& kept = desk_.retention();
  const Job* job = dead ? kept.newest_dead() : desk_.newest();
  if (const PackView cursor = body.find("cursor")) {
    YARD_TRY(const JobId id, job_id_of(cursor));
    job = desk_.find(id, asked.session.principal);
    if (job == nullptr || (dead && !(job->run && job->run->dead_letter)))
      return fail(ErrorCode::kNotFound, "the cursor's job is gone; list again from the start");
  }
  reply(gated(), asked.to, reply_verb, [&](PackWriter& writer) {
    PackMap map(writer);
    {
      const std::size_t begin = writer.out().size();
      PackArray found = map.array("jobs");
      std::size_t scanned = 0;
      for (; job != nullptr && found.count() < limit && scanned < limits_.list_scan_max &&
             writer.out().size() - begin < kListBytesMax;
           job = dead ? kept.older_dead(*job) : desk_.older(*job), ++scanned) {
        if (job->principal != asked.session.principal || (state && job->state != *state) ||
            (tool && job->tool != *tool))
          continue;
        Bytes one;
        PackWriter inner(one);
        write_job(inner, *job, desk_.cursor(), JobDetail::kBrief);
        found.raw(one);
      }
    }
    if (job != nullptr) map.string("cursor", to_hex(job->id.value()));
    map.natural("total", desk_.size());
    PackMap by_state = map.map("by_state");
    for (std::size_t i = 0; i < jobs::kJobStates; ++i) {
      const JobState each{static_cast<std::uint8_t>(i)};
      if (desk_.count(each) > 0) by_state.natural(name_of(each), desk_.count(each));
    }
  });
  return {};
}

Status Core::cancel(const Asked& asked, Verb reply_verb, PackView body) {
  YARD_TRY(Job * job, job_named(asked, body));
  YARD_TRY_STATUS(desk_.cancel(*job, beginning(body.find("reason").string_or(""), kReasonMax), asked.now));
  reply(gated(), asked.to, reply_verb,
        [&](PackWriter& writer) { write_job(writer, *job, desk_.cursor(), JobDetail::kWhole); });
  return {};
}

// ---- why

namespace {

std::string why_of(const JobDesk& desk, const Workers& workers, const Job& job, Now now) {
  const auto ms_until = [&](SteadyTime then) {
    return std::to_string(std::max<std::int64_t>(0, std::chrono::duration_cast<Millis>(then - now.steady).count())) +
           " ms";
  };
  switch (job.state) {
    case JobState::kScheduled: return "it is due in " + ms_until(JobDesk::due_at(job));
    case JobState::kBlocked: return "it waits for " + std::to_string(job.parents_left) + " other jobs to end";
    case JobState::kQueued: return why_queued(desk, workers, job, now);
    case JobState::kAssigned: return "an executor has it and is about to start it";
    case JobState::kRunning: return "it runs";
    case JobState::kInputRequired: return "it waits for its caller's input";
    case JobState::kCancelling: return "it was told to stop and has not ended yet";
    case JobState::kSucceeded:
    case JobState::kFailed:
    case JobState::kCancelled:
    case JobState::kExpired: return job.run->error ? to_string(*job.run->error) : "it has ended";
  }
  return "";
}

}  // namespace

Status Core::why(const Asked& asked, Verb reply_verb, PackView body) {
  YARD_TRY(const Job* job, job_named(asked, body));
  reply(gated(), asked.to, reply_verb, [&](PackWriter& writer) {
    PackMap map(writer);
    map.string("job_id", to_hex(job->id.value()))
        .string("state", name_of(job->state))
        .string("reason", why_of(desk_, workers_, *job, asked.now));
    if (job->state == JobState::kQueued) {
      map.natural("ahead", desk_.queue().ahead_of(*job)).natural("running", desk_.running(job->executor));
      write_limit(map, desk_, workers_, *job, asked.now);
    }
    if (const Worker* worker = job->run && is_held(job->state) ? workers_.find(job->run->worker) : nullptr)
      map.string("worker", printable(worker->name));
    if (job->run && job->run->started_at && !is_terminal(job->state)) {
      map.integer("running_ms", std::chrono::duration_cast<Millis>(asked.now.steady - job->run->started).count());
      map.real("percent", job->run->percent).string("message", job->run->progress_message);
    }
    if (job->state != JobState::kBlocked) return;
    PackArray parents = map.array("waits_for");
    for (const JobId id : job->terms().after) {
      const Job* parent = desk_.find(id);
      if (parent != nullptr && !is_terminal(parent->state)) parents.string(to_hex(id.value()));
    }
  });
  return {};
}

// ---- wait

Status Core::wait(const Asked& asked, Verb reply_verb, PackView body, Millis budget) {
  YARD_TRY(std::vector<JobId> wanted, job_ids_of(body));
  const std::string_view mode = body.find("mode").string_or("any");
  if (mode != "any" && mode != "all") return fail(ErrorCode::kBadRequest, "mode is \"any\" or \"all\"");

  const std::uint32_t number = waiters_.take();
  Waiter& waiter = waiters_[number];
  waiter.kind = WaitKind::kWait;
  waiter.verb = reply_verb;
  waiter.to = asked.to;
  waiter.principal = asked.session.principal;
  waiter.all = mode == "all";
  waiter.since = asked.now.steady;
  waiter.jobs = std::move(wanted);
  waiter.pending = 0;
  std::vector<Job*> pending;
  for (const JobId id : waiter.jobs) {
    Job* job = desk_.find(id, waiter.principal);
    if (job != nullptr && !is_terminal(job->state)) pending.push_back(job);
  }
  waiter.pending = pending.size();
  const bool over = pending.empty() || (!waiter.all && pending.size() < waiter.jobs.size());
  if (over || budget <= Millis::zero() || waiters_.full()) {
    answer(number, over ? "ended" : "timeout", asked.now);
    return {};
  }
  for (Job* job : pending) desk_.run_of(*job).waiters.push_back(number);
  waiters_.park(number, asked.now.steady + budget);
  return {};
}

void Core::on_job_end(Job& job, Now now) {
  answer_host(job);
  for (const std::uint32_t number : std::exchange(job.run->waiters, {})) {
    Waiter& waiter = waiters_[number];
    if (waiter.kind == WaitKind::kCall) {
      answer_call(number, job);
    } else if (--waiter.pending == 0 || !waiter.all) {
      answer(number, "ended", now);
    }
  }
}

void Core::on_wait_over(std::uint32_t number, Now now) {
  ++counters_.waits_lapsed;
  Waiter& waiter = waiters_[number];
  if (waiter.kind == WaitKind::kWait) return answer(number, "timeout", now);
  Job* job = desk_.find(waiter.jobs.front());
  YARD_CHECK(job != nullptr);
  std::erase(job->run->waiters, number);
  answer_call(number, *job);
}

// Answers a held CALL and gives its waiter back. The job no longer knows the waiter.
void Core::answer_call(std::uint32_t number, Job& job) {
  const bool ended = is_terminal(job.state);
  const JobId asked = waiters_[number].asked;
  reply(gated(), waiters_[number].to, ended ? Verb::kResult : Verb::kJob, [&](PackWriter& writer) {
    ended ? write_job(writer, job, desk_.cursor(), JobDetail::kWhole)
          : write_ticket(writer, job, desk_.cursor(), asked);
  });
  waiters_.release(number);
}

// Answers a WAIT, parked or not, and gives its waiter back.
void Core::answer(std::uint32_t number, std::string_view reason, Now now) {
  Waiter& waiter = waiters_[number];
  for (const JobId id : waiter.jobs) {
    if (Job* job = desk_.find(id); job != nullptr && job->run) std::erase(job->run->waiters, number);
  }
  reply(gated(), waiter.to, waiter.verb, [&](PackWriter& writer) { write_waited(writer, waiter, reason, now); });
  waiters_.release(number);
}

void Core::write_waited(PackWriter& writer, const Waiter& waiter, std::string_view reason, Now now) {
  const auto each = [&](PackMap& map, std::string_view key, auto&& write) {
    PackArray array = map.array(key);
    for (const JobId id : waiter.jobs) write(array, id, desk_.find(id, waiter.principal));
  };
  PackMap map(writer);
  map.string("reason", reason)
      .integer("elapsed_ms", std::chrono::duration_cast<Millis>(now.steady - waiter.since).count());
  std::size_t room = kListBytesMax;
  each(map, "ended", [&](PackArray& array, JobId id, const Job* job) {
    Bytes one;
    PackWriter inner(one);
    if (const jobs::Tombstone* tombstone = job ? nullptr : desk_.find_tombstone(id, waiter.principal)) {
      write_tombstone(inner, *tombstone);
      array.raw(one);
    }
    if (job == nullptr || !is_terminal(job->state)) return;
    // Results that would not fit into one frame together are left to STATUS.
    const bool whole = job->run->result.size() < room;
    if (whole) room -= job->run->result.size();
    write_job(inner, *job, desk_.cursor(), whole ? JobDetail::kWhole : JobDetail::kBrief);
    array.raw(one);
  });
  each(map, "pending", [](PackArray& array, JobId id, const Job* job) {
    if (job != nullptr && !is_terminal(job->state)) array.string(to_hex(id.value()));
  });
  each(map, "unknown", [&](PackArray& array, JobId id, const Job* job) {
    if (job == nullptr && desk_.find_tombstone(id, waiter.principal) == nullptr) array.string(to_hex(id.value()));
  });
}

// ---- replay

namespace {

struct Replayed {
  Bytes events;  // packed array elements
  std::uint32_t count = 0;
  std::uint64_t next = 0;
};

// As many events from `from` on as fit; always at least one, so that the reader gets on.
Replayed replay_from(const iopub::StreamLog& log, std::string_view topic, std::uint64_t from, std::size_t bytes_max) {
  Replayed replayed{.next = from};
  PackWriter writer(replayed.events);
  log.replay(from, [&](const iopub::EventHeader& header, BytesView body) {
    Bytes frame;
    iopub::encode_event(frame, topic, header, body);
    if (replayed.count > 0 && replayed.events.size() + frame.size() > bytes_max) return false;
    writer.binary(frame);
    ++replayed.count;
    replayed.next = header.seq + 1;
    return true;
  });
  return replayed;
}

}  // namespace

Status Core::replay(const Asked& asked, PackView body) {
  const std::string_view topic = body.find("stream").string_or("");
  const auto from = static_cast<std::uint64_t>(std::max<std::int64_t>(1, body.find("from").integer_or(1)));
  const auto bytes_max = static_cast<std::size_t>(std::clamp<std::int64_t>(
      body.find("max_bytes").integer_or(INT64_MAX), 1, static_cast<std::int64_t>(limits_.replay_bytes_max)));
  const auto respond = [&](std::uint64_t last, std::uint64_t oldest, const Replayed& replayed, const Bytes& snapshot) {
    reply(gated(), asked.to, Verb::kData, [&](PackWriter& writer) {
      PackMap map(writer);
      map.string("stream", topic).natural("epoch", streams_.epoch()).natural("last", last).natural("oldest", oldest);
      map.natural("next", std::max(replayed.next, from)).boolean("truncated", from < oldest);
      PackWriter& events = map.value("events");
      events.array(replayed.count);
      events.raw(replayed.events);
      if (!snapshot.empty()) map.raw("snapshot", snapshot);
    });
    return Status{};
  };
  if (const auto id = iopub::job_of_topic(topic)) {
    Job* job = desk_.find(JobId(*id), asked.session.principal);
    if (job == nullptr)
      return fail(ErrorCode::kNotFound,
                  "no stream " + printable(topic) + ": its job is unknown, or ended too long ago");
    const iopub::StreamLog& stream = desk_.run_of(*job).stream;
    Bytes snapshot;
    PackWriter writer(snapshot);
    if (from < stream.oldest()) write_job(writer, *job, desk_.cursor(), JobDetail::kWhole);
    const std::uint64_t start = std::max(from, stream.oldest());
    return respond(stream.last(), stream.oldest(), replay_from(stream, topic, start, bytes_max), snapshot);
  }
  if (const Streams::Value* value = streams_.find_value(topic)) {
    return respond(value->seq, value->seq + 1, {.next = value->seq + 1}, value->packed);
  }
  const iopub::StreamLog* log = streams_.find_log(topic);
  const bool own = !topic.starts_with("t.") || topic == iopub::principal_topic(asked.session.principal);
  if (log == nullptr || !own) return fail(ErrorCode::kNotFound, "no stream " + printable(topic));
  return respond(log->last(), log->oldest(), replay_from(*log, topic, std::max(from, log->oldest()), bytes_max), {});
}

// ---- tools and stats

Status Core::tools(const Asked& asked, PackView body) {
  std::vector<const tools::Tool*> listed = tools_.list();
  const auto name = body.find("name").string();
  if (name) {
    const tools::Tool* tool = tools_.find(*name);
    if (tool == nullptr) return fail(ErrorCode::kUnknownTool, "no tool \"" + printable(*name) + "\"");
    listed.assign(1, tool);
  }
  reply(direct(), asked.to, Verb::kData, [&](PackWriter& writer) {
    PackMap map(writer);
    PackArray array = map.array("tools");
    for (const tools::Tool* tool : listed) {
      const bool remote = std::holds_alternative<tools::WorkerHandler>(tool->spec.handler);
      const std::size_t offering = remote ? workers_.offering(tool->spec.name) : 0;
      if (remote && offering == 0 && !name) continue;
      PackMap shown = array.map();
      write_tool(shown, tool->spec, name.has_value());
      if (remote) shown.natural("workers", offering);
    }
  });
  return {};
}

// The first hundred.
void Core::write_workers(PackMap& map) const {
  constexpr std::uint32_t kShownMax = 100;
  PackArray workers = map.array("workers");
  workers_.each([&](const Worker& worker) {
    if (workers.count() >= kShownMax) return;
    PackMap shown = workers.map();
    shown.string("name", printable(worker.name)).boolean("connected", worker.session != 0);
    shown.natural("concurrency", worker.concurrency).natural("held", worker.held.size());
    if (worker.paused) shown.boolean("paused", true);
    if (!worker.resources.capacity().empty()) {
      PackMap resources = shown.map("resources");
      for (const auto& [name, amount] : worker.resources.capacity())
        resources.map(name).natural("used", worker.resources.used(name)).natural("max", amount);
    }
    PackArray tools = shown.array("tools");
    for (const std::string& tool : worker.tools) tools.string(tool);
  });
}

void Core::stats(const Asked& asked) {
  reply(direct(), asked.to, Verb::kData, [&](PackWriter& writer) {
    PackMap map(writer);
    {
      PackMap counters = map.map("counters");
      write_counters(counters, counters_);
    }
    {
      PackMap clients = map.map("clients");
      for (const auto& [client, count] : sessions_.by_client()) clients.natural(client, count);
    }
    write_workers(map);
    PackMap gauges = map.map("gauges");
    gauges.natural("sessions", sessions_.size()).natural("jobs", desk_.size()).natural("jobs_live", desk_.live());
    gauges.natural("jobs_queued", desk_.queue().size()).natural("jobs_handed_over", desk_.admission().outstanding());
    gauges.natural("processes", desk_.admission(jobs::ExecutorKind::kProcesses).outstanding());
    gauges.natural("hosted", desk_.admission(jobs::ExecutorKind::kHost).outstanding())
        .natural("host_calls", host_calls_.size());
    gauges.natural("executor_slots", desk_.admission().slots()).natural("waiters", waiters_.parked());
    gauges.natural("workers", workers_.size()).natural("worker_attempts", workers_.held());
    gauges.natural("live_bytes", desk_.live_bytes()).natural("ended_bytes", desk_.retention().bytes());
    gauges.natural("dead_letters", desk_.retention().dead_letters()).natural("tombstones", desk_.tombstones());
    gauges.natural("subscriptions", streams_.subscriptions().size())
        .natural("replies", replies_.size())
        .natural("reply_bytes", replies_.bytes());
    gauges.natural("schedules", schedules_.size())
        .natural("pauses", admin_.pauses().size())
        .boolean("draining", draining_);
  });
}

}  // namespace yard::broker
