// Budget: what the jobs of one tenant may spend in a window of time.
#pragma once

#include <string>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "jobs/resources.h"

namespace yard::jobs {

struct BudgetPolicy {
  Amounts units;  // by name, e.g. "gpu_seconds"; what is not named is not limited
  std::chrono::seconds window = std::chrono::hours(24);
};

// What `per_second` comes to in `time`, in thousandths of a unit, rounded up.
[[nodiscard]] Amounts cost_of(const Amounts& per_second, Nanos time);

// Reserved before a job begins, settled to what it really took when it has ended. A window begins anew at
// multiples of its length in Unix time; a wall clock that is set back gives nothing back.
//
// Units:   costs in thousandths, policies in whole units.
// Threads: one.
class Budget {
 public:
  explicit Budget(BudgetPolicy policy) : policy_(std::move(policy)) {}

  // Whether a window has so much at all. Errors: kTooLarge, naming the unit.
  [[nodiscard]] Status check(const Amounts& cost) const;

  // The first unit of which too little is left; null where `cost` can be reserved.
  [[nodiscard]] const std::string* lacking(const Amounts& cost, WallTime now) const;

  void reserve(const Amounts& cost, WallTime now);
  void settle(const Amounts& reserved, const Amounts& spent, WallTime now);

  // Takes up what was spent before a restart.
  void restore(std::chrono::seconds began, Amounts spent);

  // Neither spent nor reserved; never below 0.
  [[nodiscard]] std::uint64_t left(std::string_view unit, WallTime now) const;

  [[nodiscard]] std::chrono::seconds began() const { return policy_.window * window_; }  // the window, since the epoch
  [[nodiscard]] const Amounts& spent() const { return spent_; }                          // in it
  [[nodiscard]] WallTime ends_at(WallTime now) const;
  [[nodiscard]] const BudgetPolicy& policy() const { return policy_; }

 private:
  [[nodiscard]] std::int64_t window_at(WallTime now) const;
  void roll(WallTime now);

  const BudgetPolicy policy_;
  std::int64_t window_ = 0;  // counted from the epoch
  Amounts spent_;
  Amounts reserved_;
};

}  // namespace yard::jobs
