#include "jobs/group.h"

#include <algorithm>

#include "engine/base/check.h"

namespace yard::jobs {
namespace {

Nanos interval_of(const GroupPolicy& policy) {
  constexpr double kSecond = 1e9;
  return policy.rate_per_s > 0 ? Nanos(static_cast<std::int64_t>(kSecond / policy.rate_per_s)) : Nanos::zero();
}

}  // namespace

void Group::set_policy(const GroupPolicy& policy) {
  YARD_CHECK(policy.burst > 0);
  policy_ = policy;
  interval_ = interval_of(policy);
}

void Group::take(SteadyTime now) {
  ++held_;
  if (interval_ > Nanos::zero()) filled_at_ = std::max(filled_at_, now) + interval_;
}

void Group::release() {
  YARD_CHECK(held_ > 0);
  --held_;
}

}  // namespace yard::jobs
