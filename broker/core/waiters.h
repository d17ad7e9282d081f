// Waiters: callers that are held until jobs have ended, or their time is up.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "broker/core/limits.h"
#include "broker/core/outputs.h"
#include "dispatch/wire/message.h"
#include "jobs/job.h"

namespace yard::broker {

// Where and how to answer.
struct ReplyTo {
  Peer peer;
  std::uint64_t correlation = 0;
  std::uint64_t session = 0;
  Uuid id = {};             // of the attempt that a worker's report is about, and its fence: a reply repeats them
  std::uint64_t fence = 0;  // zero for all that is no report
};

enum class WaitKind : std::uint8_t {
  kCall,  // a CALL of a job tool: RESULT, or JOB when its time is up
  kWait,  // WAIT, and the tool job_poll
};

struct Waiter {
  WaitKind kind = WaitKind::kCall;
  wire::Verb verb = wire::Verb::kData;  // kWait's reply
  ReplyTo to;
  std::string principal;
  std::vector<JobId> jobs;
  JobId asked;              // kCall: the id that the call has
  std::size_t pending = 0;  // of them, not ended
  bool all = false;         // wait for all of them, not any
  SteadyTime since{};

  jobs::Timers::Timer timer;
  bool parked = false;
};

// Parking costs no thread and no polling: a job's end finds its waiters by number.
// Threads: one.
class Waiters {
 public:
  Waiters(const Limits& limits, jobs::Timers& timers) : limits_(limits), timers_(timers) {}
  ~Waiters();
  Waiters(const Waiters&) = delete;
  Waiters& operator=(const Waiters&) = delete;

  [[nodiscard]] bool full() const { return parked_ >= limits_.waiters_max; }
  [[nodiscard]] std::size_t parked() const { return parked_; }

  // A free one to fill in; then park it, or leave it.
  [[nodiscard]] std::uint32_t take();
  [[nodiscard]] Waiter& operator[](std::uint32_t number) { return waiters_[number]; }

  // Its timer fires at `due`. The caller enters the number in its jobs.
  void park(std::uint32_t number, SteadyTime due);

  // visit(number) may release it.
  template <typename Visit>
  void each_parked(Visit&& visit) {
    for (std::uint32_t number = 0; number < waiters_.size(); ++number) {
      if (waiters_[number].parked) visit(number);
    }
  }

  // Gives the number back. The caller has taken it out of the jobs that have not ended.
  void release(std::uint32_t number);

 private:
  const Limits& limits_;
  jobs::Timers& timers_;
  std::deque<Waiter> waiters_;  // a deque, because timers must not move
  std::vector<std::uint32_t> free_;
  std::size_t parked_ = 0;
};

}  // namespace yard::broker
