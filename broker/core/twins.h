// Twins: which job of a deterministic tool has done the same before, or does it now.
#pragma once

#include <unordered_map>

#include "engine/base/bytes.h"
#include "engine/base/hash.h"
#include "jobs/job.h"

namespace yard::broker {

// By principal, tool, version and canonical arguments: a hash, so what is found has to be compared. Everybody has their
// own: that a job was answered at once tells nobody what others have asked. No more entries than jobs that are kept.
// Threads: one.
class Twins {
 public:
  static std::uint64_t key_of(std::string_view principal, std::string_view tool, std::uint32_t version,
                              BytesView canonical) {
    return hash64(canonical, hash64(principal, hash64(tool, version)));
  }

  // Zero where there is none.
  [[nodiscard]] JobId find(std::uint64_t key) const {
    const auto found = jobs_.find(key);
    return found == jobs_.end() ? JobId() : found->second;
  }

  // The newest is the one that is asked for.
  void claim(std::uint64_t key, JobId job) { jobs_[key] = job; }

  void release(std::uint64_t key, JobId job) {
    const auto found = jobs_.find(key);
    if (found != jobs_.end() && found->second == job) jobs_.erase(found);
  }

 private:
  std::unordered_map<std::uint64_t, JobId> jobs_;
};

}  // namespace yard::broker
