// SimSchedules: schedules, who sets them, and their calendar, in a simulated world.
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "engine/base/random.h"
#include "jobs/schedule.h"

namespace yard::sim {

// Schedules are set, set again and removed; the calendar is slow, answers in any order and dies with the broker.
//
// What must hold: a schedule that was acknowledged is there until it is removed; where all instants or one of those
// missed are asked for, none is lost; what may run once begins once for each instant. Threads: one.
class SimSchedules {
 public:
  using OnBroken = std::function<void(std::string what)>;

  // `random` must outlive it.
  SimSchedules(SeededRandom& random, OnBroken on_broken) : random_(random), on_broken_(std::move(on_broken)) {}

  // What a client asks for.
  struct Request {
    std::string tenant;
    wire::Verb verb;
    JobId id;
    nlohmann::json body;
  };
  [[nodiscard]] Request act();

  // It is told of its schedule.
  void told(const std::string& tenant, PackView entry);

  void ask(std::vector<broker::InstantsQuestion>&& questions);

  // Some question is answered, if there is one.
  void answer(broker::Core& core, Now now);

  void broker_died() { questions_.clear(); }

  void on_start(const jobs::Work& work) { begun_[work.id] += work.tool == "once"; }

  // Nothing is to be made up for any more.
  [[nodiscard]] bool settled(const broker::Core& core) const;

  // What was acknowledged is still so.
  void check(const broker::Core& core);

  struct Tally {
    int acknowledged = 0;  // schedules
    int runs = 0;          // instants with a job
    int waived = 0;        // instants without
  };
  [[nodiscard]] const Tally& tally() const { return tally_; }

 private:
  struct Tracked {
    jobs::Schedule schedule;
    Nanos period;
    JobId id;                       // of the request that sets it
    bool removed = false;           // or about to be
    std::optional<WallTime> first;  // its first instant, once it was acknowledged
  };

  [[nodiscard]] std::uint64_t pick(std::uint64_t count) { return random_.next() % count; }
  [[nodiscard]] Tracked& add();
  void check(const broker::Core& core, const Tracked& tracked);

  SeededRandom& random_;
  const OnBroken on_broken_;
  std::vector<Tracked> schedules_;
  std::vector<broker::InstantsQuestion> questions_;
  std::map<JobId, int> begun_;
  Tally tally_;
};

}  // namespace yard::sim
