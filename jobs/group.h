// Group: a named limit on how many jobs run at once, and how often one may begin.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/clock.h"

namespace yard::jobs {

// Zero: no limit.
struct GroupPolicy {
  std::uint32_t concurrency = 0;  // jobs at once
  double rate_per_s = 0;          // jobs that may begin, in the long run
  std::uint32_t burst = 1;        // of them at once, after a pause

  [[nodiscard]] bool limits() const { return concurrency > 0 || rate_per_s > 0; }
};

// The token bucket is a moment, not a count, so that nothing has to refill it. A start fills it.
// Source: the generic cell rate algorithm, ITU-T I.371.
// Threads: one.
class Group {
 public:
  Group(std::string name, const GroupPolicy& policy) : name_(std::move(name)) { set_policy(policy); }

  // What runs already goes on beyond a smaller limit.
  void set_policy(const GroupPolicy& policy);

  // With its kind: "tool render", "tenant bob", "group gpu", "key render/model-x".
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const GroupPolicy& policy() const { return policy_; }
  [[nodiscard]] std::uint32_t held() const { return held_; }

  [[nodiscard]] bool full() const { return policy_.concurrency != 0 && held_ >= policy_.concurrency; }

  // When its rate lets the next job begin; not after `now` where it may.
  [[nodiscard]] SteadyTime open_at() const { return filled_at_ - interval_ * (policy_.burst - 1); }

  void take(SteadyTime now);
  void release();

  // Nothing runs and the bucket is full: a new one would be the same.
  [[nodiscard]] bool idle(SteadyTime now) const { return held_ == 0 && filled_at_ <= now; }

  std::size_t lanes = 0;  // of the ready queue that refer to it

 private:
  const std::string name_;
  GroupPolicy policy_;
  Nanos interval_{};        // between two tokens
  SteadyTime filled_at_{};  // when the bucket is full again
  std::uint32_t held_ = 0;
};

}  // namespace yard::jobs
