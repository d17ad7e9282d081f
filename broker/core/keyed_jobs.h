// KeyedJobs: which live job has a caller's key.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "jobs/job.h"

namespace yard::broker {

// A key is its principal's and its tool's. Only jobs that have one are in here: no more than there are live ones.
// Threads: one.
class KeyedJobs {
 public:
  // Zero where no live job has it.
  [[nodiscard]] JobId find(const jobs::JobOrder& order) const {
    const auto found = jobs_.find(text_of(order.principal, order.tool, order.key));
    return found == jobs_.end() ? JobId() : found->second;
  }

  // The job has its key from now on, whoever had it before.
  void claim(const jobs::Job& job) {
    if (!job.terms().key.empty()) jobs_[text_of(job)] = job.id;
  }

  // The job has ended.
  void release(const jobs::Job& job) {
    if (job.terms().key.empty()) return;
    const auto found = jobs_.find(text_of(job));
    if (found != jobs_.end() && found->second == job.id) jobs_.erase(found);
  }

 private:
  static std::string text_of(std::string_view principal, std::string_view tool, std::string_view key) {
    return std::string(principal) + '\0' + std::string(tool) + '\0' + std::string(key);
  }
  static std::string text_of(const jobs::Job& job) { return text_of(job.principal, job.tool, job.terms().key); }

  std::unordered_map<std::string, JobId> jobs_;
};

}  // namespace yard::broker
