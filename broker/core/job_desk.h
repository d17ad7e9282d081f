// JobDesk: owns every job and takes each one through its states.
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/core/admission.h"
#include "broker/core/concurrency_keys.h"
#include "broker/core/counters.h"
#include "broker/core/gate.h"
#include "broker/core/job_view.h"
#include "broker/core/keyed_jobs.h"
#include "broker/core/limits.h"
#include "broker/core/retention.h"
#include "broker/core/streams.h"
#include "broker/core/twins.h"
#include "broker/core/workers.h"
#include "engine/base/random.h"
#include "jobs/executor.h"
#include "jobs/job.h"
#include "jobs/job_table.h"
#include "jobs/ready_queue.h"
#include "jobs/records.h"
#include "jobs/tombstones.h"

namespace yard::broker {

struct JobDeskOptions {
  std::size_t executor_slots = 1;  // how many jobs run at the same time, on threads
  std::size_t process_slots = 1;   // and as processes
  std::size_t host_slots = 1;      // and by the host
  std::uint64_t seed = 0;          // of the table of jobs
  jobs::SchedulingPolicy scheduling;
  jobs::NeedsOf needs_of;

  // Whether a tool takes these arguments; what is unknown takes any. Errors: kInvalidArguments.
  std::function<Status(std::string_view tool, PackView arguments)> check_arguments;

  // Whether the tool's large results are kept in the store; none: nobody's.
  std::function<bool(std::string_view tool)> keeps_results;
};

// Every change of a job's state goes through one function, which writes the record, then the events.
// Threads: one.
class JobDesk {
 public:
  using OnEnd = std::function<void(jobs::Job& job, Now now)>;

  // `on_end` is called when a job has ended, after its events.
  JobDesk(const Limits& limits, Counters& counters, Gate& gate, Streams& streams, jobs::Timers& timers,
          Workers& workers, JobDeskOptions options, OnEnd on_end);
  ~JobDesk();
  JobDesk(const JobDesk&) = delete;
  JobDesk& operator=(const JobDesk&) = delete;

  // Orders that were checked and are not submitted yet.
  struct Ahead {
    std::size_t bytes = 0;                            // of their arguments
    std::unordered_map<JobId, std::uint64_t> orders;  // their digests, by id
    std::set<std::string> concurrency_keys;           // that no live job has
  };

  // Whether submit() will accept `order` behind those of `ahead`, which it joins. Errors: submit's.
  [[nodiscard]] Status check(const jobs::JobOrder& order, Ahead& ahead);

  // Accepts a job, or finds the one that the same order made before, or that answers for its key, or in its place where
  // its tool is deterministic.
  // Errors: kConflict, kGone (it ended so long ago that its result was dropped), kQueueFull, kDraining; for what the
  //         options name: kNotFound, kTooLate, kCancelled; kTooLarge (it needs more than there is), kOverQuota (of
  //         concurrency keys).
  [[nodiscard]] Result<jobs::Job*> submit(const jobs::JobOrder& order, Now now);

  // A job of this principal; null where unknown.
  [[nodiscard]] jobs::Job* find(JobId id, std::string_view principal) const;
  [[nodiscard]] jobs::Job* find(JobId id) const { return jobs_.find(id); }

  // What stays of a job of this principal whose result was dropped; null where unknown. Valid until the next input.
  [[nodiscard]] const jobs::Tombstone* find_tombstone(JobId id, std::string_view principal) const;

  // How a job has ended, also where only its tombstone is left; none while it goes on, and where it is unknown.
  [[nodiscard]] std::optional<jobs::JobState> end_of(JobId id) const;

  // What a job has once it does more than wait; made when it is first asked for.
  jobs::JobRun& run_of(jobs::Job& job);

  // And all that it spawned, to any depth. Errors: kTooLate.
  [[nodiscard]] Status cancel(jobs::Job& job, std::string_view reason, Now now);

  void on_report(jobs::Report&& report, Now now);
  void on_timer(JobId id, Now now);

  // ---- attempts of remote workers

  enum class Taken {
    kNow,    // it counts
    kAgain,  // it was taken before
    kLater,  // one before it is missing, or its result is on its way to the store: it will come again
    kStale,  // the attempt is no longer this worker's, or never was
  };

  // What `worker` reports of an attempt.
  [[nodiscard]] Taken take(jobs::Report&& report, const Worker& worker, Now now);

  // The job whose attempt `worker` holds with this fence; null where it is another's, or over.
  [[nodiscard]] jobs::Job* find_held(JobId id, std::uint64_t fence, const Worker& worker) const;

  // The worker knows reports up to this one to be written: those that a power failure took are gone for good.
  void catch_up(jobs::Job& job, std::uint64_t reported, Now now);

  // How an attempt was lost with its worker.
  struct Loss {
    std::string why;     // for people
    bool death = false;  // of the worker, and this may have been the reason
  };

  // The attempt's worker has let go of it, or is gone.
  void lost(jobs::Job& job, const Loss& loss, Now now);

  // Hands queued jobs to the executor while it has room, and lets go of ended ones that there is none for.
  void schedule(Now now);

  // Lets go of an ended job for good.
  void forget(jobs::Job& job, Now now);
  // When schedule has something to do though nothing else happens: a rate or a budget lets a job go on.
  [[nodiscard]] SteadyTime next_schedule() const { return next_schedule_; }

  // From now on jobs that one of these covers are not begun; whatever was paused before.
  void pause(std::vector<jobs::Target> targets) {
    workers_.pause(targets);
    queue_.pause(std::move(targets));
  }

  // Cancels what `target` covers and has not begun, or what the worker that it names has, newest first; looks at no
  // more than limits allow.
  struct Purged {
    std::size_t count = 0;
    JobId next;  // where to go on; zero: that was all
  };
  Purged purge(const jobs::Target& target, jobs::Job* from, std::string_view reason, Now now);

  // Lets go of ended jobs that are too old.
  void expire_ended(Now now);

  // Takes up a record of the time before this start. Errors: kBadFrame.
  [[nodiscard]] Status restore(const jobs::Record& record, Now now);

  // After the last one: what waited goes on, what ran is treated as its loss demands.
  void resume(Now now);

  // From now on nothing is accepted and nothing begins. What waits is kept by the log, or cancelled where it
  // is not.
  void begin_drain(Now now);

  // The grace of running jobs is over: tells them to stop.
  void stop_running(Now now);

  // When a scheduled job is to be queued.
  [[nodiscard]] static SteadyTime due_at(const jobs::Job& job);

  // Jobs that have not ended.
  [[nodiscard]] std::size_t live() const { return live_; }

  // Of them, those that run and would be lost with this process: what remote workers have of durable jobs goes on.
  [[nodiscard]] std::size_t held() const;
  [[nodiscard]] std::size_t size() const { return jobs_.size(); }
  [[nodiscard]] const Admission& admission(jobs::ExecutorKind kind = jobs::ExecutorKind::kThreads) const {
    return admissions_[static_cast<std::size_t>(kind)];
  }
  // Attempts that are handed over.
  [[nodiscard]] std::size_t running(jobs::ExecutorKind kind) const {
    return kind == jobs::ExecutorKind::kWorkers ? workers_.held() : admission(kind).outstanding();
  }
  [[nodiscard]] const jobs::ReadyQueue& queue() const { return queue_; }
  [[nodiscard]] std::size_t count(jobs::JobState state) const { return by_state_[static_cast<std::size_t>(state)]; }
  [[nodiscard]] const Retention& retention() const { return retention_; }
  [[nodiscard]] std::size_t tombstones() const { return tombstones_.size(); }
  [[nodiscard]] std::size_t live_bytes() const { return live_bytes_; }

  [[nodiscard]] Cursor cursor() const { return {.epoch = streams_.epoch(), .lsn = gate_.position()}; }

  // Newest first; null at the end.
  [[nodiscard]] jobs::Job* newest() const { return by_age_.back(); }
  [[nodiscard]] jobs::Job* older(const jobs::Job& job) const { return by_age_.before(job); }

 private:
  struct EndedParent {
    JobId id;
    jobs::JobState state;
    std::vector<JobId> children;
  };

  [[nodiscard]] Result<jobs::Job*> coalesce(const jobs::JobOrder& order, Now now);
  [[nodiscard]] Result<Bytes> bound(BytesView arguments, std::span<const jobs::Binding> with,
                                    jobs::ExecutorKind executor) const;
  [[nodiscard]] Result<Bytes> bind(const jobs::JobOrder& order) const;
  [[nodiscard]] Status bind(jobs::Job& job, Now now);
  [[nodiscard]] Result<jobs::Job*> submit_new(const jobs::JobOrder& order, Now now);
  void unblock(jobs::Job& job, Now now);
  [[nodiscard]] Status amend(jobs::Job& job, const jobs::JobOrder& order, Now now);
  void supersede(const jobs::JobOrder& order, Now now);
  [[nodiscard]] jobs::Job* find_twin(const jobs::JobOrder& order) const;
  void claim_twin(const jobs::Job& job);
  void release_twin(const jobs::Job& job);
  [[nodiscard]] Result<jobs::Job*> find_same(const jobs::JobOrder& order) const;
  [[nodiscard]] Status check_room(std::size_t jobs, std::size_t bytes) const;
  [[nodiscard]] Status check_parents(const jobs::JobOrder& order, const Ahead* ahead) const;
  void link_parents(jobs::Job& job);
  [[nodiscard]] bool is_doomed(std::span<const JobId> after, jobs::ParentPolicy policy) const;
  void doom(jobs::Job& job, Now now);
  void begin(jobs::Job& job, Now now);
  bool apply(jobs::Job& job, jobs::JobEvent event, Now now);
  void enter(jobs::Job& job, jobs::JobState state, Now now);
  void end(jobs::Job& job, Now now);
  [[nodiscard]] Status check_parent(const jobs::JobOrder& order) const;
  void link_parent(const jobs::Job& job);
  void cancel_tree(jobs::Job& job, std::string_view reason, Now now);
  void cancel_one(jobs::Job& job, std::string_view reason, Now now);
  void stop(jobs::Job& job, jobs::StopCause cause, Now now);
  void stopped(jobs::Job& job, Now now);
  void fail_job(jobs::Job& job, jobs::JobEvent event, Error error, Now now);
  void tell_children(Now now);
  void parent_ended(jobs::Job& job, const EndedParent& parent, Now now);
  [[nodiscard]] Admission& admission_of(const jobs::Job& job) {
    return admissions_[static_cast<std::size_t>(job.executor)];
  }
  [[nodiscard]] Millis attempt_timeout_of(const jobs::JobOrder& order) const;
  void assign(jobs::Job& job, Now now);
  void assign_to_worker(jobs::Job& job, Now now);
  void hold(Worker& worker, jobs::Job& job, Now now);
  void free_places(Now now);
  [[nodiscard]] bool is_purged_by(const jobs::Target& target, const jobs::Job& job) const;
  void record_spent(std::string_view tenant, Now now);
  [[nodiscard]] Status restore_spent(const jobs::Record& record);
  [[nodiscard]] bool admits(const jobs::Job& job) {
    return is_remote(job) ? admits_remote(job) : admission_of(job).admits(job);
  }
  [[nodiscard]] bool is_full(jobs::ExecutorKind executor) const {
    return executor != jobs::ExecutorKind::kWorkers && admission(executor).full();
  }
  void arm(jobs::Job& job);
  [[nodiscard]] SteadyTime stop_counted_from(const jobs::Job& job) const;
  void started(jobs::Job& job, Now now);
  void progressed(jobs::Job& job, jobs::Progressed& progress, Now now);
  void finished(jobs::Job& job, jobs::Finished& finished, Now now);
  [[nodiscard]] bool must_keep(const jobs::Job& job, const jobs::Report& report) const;
  void keep(jobs::Job& job);
  void let_go(jobs::Job& job);
  void forget_surplus(Now now);
  void make_run(jobs::Job& job) const;
  void publish_first(jobs::Job& job, Now now);
  void publish_state(jobs::Job& job, Now now);
  template <typename Write>
  [[nodiscard]] BytesView packed(Write&& write);
  template <typename Write>
  void record(const jobs::Job& job, jobs::RecordKind kind, jobs::Grade grade, Now now, Write&& write);
  void say(jobs::Job& job, iopub::EventKind kind, BytesView body, Now now);

  void failed(jobs::Job& job, Error error, Now now);
  [[nodiscard]] bool may_retry(const jobs::Job& job, const Error& error) const;
  [[nodiscard]] Millis backoff(std::uint32_t attempt, Millis at_least);

  // Of remote workers.
  [[nodiscard]] static bool is_remote(const jobs::Job& job) { return job.executor == jobs::ExecutorKind::kWorkers; }
  [[nodiscard]] static bool survives_us(const jobs::Job& job) {
    return is_remote(job) && job.grade != jobs::Grade::kVolatile;
  }
  [[nodiscard]] bool admits_remote(const jobs::Job& job);
  void look_after_overtaken(Now now);
  void count_overtaken(const jobs::Job& taken);
  void release_attempt(jobs::Job& job);
  void revoke_attempt(jobs::Job& job);
  void unassign(jobs::Job& job, Now now);
  void give_up(jobs::Job& job, Now now);
  void tell_to_stop(const jobs::Job& job);
  void await_worker(jobs::Job& job, Now now);

  // Of a restart.
  [[nodiscard]] Status restore_submitted(const jobs::Record& record, Now now);
  void restore_changed(jobs::Job& job, const jobs::Changed& changed, const jobs::RecordHead& head, Now now);
  [[nodiscard]] Status restore_said(jobs::Job& job, const jobs::Said& said, const jobs::RecordHead& head);
  [[nodiscard]] Status restore_ended(jobs::Job& job, const jobs::Ended& ended, const jobs::RecordHead& head, Now now);
  void restore_amended(jobs::Job& job, const jobs::Amended& amended, const jobs::RecordHead& head, Now now);
  [[nodiscard]] Status restore_forgotten(const jobs::Record& record);
  void restore_state(jobs::Job& job, jobs::JobState state);
  void resume(jobs::Job& job, bool alone, Now now);
  void charge_lost(jobs::Job& job, Now now);
  void resume_blocked(jobs::Job& job, Now now);

  const Limits& limits_;
  const JobDeskOptions options_;
  Counters& counters_;
  Gate& gate_;
  Streams& streams_;
  jobs::Timers& timers_;
  Workers& workers_;
  const OnEnd on_end_;
  std::vector<HeldAttempt> freed_;  // scratch
  // A queued job that waits for a worker's resources, and how many behind it have taken of these.
  struct {
    JobId job;
    std::uint32_t times = 0;
  } overtaken_;
  std::array<Admission, jobs::kExecutorKinds> admissions_;  // of executors; workers take by their own credit
  jobs::ReadyQueue queue_;
  jobs::JobTable jobs_;
  jobs::IntrusiveList<jobs::Job, jobs::ByAge> by_age_;
  KeyedJobs keyed_;
  ConcurrencyKeys concurrency_keys_;
  Twins twins_;
  Retention retention_;
  jobs::Tombstones tombstones_;
  std::array<std::size_t, jobs::kJobStates> by_state_{};
  std::size_t live_ = 0;
  std::size_t live_bytes_ = 0;
  std::uint64_t last_fence_ = 0;
  SteadyTime next_schedule_ = SteadyTime::max();
  bool draining_ = false;
  WallTime last_recorded_{};  // of what a restart read
  std::deque<EndedParent> ended_parents_;
  bool telling_children_ = false;
  SeededRandom random_;
  Bytes packed_;  // scratch
  Bytes record_;
};

// The bytes that `write` appends; they stay valid until the next call.
template <typename Write>
BytesView JobDesk::packed(Write&& write) {
  packed_.clear();
  PackWriter writer(packed_);
  write(writer);
  return packed_;
}

template <typename Write>
void JobDesk::record(const jobs::Job& job, jobs::RecordKind kind, jobs::Grade grade, Now now, Write&& write) {
  if (job.grade == jobs::Grade::kVolatile) return gate_.pass();
  record_.clear();
  PackWriter writer(record_);
  write(writer);
  gate_.append({.kind = kind, .grade = grade, .job = job.id, .time = now.wall}, record_);
}

}  // namespace yard::broker
