// World: a broker's core among simulated clients, workers, a network, a disk and a clock.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "engine/base/hash.h"
#include "engine/base/random.h"
#include "tests/sim/sim_log.h"
#include "tests/sim/sim_schedules.h"
#include "tests/sim/sim_workers.h"
#include "tests/support/fake_clock.h"
#include "tools/registry.h"

namespace yard::sim {

struct WorldOptions {
  std::uint64_t seed = 1;
  int steps = 400;
  bool canary = false;  // plants a fault: the log says committed before it is
  bool trace = false;   // prints what happens
};

// Everything that happens is drawn from the seed, in one thread: messages are delayed, reordered, doubled and
// lost, the process is killed, the power fails and tears what was not synced, the disk fills up, workers are slow,
// fail, lie about their fence or never answer, remote ones die and are cut off, the wall clock is set. After every step
// what must hold is checked; in the end the faults stop and everything has to come to an end.
class World {
 public:
  explicit World(const WorldOptions& options);
  ~World();

  // Runs it. What was broken, or nothing.
  [[nodiscard]] std::optional<std::string> run();

  // Of everything that left the broker: the same for the same seed.
  [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }

  struct Tally {
    int submitted = 0;
    int acknowledged = 0;
    int kills = 0;
    int power_losses = 0;
    int full_disks = 0;
    int ended = 0;
    int paused = 0;
  };
  [[nodiscard]] const Tally& tally() const { return tally_; }
  [[nodiscard]] const SimWorkers::Tally& workers() const { return workers_.tally(); }
  [[nodiscard]] const SimSchedules::Tally& schedules() const { return schedules_.tally(); }

 private:
  enum class Death { kKill, kPowerLoss };

  // What a client knows of a job.
  struct Known {
    Bytes frame;                       // to send again
    std::optional<jobs::Grade> grade;  // once acknowledged
    std::string end;                   // the last state it was told
    std::string tenant;
    bool takes_result = false;  // of another one, as its argument `got`
  };

  [[nodiscard]] std::uint64_t pick(std::uint64_t count) { return random_.next() % count; }
  [[nodiscard]] bool chance(std::uint64_t of) { return pick(of) == 0; }
  void broken(std::string what);
  void trace(std::string_view what, std::string_view who, BytesView frame) const;

  // In every other history most jobs are known by their tombstones.
  [[nodiscard]] bool forgets_early() const { return options_.seed % 2 == 0; }

  // A volatile job that is forgotten, or a dead letter that is purged, leaves nothing: sent again, it is a new one.
  [[nodiscard]] bool may_run_again(const Known& known) const {
    const bool maybe_purged = known.end.empty() || known.end == "failed";
    return known.grade == jobs::Grade::kVolatile && (forgets_early() || maybe_purged);
  }

  void start();
  void die(Death death);
  void forget_what_may_be_lost(Death death);
  void hello(const std::string& tenant);
  void act();
  [[nodiscard]] std::optional<JobId> any_known(std::string_view tenant);
  void submit();
  void submit_batch();
  void ask(const std::string& tenant, wire::Verb verb, JobId id, const nlohmann::json& body);
  void tend_dead_letter(const std::string& tenant, JobId id);
  void administer();
  void send(const std::string& tenant, Bytes frame);
  void deliver();
  void work();
  void store();
  void settle();
  void take(broker::Effects& effects);
  void receive(const std::string& tenant, BytesView frame);
  void told(JobId id, PackView record);
  void told_of_admin(std::uint64_t correlation);
  void resume_everything();
  void check_limits();
  void check_not_paused(const jobs::Work& work);
  void check_acknowledged();
  void check_bound(const jobs::Work& work);
  void check_answer(std::uint64_t correlation, PackView record);
  void check_trees();
  void check_batches();
  void check_keys();
  void check_dead_letter(const jobs::Job& job);
  void check_result(const jobs::Job& job);
  void check_end();
  void step();
  void calm_down();
  void check_log();

  const WorldOptions options_;
  SeededRandom random_;
  FakeClock clock_;
  tools::Registry registry_;
  journal::MemoryDisk disk_;
  std::unique_ptr<SimLog> log_;
  std::unique_ptr<broker::Core> core_;
  std::uint64_t epoch_ = 0;
  std::map<std::string, std::uint64_t> sessions_;  // by tenant
  std::set<std::string> strangers_;                // whose session is over
  std::uint64_t correlation_ = 0;
  // On their way to the broker.
  struct Sent {
    std::string tenant;
    Bytes frame;
  };
  std::vector<Sent> network_;
  SimWorkers workers_;
  SimSchedules schedules_;
  std::map<JobId, jobs::Work> works_;
  std::map<JobId, Known> known_;
  std::map<std::uint64_t, std::uint64_t> asked_;  // of "pure", by correlation: the number to be given back
  std::vector<std::vector<JobId>> batches_;
  std::vector<jobs::Report> stopping_;  // of attempts that were told to stop: they come for sure
  std::vector<jobs::Report> late_;      // of attempts that are over
  std::vector<jobs::Report> storing_;   // large results on their way to the store
  std::set<Bytes> stored_;              // results there
  std::vector<jobs::Commit> commits_;
  // Pauses of tools: asked for, by correlation, and acknowledged.
  std::map<std::uint64_t, std::string> pausing_;
  std::set<std::string> paused_;
  bool calm_ = false;
  std::uint64_t fingerprint_ = 0;
  Tally tally_;
  std::optional<std::string> broken_;
};

}  // namespace yard::sim
