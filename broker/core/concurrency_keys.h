// ConcurrencyKeys: the callers' concurrency keys that live jobs have.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "jobs/job.h"

namespace yard::broker {

// Each may need a lane of the ready queue, and a pop looks at every lane with queued jobs: so there is a bound on
// them, wherever their jobs are. A key is its tool's.
// Threads: one.
class ConcurrencyKeys {
 public:
  static std::string text_of(const jobs::JobOrder& order) { return text_of(order.tool, order.concurrency_key); }

  // No live job has the order's key.
  [[nodiscard]] bool is_new(const jobs::JobOrder& order) const {
    return !order.concurrency_key.empty() && !jobs_.contains(text_of(order));
  }

  // Whether there may be so many new ones. Errors: kOverQuota.
  [[nodiscard]] Status check(std::size_t more, std::size_t most) const {
    if (more == 0 || jobs_.size() + more <= most) return {};
    return fail(ErrorCode::kOverQuota, "unfinished jobs have " + std::to_string(jobs_.size()) +
                                           " concurrency keys, the most there may be is " + std::to_string(most));
  }

  void claim(const jobs::Job& job) {
    if (!job.terms().concurrency_key.empty()) ++jobs_[text_of(job.tool, job.terms().concurrency_key)];
  }

  // The job has ended.
  void release(const jobs::Job& job) {
    if (job.terms().concurrency_key.empty()) return;
    const auto found = jobs_.find(text_of(job.tool, job.terms().concurrency_key));
    if (found != jobs_.end() && --found->second == 0) jobs_.erase(found);
  }

 private:
  static std::string text_of(std::string_view tool, std::string_view key) {
    return std::string(tool) + '\0' + std::string(key);
  }

  std::map<std::string, std::size_t> jobs_;  // how many, by key
};

}  // namespace yard::broker
