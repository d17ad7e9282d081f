// Core: the broker as a plain state machine.
//
//   frames, reports, commits, subscriptions, ticks ──► Core ──► frames, events, work, records
//
// It holds no socket, file, clock or thread: inputs and the time go in, outputs come out. The same core
// runs in production, in unit tests and in the simulator.
#pragma once

#include <cstdint>
#include <string>

#include "broker/core/admin.h"
#include "broker/core/counters.h"
#include "broker/core/gate.h"
#include "broker/core/host_calls.h"
#include "broker/core/job_desk.h"
#include "broker/core/limits.h"
#include "broker/core/outputs.h"
#include "broker/core/schedules.h"
#include "broker/core/sessions.h"
#include "broker/core/streams.h"
#include "broker/core/waiters.h"
#include "broker/core/worker_desk.h"
#include "broker/core/workers.h"
#include "dispatch/dispatcher.h"
#include "dispatch/reply_cache.h"
#include "dispatch/wire/message.h"
#include "engine/base/random.h"
#include "tools/registry.h"

namespace yard::broker {

struct CoreOptions {
  Limits limits = {};
  std::string version;         // of the broker, for WELCOME
  std::uint64_t epoch = 1;     // of the streams: another one after each start
  std::string iopub_endpoint;  // where clients find the others, for WELCOME
  std::string control_endpoint;
  std::string workers_endpoint;
  std::size_t executor_slots = 1;                             // how many jobs run at the same time, on threads
  std::size_t process_slots = 1;                              // and as processes
  std::size_t host_slots = 1;                                 // and by the host
  jobs::Grade strongest = jobs::Grade::kSynced;               // that the log can give
  bool keeps_results = false;                                 // somebody stores what Effects::keeps says
  jobs::SchedulingPolicy scheduling = {};                     // shares, groups, resources and budgets
  std::function<std::string(const Peer&)> principal_of = {};  // who a peer is; none: kLocalPrincipal, all of them
};

// Threads: one.
class Core final : private dispatch::DispatchPort {
 public:
  // `registry` and `random` must outlive it.
  Core(CoreOptions options, const tools::Registry& registry, Random& random);

  // ---- the start, before any input

  // Takes up what the log has from the time before. Errors: kBadFrame.
  [[nodiscard]] Status restore(Now now, const jobs::Record& record);

  // Goes on behind it.
  void resume(Now now, jobs::LogPosition last);

  // ---- inputs

  // A message from a front socket. `routing_id` is where a reply goes, and nothing else.
  void on_frame(Now now, Lane lane, BytesView routing_id, BytesView frame);

  // A message of the IOPub socket.
  void on_subscription(Now now, BytesView message);

  // The workers socket was not read for lack of room: nobody's silence counts until now.
  void on_workers_unheard(Now now) { workers_.excuse_all(now); }

  // What the executor tells.
  void on_report(Now now, jobs::Report&& report);

  // What the log decided. Anything but committed means that the broker must stop: see `fatal`.
  void on_commit(const jobs::Commit& commit);

  // What the calendar answers to a question.
  void on_instants(Now now, InstantsAnswer&& answer) { schedules_.on_instants(std::move(answer), now); }

  // A call of the host; Effects::answers has what becomes of it.
  void on_host_call(Now now, const tools::HostCall& call);

  // Timers. To be called at next_tick() at the latest.
  void on_tick(Now now);

  // No new work; running jobs get their grace; then drained() turns true.
  void drain(Now now);

  // ---- outputs

  // Moves what is to be done to `out`, which is empty. Call it after each batch of inputs.
  void flush(Now now, Outputs& out);

  [[nodiscard]] SteadyTime next_tick() const;

  // Nothing runs any more and the farewell is out, or its time is up.
  [[nodiscard]] bool drained(Now now) const;
  [[nodiscard]] bool draining() const { return draining_; }

  // Why the broker must stop at once; empty while all is well.
  [[nodiscard]] const std::string& fatal() const { return fatal_; }

  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] const JobDesk& jobs() const { return desk_; }
  [[nodiscard]] const Admin& admin() const { return admin_; }
  [[nodiscard]] const Schedules& schedules() const { return schedules_; }

 private:
  // A request from a session.
  struct Asked {
    const wire::Message& message;
    Session& session;
    ReplyTo to;
    Lane lane;
    Now now;
  };

  // dispatch::DispatchPort
  [[nodiscard]] Result<jobs::Job*> submit(const jobs::JobOrder& order) override;
  void set_value(std::string_view key, BytesView packed) override { streams_.set_value(key, packed); }

  [[nodiscard]] Status check_remote(const jobs::JobOrder& order) const;

  // Replies. `write` appends the body.
  template <typename Write>
  void reply(FrameBatch<Peer>& batch, const ReplyTo& to, wire::Verb verb, Write&& write);
  void nack(FrameBatch<Peer>& batch, const ReplyTo& to, const Error& error);
  [[nodiscard]] FrameBatch<Peer>& direct() { return direct_.replies; }
  [[nodiscard]] FrameBatch<Peer>& gated() { return gate_.effects().replies; }

  void on_message(Now now, Lane lane, const ReplyTo& to, const wire::Message& message);
  void hello(Now now, const ReplyTo& to, const wire::Message& message);
  void ping(Now now, const ReplyTo& to, const wire::Message& message);
  void on_request(const Asked& asked);
  void on_worker(Now now, const ReplyTo& to, Session* session, const wire::Message& message);
  void bye(FrameBatch<Peer>& batch, const ReplyTo& to);

  // CALL and CAST.
  void call(const Asked& asked);
  void call_inline(const Asked& asked, const dispatch::Request& request);
  [[nodiscard]] bool answered_before(FrameBatch<Peer>& batch, const ReplyTo& to, std::string_view principal,
                                     const Uuid& id, std::uint64_t digest);
  void call_job(const Asked& asked, const dispatch::Request& request);
  [[nodiscard]] Status submit_batch(const Asked& asked, PackView body);
  [[nodiscard]] std::unexpected<Error> disk_full() const;
  [[nodiscard]] Status check_log(const jobs::JobOrder& order) const;
  [[nodiscard]] Status check(const jobs::JobOrder& order, JobDesk::Ahead& ahead);
  void cast(Now now, Lane lane, Session* session, const wire::Message& message);
  [[nodiscard]] Status cast_now(Now now, Session& session, const wire::Message& message);
  void ack_failed(std::string_view tool, const Error& error, Now now);

  // Of the host.
  [[nodiscard]] Status take_host_call(Now now, const tools::HostCall& call);
  [[nodiscard]] Result<Bytes> run_inline(Now now, const tools::HostCall& call, const dispatch::Request& request);
  void answer_host(const jobs::Job& job);

  // Queries; `verb` is the reply's.
  void query(const Asked& asked, wire::Verb verb, wire::Verb reply_verb, PackView body, Millis budget);
  [[nodiscard]] Result<jobs::Job*> job_named(const Asked& asked, PackView body);
  [[nodiscard]] Status status(const Asked& asked, wire::Verb reply_verb, PackView body);
  [[nodiscard]] Status list(const Asked& asked, wire::Verb reply_verb, PackView body);
  [[nodiscard]] Status wait(const Asked& asked, wire::Verb reply_verb, PackView body, Millis budget);
  [[nodiscard]] Status cancel(const Asked& asked, wire::Verb reply_verb, PackView body);
  [[nodiscard]] Status why(const Asked& asked, wire::Verb reply_verb, PackView body);
  [[nodiscard]] Result<std::vector<JobId>> job_ids_of(PackView body) const;
  [[nodiscard]] Status dead_replay(const Asked& asked, PackView body);
  [[nodiscard]] Status dead_purge(const Asked& asked, wire::Verb reply_verb, PackView body);
  [[nodiscard]] Status replay(const Asked& asked, PackView body);
  [[nodiscard]] Status tools(const Asked& asked, PackView body);
  void stats(const Asked& asked);
  void write_workers(PackMap& map) const;

  // PAUSE, RESUME, PURGE, DRAIN and AUDIT.
  [[nodiscard]] Status administer(const Asked& asked, PackView body);
  void write_audit(const Asked& asked, PackView body);

  // SCHEDULE_SET, SCHEDULE_REMOVE and SCHEDULES.
  [[nodiscard]] Result<dispatch::Request> call_of(const jobs::Schedule& schedule, JobId id, Bytes& body) const;
  [[nodiscard]] Result<JobId> submit_run(const jobs::Schedule& schedule, JobId id, Now now);
  [[nodiscard]] Status check_schedule(const jobs::Schedule& schedule, JobId id) const;
  [[nodiscard]] static std::uint64_t digest_of(const Asked& asked);
  [[nodiscard]] Status change_schedule(const Asked& asked, PackView body);
  [[nodiscard]] Status schedule_set(const Asked& asked, PackView body);
  [[nodiscard]] Status schedule_remove(const Asked& asked, PackView body);
  [[nodiscard]] Status list_schedules(const Asked& asked, PackView body);

  // Waiters.
  void on_job_end(jobs::Job& job, Now now);
  void on_wait_over(std::uint32_t number, Now now);
  void answer(std::uint32_t number, std::string_view reason, Now now);
  void answer_call(std::uint32_t number, jobs::Job& job);
  void write_waited(PackWriter& writer, const Waiter& waiter, std::string_view reason, Now now);

  const CoreOptions options_;
  const Limits& limits_ = options_.limits;
  tools::Registry tools_;  // the broker's, and those of workers
  Counters counters_;
  Effects direct_;  // what waits for no record: Immediate results, refusals
  Gate gate_;
  jobs::Timers timers_;
  Sessions sessions_;
  Streams streams_;
  Waiters waiters_;
  HostCalls host_calls_;
  Workers workers_;
  JobDesk desk_;
  Admin admin_;
  WorkerDesk worker_desk_;
  Schedules schedules_;
  dispatch::ReplyCache replies_;
  Now submitting_{};  // the time of the call that is being dispatched
  SteadyTime next_housekeeping_{};
  bool draining_ = false;
  bool stopped_running_ = false;
  bool said_farewell_ = false;
  SteadyTime drain_began_{};
  std::string fatal_;
  bool log_full_ = false;
};

template <typename Write>
void Core::reply(FrameBatch<Peer>& batch, const ReplyTo& to, wire::Verb verb, Write&& write) {
  Bytes& frame = batch.begin(to.peer);
  wire::encode_head(frame, {.verb = verb,
                            .priority = 0,
                            .correlation = to.correlation,
                            .id = to.id,
                            .session = to.session,
                            .budget_ms = 0,
                            .fence = to.fence});
  PackWriter writer(frame);
  write(writer);
  batch.end();
}

}  // namespace yard::broker
