// classify: how a call of a tool is answered. Pure: the same tool and request give the same plan.
#pragma once

#include <cstdint>

#include "engine/base/clock.h"
#include "tools/tool.h"

namespace yard::dispatch {

// Source: the dispatch seed's timeout classes. 45 s because common MCP clients give up at 60.
inline constexpr Millis kShortWait = std::chrono::seconds(30);
inline constexpr Millis kMediumWait = std::chrono::seconds(120);
inline constexpr Millis kUnstatedWaitMax = std::chrono::seconds(45);

struct Plan {
  tools::ToolKind kind = tools::ToolKind::kImmediate;
  tools::TimeoutClass timeout_class = tools::TimeoutClass::kShort;
  Millis hold{};          // how long the caller waits for a job's result before it gets the job_id
  bool remember = false;  // a mutation: the same id gets the same answer
};

// `budget_ms`: what the caller is ready to wait; wire::kBudgetOfClass where it leaves that to the tool.
// The wait never changes the job.
[[nodiscard]] Plan classify(const tools::ToolSpec& spec, std::uint32_t budget_ms);

}  // namespace yard::dispatch
