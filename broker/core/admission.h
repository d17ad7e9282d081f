// Admission: how much work the executor is given ahead of its free threads.
#pragma once

#include <unordered_map>

#include "broker/core/limits.h"
#include "jobs/job.h"

namespace yard::broker {

// A thread should never wait for the core when jobs are short, and no job should sit behind another
// when they are long. So the executor holds one job a thread, and beyond that only as much as its
// threads are thought to finish within a moment, judged by how long each tool took lately.
// Threads: one.
class Admission {
 public:
  Admission(const Limits& limits, std::size_t slots) : limits_(limits), slots_(slots) {}

  // Admits nothing at all.
  [[nodiscard]] bool full() const;

  [[nodiscard]] bool admits(const jobs::Job& job) const;

  // The executor has it / is done with it; `busy` is zero where the handler never ran.
  void hand_over(jobs::Job& job);
  void take_back(jobs::Job& job, Nanos busy);

  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
  [[nodiscard]] std::size_t slots() const { return slots_; }

 private:
  [[nodiscard]] Nanos expected(const jobs::Job& job) const;

  const Limits& limits_;
  const std::size_t slots_;
  std::size_t outstanding_ = 0;
  Nanos backlog_{};
  std::unordered_map<jobs::Name, Nanos> lately_;  // by tool
};

}  // namespace yard::broker
