// Scheduling: what tools need and what tenants may have, as the configuration says.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "jobs/budget.h"
#include "jobs/group.h"
#include "jobs/resources.h"

namespace yard::jobs {

inline constexpr std::uint32_t kCostMax = 100;
inline constexpr std::uint32_t kWeightMax = 1'000;

// Jobs that may take of a resource ahead of one that was there before them and needs more of it than is free. Then what
// gets free is kept for that one. More would let small jobs use what a large one can't yet for longer; fewer would
// leave more of it idle.
inline constexpr std::uint32_t kOvertakenMax = 16;

// What one job of a tool takes.
struct ToolNeeds {
  std::uint32_t cost = 1;           // of its tenant's share: how many plain jobs it counts for, at most kCostMax
  std::vector<std::string> groups;  // that it belongs to; one that the configuration doesn't limit has no limit
  GroupPolicy per_key;              // of the jobs that share a caller's `concurrency_key`
  Amounts resources;                // reserved while it runs
  Amounts spends;                   // units of its tenant's budget, a second
  Millis estimate{};                // what is reserved for: how long it runs; zero: its attempt timeout
};

// A tenant is a principal.
struct TenantPolicy {
  std::uint32_t weight = 1;  // its share of an executor beside the others'
  GroupPolicy group;         // of all its jobs
  BudgetPolicy budget;
};

struct SchedulingPolicy {
  std::map<std::string, TenantPolicy, std::less<>> tenants;
  std::map<std::string, GroupPolicy, std::less<>> groups;
  Amounts resources;  // that there are
};

// The needs of a tool; null where there is no such tool.
using NeedsOf = std::function<const ToolNeeds*(std::string_view tool)>;

}  // namespace yard::jobs
