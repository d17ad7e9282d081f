#include "jobs/budget.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace yard::jobs {
namespace {

constexpr std::uint64_t kThousandths = 1'000;
constexpr std::uint64_t kCostMaxThousandths = std::uint64_t{1}
                                              << 60;  // far more than any budget; sums of some still fit

}  // namespace

Amounts cost_of(const Amounts& per_second, Nanos time) {
  Amounts cost;
  const double seconds = std::chrono::duration<double>(std::max(time, Nanos::zero())).count();
  for (const auto& [unit, amount] : per_second) {
    const double thousandths = std::ceil(static_cast<double>(amount) * static_cast<double>(kThousandths) * seconds);
    cost[unit] = static_cast<std::uint64_t>(std::min(thousandths, static_cast<double>(kCostMaxThousandths)));
  }
  return cost;
}

Status Budget::check(const Amounts& cost) const {
  for (const auto& [unit, amount] : cost) {
    const auto most = policy_.units.find(unit);
    if (most == policy_.units.end() || amount <= most->second * kThousandths) continue;
    return fail(ErrorCode::kTooLarge, "it may spend " + std::to_string(amount / kThousandths) + " " + unit +
                                          ", and its tenant's budget is " + std::to_string(most->second));
  }
  return {};
}

std::int64_t Budget::window_at(WallTime now) const {
  return std::max<std::int64_t>(window_, now.time_since_epoch() / policy_.window);
}

WallTime Budget::ends_at(WallTime now) const {
  return WallTime(std::chrono::duration_cast<WallTime::duration>(policy_.window * (window_at(now) + 1)));
}

std::uint64_t Budget::left(std::string_view unit, WallTime now) const {
  const std::uint64_t spent = window_at(now) == window_ ? amount_of(spent_, unit) : 0;
  const std::uint64_t taken = spent + amount_of(reserved_, unit);
  return amount_of(policy_.units, unit) * kThousandths - std::min(amount_of(policy_.units, unit) * kThousandths, taken);
}

const std::string* Budget::lacking(const Amounts& cost, WallTime now) const {
  for (const auto& [unit, amount] : cost) {
    if (policy_.units.contains(unit) && amount > left(unit, now)) return &unit;
  }
  return nullptr;
}

void Budget::roll(WallTime now) {
  const std::int64_t window = window_at(now);
  if (window != window_) spent_.clear();
  window_ = window;
}

void Budget::reserve(const Amounts& cost, WallTime now) {
  roll(now);
  for (const auto& [unit, amount] : cost) reserved_[unit] += amount;
}

void Budget::settle(const Amounts& reserved, const Amounts& spent, WallTime now) {
  roll(now);
  for (const auto& [unit, amount] : reserved) {
    YARD_CHECK(amount_of(reserved_, unit) >= amount);
    reserved_[unit] -= amount;
  }
  for (const auto& [unit, amount] : spent) spent_[unit] += amount;
}

// Windows may be longer or shorter since.
void Budget::restore(std::chrono::seconds began, Amounts spent) {
  window_ = began / policy_.window;
  spent_ = std::move(spent);
}

}  // namespace yard::jobs
