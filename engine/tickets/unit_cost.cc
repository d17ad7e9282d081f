#include "engine/tickets/unit_cost.h"

#include <algorithm>

namespace yard::tickets {
namespace {

// Readings of the clock cost some 100 ns in all: less than a hundredth of runs of 100 ns.
constexpr std::uint32_t kRunsPerLook = 128;

// Long enough to be told from the clock's own cost, short enough to be done alone.
constexpr double kSampleNs = 1'000;

// A result that crosses to the committer's core costs about this much more than one that stays.
constexpr double kUnitNsMin = 40;

// Below it telling the others and hearing from them again takes as long as the work.
constexpr double kRunNsMin = 4'000;

// A claim costs a crossing or two of 100 to 300 ns. A long one keeps the committer waiting at the end.
constexpr double kClaimNs = 4'000;
constexpr std::uint32_t kClaimsPerWorker = 8;

// Sharing has to win at least this much to be kept up.
constexpr double kSharedWorth = 0.97;
constexpr std::uint32_t kPenaltyMin = 64;
constexpr std::uint32_t kPenaltyMax = 4'096;

}  // namespace

std::uint32_t UnitCost::claim(std::uint32_t count, unsigned workers) {
  if (runs_alone_ > 0) return --runs_alone_, 0;
  if (alone_ns_ < kUnitNsMin || alone_ns_ * count < kRunNsMin) return 0;
  const std::uint32_t fair = std::max(1u, count / (workers * kClaimsPerWorker));
  return std::clamp(static_cast<std::uint32_t>(kClaimNs / alone_ns_), 1u, fair);
}

bool UnitCost::look() {
  if (runs_to_look_-- > 0) return false;
  runs_to_look_ = kRunsPerLook - 1;
  return true;
}

std::uint32_t UnitCost::sample() const {
  return alone_ns_ > 0 ? static_cast<std::uint32_t>(std::clamp(kSampleNs / alone_ns_, 1.0, kSampleNs)) : 1;
}

void UnitCost::record_alone(std::uint32_t units, Nanos time) {
  const double unit = std::max(static_cast<double>(time.count()) / units, 0.1);
  alone_ns_ = alone_ns_ > 0 ? (alone_ns_ + unit) / 2 : unit;
}

void UnitCost::record_shared(std::uint32_t units, Nanos time) {
  if (static_cast<double>(time.count()) < alone_ns_ * units * kSharedWorth) {
    penalty_ = 0;
    return;
  }
  penalty_ = std::clamp(penalty_ * 2, kPenaltyMin, kPenaltyMax);
  runs_alone_ = penalty_;
}

Nanos UnitCost::estimate(std::uint32_t count) const {
  return Nanos(static_cast<Nanos::rep>(std::min(alone_ns_ * count, 1e15)));
}

}  // namespace yard::tickets
