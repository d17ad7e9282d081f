// Workers: the remote workers that are there, what they offer and which attempts they hold.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broker/core/limits.h"
#include "broker/core/outputs.h"
#include "engine/base/clock.h"
#include "engine/base/id.h"
#include "jobs/blocker.h"
#include "jobs/job_id.h"
#include "jobs/ready_queue.h"
#include "jobs/resources.h"
#include "jobs/target.h"

namespace yard::broker {

// An attempt that a worker has.
struct HeldAttempt {
  JobId job;
  jobs::Name tool = {};                // empty for what the worker claims and nobody knows
  jobs::ReadyQueue::Place place = {};  // that it occupies; none for what the worker claims and nobody knows
  SteadyTime since{};                  // it occupies it
  bool revoked = false;                // its job has gone on without it, and the worker has yet to let go of it
  std::optional<jobs::Amounts> takes;  // of its worker's resources; none: not known, as its tool is not
};

// A tool that a worker offers.
struct Offered {
  std::string tool;
  jobs::Amounts takes;  // of the worker's resources, by one job
};

struct Worker {
  Uuid id;           // made by the worker, for the life of its process
  std::string name;  // for people
  Peer peer;
  std::uint64_t session = 0;  // 0: known from the log, and not heard of since the start
  std::size_t concurrency = 0;
  bool paused = false;  // by an administrator
  std::vector<std::string> tools;
  std::map<std::uint64_t, HeldAttempt> held;  // by fence
  jobs::ResourcePool resources;
  std::size_t unknown = 0;  // attempts of which nobody knows what they take
  SteadyTime lease_end{};

  [[nodiscard]] std::size_t room() const {
    return !paused && concurrency > held.size() ? concurrency - held.size() : 0;
  }

  // What of `demand` it has too little of; null where all of it is free. Beside an unknown attempt nothing is.
  [[nodiscard]] const std::string* lacking(const jobs::Amounts& demand) const {
    if (demand.empty()) return nullptr;
    return unknown > 0 ? &demand.begin()->first : resources.lacking(demand);
  }
};

// A table without decisions: WorkerDesk hears the workers, JobDesk knows what becomes of jobs.
//
// Nobody counts credit on the wire: a worker may hold as many attempts as it registered with, and what it has not
// let go of occupies its place and its resources, so that nothing runs beside what was given up but goes on.
// Threads: one.
class Workers {
 public:
  explicit Workers(const Limits& limits) : limits_(limits) {}

  // Null where unknown.
  [[nodiscard]] Worker* find(const Uuid& id) const;
  [[nodiscard]] Worker* of_session(std::uint64_t session) const;

  // The worker with this id; a new one where there is none.
  Worker& enter(const Uuid& id);

  // It speaks from `session` from now on, and offers `offered` and nothing else. Its name is set.
  void join(Worker& worker, std::uint64_t session, std::vector<Offered> offered);

  // Forgets it; what it held occupies nothing any more.
  void erase(Worker& worker);

  // ---- choice

  // How many workers offer the tool.
  [[nodiscard]] std::size_t offering(std::string_view tool) const;

  // Calls visit(const Worker&) for each of them.
  template <typename Visit>
  void each_offering(std::string_view tool, Visit&& visit) const {
    if (const Offer* offer = find_offer(tool)) {
      for (const Worker* worker : offer->workers) visit(*worker);
    }
  }

  // Whether one of them has a place and the resources for a job of it.
  [[nodiscard]] bool has_room(std::string_view tool) const;

  // Of these, the one with the most room, each in turn among equals. has_room(tool).
  [[nodiscard]] Worker& choose(std::string_view tool);

  // What gets free of the first of the workers that offer `tool`, of the resources that a job of it takes, is for such
  // a job and no other; until the next call. Empty: nothing is kept.
  void keep_for(std::string_view tool);

  // Whether a worker has a place for a job of `tool` and lacks what it takes; whether jobs of both take of the same.
  [[nodiscard]] bool lacks_resources(std::string_view tool) const;
  [[nodiscard]] bool compete(std::string_view tool, std::string_view other) const;

  // What a job of the tool waits for where there is no room for it: a pause of all its workers, or the resource that
  // those with a place have too little of, as the one of them that has most of it free. For `why`.
  [[nodiscard]] jobs::Blocker blocker_of(std::string_view tool) const;

  // The workers that these name get nothing new, whatever was paused before.
  void pause(const std::vector<jobs::Target>& targets);

  // ---- attempts

  // `attempt` says everything but what it takes.
  void hold(Worker& worker, std::uint64_t fence, HeldAttempt attempt);
  void revoke(Worker& worker, std::uint64_t fence);
  void release(Worker& worker, std::uint64_t fence);

  // The worker says that it is over: releases it if it was revoked.
  void confirm(Worker& worker, std::uint64_t fence);

  // Moves what was let go of since the last call, and occupied a place, to `out` (cleared first).
  void take_freed(std::vector<HeldAttempt>& out) {
    out.clear();
    std::swap(out, freed_);
  }

  // Attempts of jobs that go on in them: not the revoked ones.
  [[nodiscard]] std::size_t held() const { return held_; }

  // ---- leases

  void renew(Worker& worker, SteadyTime lease_end);

  // Nobody could be heard for a while: silence until now says nothing.
  void excuse_all(Now now);

  // The last time that this was so.
  [[nodiscard]] SteadyTime excused_at() const { return excused_at_; }

  // Not before the first lease ends; the far future while there is none.
  [[nodiscard]] SteadyTime next_lapse() const { return next_lapse_; }

  // Whose lease is over.
  [[nodiscard]] std::vector<Worker*> lapsed(Now now);

  // ---- to look at

  [[nodiscard]] std::size_t size() const { return workers_.size(); }
  template <typename Visit>
  void each(Visit&& visit) const {
    for (const auto& [id, worker] : workers_) visit(*worker);
  }

 private:
  struct Offer {
    std::vector<Worker*> workers;
    jobs::Amounts takes;   // by one job; as it was last declared
    std::size_t next = 0;  // whose turn it is among equals
  };
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  [[nodiscard]] const Offer* find_offer(std::string_view tool) const;
  [[nodiscard]] bool fits(const Offer& offer, const Worker& worker) const;
  [[nodiscard]] const std::string* kept_from(const Offer& offer, const Worker& worker) const;
  void withdraw(Worker& worker);
  void charge(Worker& worker, HeldAttempt& attempt) const;
  void let_go(Worker& worker, const HeldAttempt& attempt);

  const Limits& limits_;
  std::map<Uuid, std::unique_ptr<Worker>> workers_;  // ordered, so that the same happens every time
  std::unordered_map<std::uint64_t, Worker*> by_session_;
  std::unordered_map<std::string, Offer, Hash, std::equal_to<>> offers_;  // by tool; bounded by worker_tools_max
  std::set<std::string, std::less<>> paused_;                             // names; bounded by kPausesMax
  std::string kept_tool_;                                                 // see keep_for()
  std::vector<HeldAttempt> freed_;
  std::size_t held_ = 0;
  SteadyTime next_lapse_ = SteadyTime::max();
  SteadyTime excused_at_{};
};

}  // namespace yard::broker
