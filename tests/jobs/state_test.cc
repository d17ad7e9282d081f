#include "jobs/state.h"

#include <gtest/gtest.h>

#include <set>

namespace yard::jobs {
namespace {

constexpr int kEvents = 16;

TEST(JobState, EveryRowOfTheTableLeadsWhereItSays) {
  std::set<std::pair<JobState, JobEvent>> seen;
  for (const Transition& row : transitions()) {
    EXPECT_EQ(next_state(row.from, row.event), row.to) << name_of(row.from) << " to " << name_of(row.to);
    EXPECT_TRUE(seen.insert({row.from, row.event}).second) << "two rows for one pair from " << name_of(row.from);
  }
  EXPECT_EQ(seen.size(), 28u);
}

TEST(JobState, RefusesEveryPairWithoutARow) {
  std::set<std::pair<JobState, JobEvent>> rows;
  for (const Transition& row : transitions()) rows.insert({row.from, row.event});
  for (std::uint8_t state = 0; state < kJobStates; ++state) {
    for (std::uint8_t event = 0; event < kEvents; ++event) {
      const bool known = rows.contains({JobState{state}, JobEvent{event}});
      EXPECT_EQ(next_state(JobState{state}, JobEvent{event}).has_value(), known)
          << name_of(JobState{state}) << ", event " << int{event};
    }
  }
}

TEST(JobState, TerminalOnesAreFinal) {
  for (const Transition& row : transitions()) EXPECT_FALSE(is_terminal(row.from)) << name_of(row.from);
  for (const JobState state : {JobState::kSucceeded, JobState::kFailed, JobState::kCancelled, JobState::kExpired})
    EXPECT_TRUE(is_terminal(state)) << name_of(state);
}

TEST(JobState, EveryLiveOneCanReachAnEndAndBeCancelled) {
  for (std::uint8_t number = 0; number < kJobStates; ++number) {
    const JobState state{number};
    if (is_terminal(state) || state == JobState::kCancelling) continue;
    const auto to = next_state(state, JobEvent::kCancel);
    ASSERT_TRUE(to) << name_of(state);
    EXPECT_TRUE(*to == JobState::kCancelled || *to == JobState::kCancelling) << name_of(state);
  }
}

TEST(JobState, NamesAreOneToOne) {
  for (std::uint8_t number = 0; number < kJobStates; ++number)
    EXPECT_EQ(parse_state(name_of(JobState{number})), JobState{number});
  EXPECT_EQ(name_of(JobState::kInputRequired), "input_required");
  for (const std::string_view name : {"", "Queued", "queued ", "done"}) EXPECT_EQ(parse_state(name), std::nullopt);
}

}  // namespace
}  // namespace yard::jobs
