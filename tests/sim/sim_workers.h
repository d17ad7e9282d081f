// SimWorkers: remote workers in a simulated world.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "broker/core/core.h"
#include "engine/base/pack.h"
#include "engine/base/random.h"

namespace yard::sim {

// They follow section 10 of PROTOCOL.md, on connections that keep the order of frames and lose them: when the broker
// dies, when a worker does, and for whole stretches in both directions. They are slow, begin nothing, die, report
// what they reported before, and now and then claim an attempt that was never theirs.
//
// What must hold is checked as it happens: a fence is given out once, ever; what may run once begins once; a result
// that was acknowledged is the job's end; no worker is given more than it has the memory for.
// Threads: one.
class SimWorkers {
 public:
  using OnBroken = std::function<void(std::string what)>;
  using OnFrame = std::function<void(std::string_view peer, BytesView frame)>;  // before the broker takes it

  // `random` and `core` must outlive it.
  SimWorkers(SeededRandom& random, OnBroken on_broken, OnFrame on_frame);

  // Some worker does something.
  void act(broker::Core& core, Now now);

  // Time has passed.
  void tick(broker::Core& core, Now now);

  // A frame from the broker.
  void receive(BytesView routing_id, BytesView frame);

  // The broker is another one from now on. `survives` tells what was promised to outlive this end.
  void broker_died(const std::function<bool(jobs::Grade)>& survives);

  // No more faults.
  void calm() { calm_ = true; }

  // What was acknowledged is still so.
  void check(const broker::Core& core);

  // A chunk's bytes, which tell the attempt and the chunk's place in it.
  [[nodiscard]] static Bytes chunk_of(std::uint64_t fence, std::uint64_t place);

  // Whether `later` may come behind `earlier` in a stream.
  [[nodiscard]] static bool is_in_order(BytesView earlier, BytesView later);

  struct Tally {
    int assigned = 0;
    int acknowledged = 0;  // results
    int claimed = 0;       // attempts that a worker came back with
    int revoked = 0;
  };
  [[nodiscard]] const Tally& tally() const { return tally_; }

  static constexpr std::string_view kOnce = "far_once";
  static constexpr std::string_view kAgain = "far_again";

 private:
  struct Kept {
    std::uint64_t number;
    wire::Verb verb;
    Bytes body;
  };
  struct Attempt {
    JobId job;
    std::string tool;
    bool once = false;
    bool begun = false;  // the handler
    bool over = false;
    bool revoked = false;
    bool stopped = false;
    std::uint64_t last = 0;
    std::uint64_t reported = 0;
    std::uint64_t chunks = 0;
    std::deque<Kept> kept;
  };
  struct Worker {
    std::string name;
    std::string peer;  // of its connection
    Uuid id;
    bool alive = false;
    bool cut_off = false;
    std::uint64_t session = 0;
    SteadyTime renew_at{};
    SteadyTime heard{};
    std::deque<Bytes> inbox;   // from the broker
    std::deque<Bytes> outbox;  // to it
    std::map<std::uint64_t, Attempt> held;
  };

  [[nodiscard]] std::uint64_t pick(std::uint64_t count) { return random_.next() % count; }
  [[nodiscard]] bool chance(std::uint64_t of) { return pick(of) == 0; }
  void be_born(Worker& worker, Now now);
  void say_hello(Worker& worker, Now now);
  static void write_attempts(PackMap& map, const Worker& worker);
  void enroll(Worker& worker);
  void renew(Worker& worker, Now now);
  void send(Worker& worker, wire::Header header, BytesView body);
  void deliver(Worker& worker, broker::Core& core, Now now);
  void read(Worker& worker, const broker::Core& core, Now now);
  void on_assign(Worker& worker, const wire::Message& message);
  void check_resources(const Worker& worker) const;
  void on_ack(Worker& worker, const wire::Message& message, const broker::Core& core);
  void handle(Worker& worker);
  void run(Worker& worker, std::uint64_t fence, Attempt& attempt);
  void begin(Attempt& attempt);
  void report(Worker& worker, std::uint64_t fence, Attempt& attempt, wire::Verb verb, BytesView body);
  void resend(Worker& worker);
  void forget_if_over(Worker& worker, std::uint64_t fence);
  void lie(Worker& worker);

  SeededRandom& random_;
  const OnBroken on_broken_;
  const OnFrame on_frame_;
  std::vector<Worker> workers_;
  std::set<std::uint64_t> fences_;       // that were given out
  std::map<JobId, int> begun_;           // how often what may run once has begun
  std::map<JobId, jobs::Grade> grades_;  // of jobs, as far as workers met them
  std::set<JobId> acknowledged_;         // results
  std::uint64_t connections_ = 0;
  bool calm_ = false;
  Tally tally_;
};

}  // namespace yard::sim
