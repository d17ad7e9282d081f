// Schedules: which jobs are to be submitted when.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "broker/core/counters.h"
#include "broker/core/gate.h"
#include "broker/core/instants.h"
#include "broker/core/limits.h"
#include "broker/core/streams.h"
#include "jobs/schedule.h"

namespace yard::broker {

// Instants are asked for outside and count once they are recorded:
//
//   SET ──► question ──► answer ──► kScheduled, with the first instant
//   the wall clock reaches it ──► question ──► answer ──► jobs and kFired, in one commit
//
// So each instant has at most one job, whatever dies when, and a wall clock that is set back meets only instants that
// were decided about. What cannot be submitted is owed, and tried again until the next instant is due. Threads: one.
class Schedules {
 public:
  // Submits a job of the schedule with this id; returns the job that does it. Errors: any.
  using Submit = std::function<Result<JobId>(const jobs::Schedule& schedule, JobId id, Now now)>;

  struct Entry {
    jobs::Schedule schedule;
    jobs::ScheduleProgress progress;
    std::uint64_t question = 0;    // on its way; 0: none
    SteadyTime retry_at{};         // after a problem
    std::optional<Error> problem;  // why something is owed, or its next instant is not known
  };
  using OnSet = std::function<void(Result<const Entry*>)>;

  // All must outlive it. Questions are put into `questions`.
  Schedules(const Limits& limits, Counters& counters, Gate& gate, Streams& streams,
            std::vector<InstantsQuestion>& questions, Submit submit);

  // Adds it, or replaces the one of its name, which begins afresh; the same again changes nothing. `on_set` is called
  // now, or when its first instant is known. Errors, there: kOverQuota (too many), kBadRequest (the expression or the
  // zone).
  void set(jobs::Schedule schedule, Now now, OnSet on_set);

  // Jobs that it has submitted go on. Errors: kNotFound.
  [[nodiscard]] Status remove(std::string_view principal, std::string_view name, Now now);

  void on_instants(InstantsAnswer&& answer, Now now);

  // To be called at next_tick() at the latest.
  void on_tick(Now now);
  [[nodiscard]] SteadyTime next_tick() const { return next_tick_; }

  // Takes up a record of the time before this start. Errors: kBadFrame.
  [[nodiscard]] Status restore(const jobs::Record& record);

  // A principal's, by name; of this name only, unless it is empty.
  [[nodiscard]] std::vector<const Entry*> of(std::string_view principal, std::string_view name = {}) const;
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Pending {
    jobs::Schedule schedule;
    OnSet on_set;
  };

  void ask(JobId subject, const jobs::Schedule& schedule, WallTime after, Now now);
  void finish_set(JobId subject, Pending pending, Result<Instants> instants, Now now);
  void decide(Entry& entry, Instants&& instants, Now now);
  bool submit_owed(Entry& entry, Now now);
  void refuse(Entry& entry, Error error, Now now);
  void miss(const Entry& entry, std::uint64_t count, Now now);
  void record_progress(JobId subject, const Entry& entry, Now now);
  void plan(const Entry& entry, Now now);
  template <typename Write>
  void record(jobs::RecordKind kind, JobId subject, Now now, Write&& write);

  const Limits& limits_;
  Counters& counters_;
  Gate& gate_;
  Streams& streams_;
  std::vector<InstantsQuestion>& questions_;
  const Submit submit_;
  std::map<JobId, Entry> entries_;            // by subject
  std::map<std::uint64_t, Pending> pending_;  // by the number of their question
  std::uint64_t last_question_ = 0;
  SteadyTime next_tick_ = SteadyTime::max();
  Bytes record_;  // scratch
};

}  // namespace yard::broker
