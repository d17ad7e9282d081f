#include "dispatch/classify.h"

#include <gtest/gtest.h>

#include "dispatch/wire/message.h"

namespace yard::dispatch {
namespace {

using tools::TimeoutClass;
using tools::ToolKind;

constexpr std::uint32_t kOfClass = wire::kBudgetOfClass;

struct Row {
  ToolKind kind;
  TimeoutClass timeout_class;
  std::uint32_t wait_ms;    // the tool's own
  std::uint32_t budget_ms;  // the caller's
  std::uint32_t hold_ms;
};

constexpr Row kRows[] = {
    // Only a job holds its caller.
    {ToolKind::kImmediate, TimeoutClass::kShort, 0, kOfClass, 0},
    {ToolKind::kImmediate, TimeoutClass::kMedium, 0, 1'000, 0},
    {ToolKind::kImmediate, TimeoutClass::kLong, 500, 1'000, 0},
    {ToolKind::kAck, TimeoutClass::kShort, 0, kOfClass, 0},
    {ToolKind::kAck, TimeoutClass::kMedium, 500, 1'000, 0},
    {ToolKind::kAck, TimeoutClass::kLong, 0, 0, 0},
    // Short: 30 s, or less where the caller says so.
    {ToolKind::kJob, TimeoutClass::kShort, 0, kOfClass, 30'000},
    {ToolKind::kJob, TimeoutClass::kShort, 0, 0, 0},
    {ToolKind::kJob, TimeoutClass::kShort, 0, 1, 1},
    {ToolKind::kJob, TimeoutClass::kShort, 0, 29'999, 29'999},
    {ToolKind::kJob, TimeoutClass::kShort, 0, 30'001, 30'000},
    {ToolKind::kJob, TimeoutClass::kShort, 0, kOfClass - 1, 30'000},
    // Medium: 120 s for who states as much, else 45 s.
    {ToolKind::kJob, TimeoutClass::kMedium, 0, kOfClass, 45'000},
    {ToolKind::kJob, TimeoutClass::kMedium, 0, 0, 0},
    {ToolKind::kJob, TimeoutClass::kMedium, 0, 60'000, 60'000},
    {ToolKind::kJob, TimeoutClass::kMedium, 0, 120'001, 120'000},
    // Long: never.
    {ToolKind::kJob, TimeoutClass::kLong, 0, kOfClass, 0},
    {ToolKind::kJob, TimeoutClass::kLong, 0, 600'000, 0},
    {ToolKind::kJob, TimeoutClass::kLong, 5'000, 600'000, 0},
    // A tool's own wait replaces its class's, not the caller's.
    {ToolKind::kJob, TimeoutClass::kShort, 2'000, kOfClass, 2'000},
    {ToolKind::kJob, TimeoutClass::kShort, 2'000, 1'000, 1'000},
    {ToolKind::kJob, TimeoutClass::kShort, 90'000, kOfClass, 45'000},
    {ToolKind::kJob, TimeoutClass::kMedium, 90'000, 100'000, 90'000},
};

TEST(Classify, HoldsByKindClassAndBudget) {
  for (const Row& row : kRows) {
    tools::ToolSpec spec;
    spec.kind = row.kind;
    spec.timeout_class = row.timeout_class;
    spec.wait = Millis(row.wait_ms);
    const Plan plan = classify(spec, row.budget_ms);
    EXPECT_EQ(plan.kind, row.kind);
    EXPECT_EQ(plan.timeout_class, row.timeout_class);
    EXPECT_EQ(plan.hold, Millis(row.hold_ms))
        << name_of(row.kind) << " " << name_of(row.timeout_class) << ", budget " << row.budget_ms;
  }
}

TEST(Classify, RemembersWhatMayChangeSomething) {
  tools::ToolSpec spec;
  EXPECT_TRUE(classify(spec, 0).remember);
  spec.read_only = true;
  EXPECT_FALSE(classify(spec, 0).remember);
}

}  // namespace
}  // namespace yard::dispatch
