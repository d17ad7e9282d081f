// ReadyQueue: which queued job runs next.
#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "jobs/blocker.h"
#include "jobs/budget.h"
#include "jobs/intrusive_list.h"
#include "jobs/job.h"
#include "jobs/lane.h"
#include "jobs/resources.h"
#include "jobs/scheduling.h"
#include "jobs/target.h"

namespace yard::jobs {

// Tenants take turns at each executor, as many jobs a turn as their weight says: weighted deficit round robin.
// Who has nothing to run at its turn loses it to the others, and hoards nothing.
//
// Within a tenant, four priority bands with aging: a job's rank is the moment it was queued plus `aging` per
// band, and the smallest rank is served first. So a band-0 job passes a band-2 job unless that one has waited
// 2 x aging longer: priorities hold in the short run and nothing starves in the long run. Each tool has a lane of
// its own, so that one which may not go on (a pause, a full group, no free resource, a spent budget) holds
// up no other. But who needs much of a resource isn't passed for ever by those that need little: after kOvertakenMax
// of them what gets free is kept for it.
//
// Jobs must outlive their membership. Threads: one.
// Source:  M. Shreedhar and G. Varghese, "Efficient fair queueing using deficit round robin", SIGCOMM 1995.
class ReadyQueue {
 public:
  using Admits = std::function<bool(const Job&)>;

  explicit ReadyQueue(Millis aging = std::chrono::seconds(10)) : ReadyQueue({}, {}, aging) {}
  ReadyQueue(SchedulingPolicy policy, NeedsOf needs_of, Millis aging = std::chrono::seconds(10));

  // Whether a job like this can ever run. Errors: kTooLarge (it needs more than there is).
  [[nodiscard]] Status check(const JobOrder& order, Millis attempt_timeout) const;

  // Queues `job`, whose `queued` moment is set; its place among equals is by that moment.
  void push(Job& job);

  // Takes out a queued job.
  void erase(Job& job);

  // The best job of this executor's whose limits let it begin and that `admits` accepts, taken out and
  // counted as held; null if there is none. Only the best of each lane is looked at.
  Job* pop(ExecutorKind executor, Now now, const Admits& admits);

  // Whether `job` comes first by its rank: of one tenant it would be served first.
  [[nodiscard]] bool precedes(const Job& job, const Job& other) const;

  // When pop, which just gave nothing, may give something though nothing else happens.
  [[nodiscard]] SteadyTime due(ExecutorKind executor) const { return rounds_[index(executor)].due; }

  // A job that was popped before a restart runs still.
  void hold(Job& job, Now now);

  // How long a held job was thought to run: what its tenant's budget was reserved for.
  [[nodiscard]] static Nanos expected(const Job& job);

  // A popped job no longer runs; it ran for `busy`. Returns the name of its tenant where a budget has changed.
  std::string_view release(Job& job, Nanos busy, Now now) { return release(give_up_place(job), busy, now); }

  // What a popped job occupies, for who holds it longer than there is the job: release() gives it back.
  struct Place {
    Lane* lane = nullptr;
    Amounts reserved;  // of its tenant's budget
  };
  [[nodiscard]] static Place give_up_place(Job& job);
  std::string_view release(const Place& place, Nanos busy, Now now);

  // From now on these are not begun, whatever was paused before.
  void pause(std::vector<Target> targets);

  // Of a tenant; null where it has none.
  [[nodiscard]] Budget* budget_of(std::string_view tenant);
  [[nodiscard]] const Budget* budget_of(std::string_view tenant) const;
  [[nodiscard]] const ResourcePool& resources() const { return resources_; }
  [[nodiscard]] const SchedulingPolicy& policy() const { return policy_; }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t lanes() const { return lanes_.size(); }  // that are remembered

  // Jobs of its tenant that are served before `job` if nothing changes; for `why`.
  [[nodiscard]] std::size_t ahead_of(const Job& job) const;

  // What a queued job waits for beside its turn; for `why`.
  [[nodiscard]] Blocker blocker_of(const Job& job, Now now) const;

  // Tenants that take turns at this executor now, and the sum of their weights; for `why`.
  struct Turns {
    std::size_t tenants = 0;
    std::uint64_t weights = 0;
    std::uint32_t weight = 0;  // of this job's
  };
  [[nodiscard]] Turns turns_of(const Job& job) const;

 private:
  struct Round {
    IntrusiveList<Share> shares;  // with queued jobs; whose turn it is, is in front
    SteadyTime due = SteadyTime::max();
  };
  struct Tenant {
    std::array<Share, kExecutorKinds> shares;
  };

  [[nodiscard]] static std::size_t index(ExecutorKind executor) { return static_cast<std::size_t>(executor); }
  [[nodiscard]] SteadyTime rank(const Job& job) const { return job.queued + aging_ * job.queued_band; }
  [[nodiscard]] Job* head_of(const Lane& lane) const;
  [[nodiscard]] Job* best_of(const Share& share, Now now, const Admits& admits, SteadyTime& due) const;
  [[nodiscard]] bool has_room(const Lane& lane, const Job& head, Now now, SteadyTime& due) const;
  [[nodiscard]] bool is_within_limits(const Lane& lane, const Job& head, Now now, SteadyTime& due) const;
  [[nodiscard]] bool is_kept(const Lane& lane, Now now) const;
  [[nodiscard]] bool could_begin(const Lane& lane, Now now) const;
  void count_overtaken(const Job& taken, Now now);
  void settle(Lane& lane);
  [[nodiscard]] Blocker lack_of(const Lane& lane, const std::string& resource) const;
  [[nodiscard]] static Amounts reserved_by(const Lane& lane, const Job& job);
  void take(Job& job, Now now);
  void occupy(Lane& lane, const Job& job, Now now);
  void leave(Job& job);
  static void end_turn(Round& round, Share& share);

  Lane& lane_of(const Job& job);
  Lane& make_lane(LaneKey key, const Job& job);
  using Groups = std::map<std::string, Group, std::less<>>;
  void join_groups(Lane& lane);
  static void join(Lane& lane, Groups& groups, const std::string& name, const GroupPolicy& policy);
  void forget_idle();
  [[nodiscard]] const Target* pause_of(const Lane& lane) const;

  const SchedulingPolicy policy_;
  const NeedsOf needs_of_;
  const Millis aging_;
  std::array<Round, kExecutorKinds> rounds_;
  std::map<std::string, Tenant, std::less<>> tenants_;
  std::map<LaneKey, Lane> lanes_;
  Groups groups_;
  Groups key_groups_;                                   // of concurrency keys, as long as somebody uses them
  std::map<std::string, Budget, std::less<>> budgets_;  // by tenant
  ResourcePool resources_;
  const Lane* owed_ = nullptr;  // for which the resources that it needs are kept; it has queued jobs
  std::vector<Target> pauses_;
  std::size_t forget_at_;  // lanes, upon which idle ones go
  SteadyTime seen_{};      // the time of the last pop
  std::size_t size_ = 0;

  // Jobs of the same few tools and tenants come again and again: their lanes are found without a search.
  struct Recent {
    Name tenant;
    Name tool;
    Lane* lane = nullptr;
  };
  std::array<Recent, 64> recent_;
};

}  // namespace yard::jobs
