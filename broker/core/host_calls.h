// HostCalls: which calls of the host wait for which job.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "jobs/job_id.h"

namespace yard::broker {

// Bounded by the host, which has so many calls open at most.
// Threads: one.
class HostCalls {
 public:
  void await(JobId job, const Uuid& call) { calls_[job].push_back(call); }

  // The calls that waited for it.
  [[nodiscard]] std::vector<Uuid> take(JobId job) {
    if (calls_.empty()) return {};
    auto found = calls_.extract(job);
    return found.empty() ? std::vector<Uuid>() : std::move(found.mapped());
  }

  [[nodiscard]] std::size_t size() const { return calls_.size(); }

 private:
  std::unordered_map<JobId, std::vector<Uuid>> calls_;  // several, where equal calls became one job
};

}  // namespace yard::broker
