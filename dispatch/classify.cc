#include "dispatch/classify.h"

#include <algorithm>

#include "dispatch/wire/message.h"

namespace yard::dispatch {
namespace {

// The longest that a caller of this tool is held.
Millis wait_of(const tools::ToolSpec& spec) {
  if (spec.timeout_class == tools::TimeoutClass::kLong) return Millis::zero();
  if (spec.wait > Millis::zero()) return spec.wait;
  return spec.timeout_class == tools::TimeoutClass::kShort ? kShortWait : kMediumWait;
}

}  // namespace

Plan classify(const tools::ToolSpec& spec, std::uint32_t budget_ms) {
  Plan plan{.kind = spec.kind, .timeout_class = spec.timeout_class, .remember = !spec.read_only};
  if (spec.kind == tools::ToolKind::kJob) {
    const Millis stated = budget_ms == wire::kBudgetOfClass ? kUnstatedWaitMax : Millis(budget_ms);
    plan.hold = std::min(wait_of(spec), stated);
  }
  return plan;
}

}  // namespace yard::dispatch
