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

// Sharing has to win at least this part of the work to be kept up.
constexpr double kWorthSharing = 0.03;

// What was won or lost fades by this, run by run: some twenty of them count.
constexpr double kFading = 0.95;

// Runs that make up for one that was lost.
constexpr double kAmends = 20;

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
  if (alone_ns_ == 0) {
    alone_ns_ = unit;
    return;
  }
  // A thread that lost its core in the middle seems a thousand times slower; what has become so shows in more looks.
  if (unit > 2 * alone_ns_) runs_to_look_ = 0;
  alone_ns_ = (alone_ns_ + std::min(unit, 2 * alone_ns_)) / 2;
}

void UnitCost::record_shared(std::uint32_t units, Nanos time) {
  const double alone = alone_ns_ * units;
  won_ns_ = won_ns_ * kFading + alone * (1 - kWorthSharing) - static_cast<double>(time.count());
  if (won_ns_ >= 0) return;
  runs_alone_ = static_cast<std::uint32_t>(std::min(kAmends * -won_ns_ / alone + 1, 1e9));
  won_ns_ = 0;
}

Nanos UnitCost::estimate(std::uint32_t count) const {
  return Nanos(static_cast<Nanos::rep>(std::min(alone_ns_ * count, 1e15)));
}

}  // namespace yard::tickets
