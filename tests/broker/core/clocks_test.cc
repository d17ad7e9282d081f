// The clocks of a job, each by itself: how long a caller waits, how long it is queued, an attempt runs, all of it may
// take, and its result is kept.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using Names = std::vector<std::string>;

// One executor slot and no prefetch, so that a second job stays queued.
CoreOptions one_slot() {
  CoreOptions options;
  options.limits.prefetch_max = 0;
  return options;
}

bool dropped(Harness& harness, JobId id) { return harness.status(id).contains("dropped_ms"); }

TEST(CoreClock, WaitBudgetIsTheClassesAndLeavesTheJobAlone) {
  Harness harness;
  for (const auto& [tool, hold] : {std::pair{"work", seconds(30)}, {"slow", seconds(45)}, {"long", seconds(0)}}) {
    const auto correlation = harness.post(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = tool});
    if (hold > seconds(0)) {
      harness.advance(hold - Millis(20));
      EXPECT_FALSE(harness.reply_to(correlation)) << tool;
      harness.advance(Millis(40));
    }
    EXPECT_TRUE(harness.reply_to(correlation)) << tool;
  }
}

TEST(CoreClock, QueueTimeToLive) {
  Harness harness(one_slot());
  harness.submit();
  const JobId id = harness.submit("work", {{"queue_ttl_ms", 1'000}});
  harness.advance(Millis(990));
  EXPECT_EQ(harness.state(id), "queued");
  harness.advance(Millis(30));
  EXPECT_EQ(harness.state(id), "expired");
  EXPECT_EQ(harness.status(id)["error"]["name"], "expired");
}

TEST(CoreClock, QueueTimeToLiveDoesNotBoundTheRun) {
  Harness harness;
  const JobId id = harness.submit("work", {{"queue_ttl_ms", 1'000}});
  harness.begin(id);
  harness.advance(seconds(5));
  EXPECT_EQ(harness.state(id), "running");
}

TEST(CoreClock, AttemptTimeoutStopsAndFails) {
  Harness harness;
  const JobId id = harness.submit("work", {{"attempt_timeout_ms", 2'000}});
  harness.advance(seconds(3));
  EXPECT_EQ(harness.state(id), "assigned") << "an attempt counts from its start";
  harness.begin(id);
  harness.advance(Millis(1'990));
  EXPECT_EQ(harness.state(id), "running");
  harness.advance(Millis(30));
  EXPECT_EQ(harness.state(id), "cancelling");
  EXPECT_EQ(harness.stops, std::vector{id});
  harness.fail_with(id, ErrorCode::kCancelled);
  EXPECT_EQ(harness.state(id), "failed");
  EXPECT_EQ(harness.status(id)["error"]["name"], "deadline_exceeded");
}

TEST(CoreClock, AttemptTimeoutIsTheBrokersWhereNobodySays) {
  Harness harness({.executor_slots = 2});
  const JobId shorter = harness.submit("work");
  const JobId longer = harness.submit("long");
  harness.begin(shorter);
  harness.begin(longer);
  harness.advance(minutes(10) + seconds(1));
  harness.hello();
  EXPECT_EQ(harness.state(shorter), "cancelling");
  EXPECT_EQ(harness.state(longer), "running") << "a day, for tools of class long";
}

TEST(CoreClock, DeadlineOfAWaitingJobExpiresIt) {
  Harness harness(one_slot());
  const JobId running = harness.submit();
  for (const json& options : {json{{"deadline_ms", 1'000}}, json{{"deadline_ms", 1'000}, {"delay_ms", 60'000}},
                              json{{"deadline_ms", 1'000}, {"after", {hex_of(running)}}}}) {
    const JobId id = harness.submit("work", options);
    harness.advance(Millis(1'020));
    EXPECT_EQ(harness.state(id), "expired") << options;
  }
}

TEST(CoreClock, DeadlineOfARunningJobStopsIt) {
  Harness harness;
  const JobId id = harness.submit("work", {{"deadline_ms", 1'000}});
  harness.begin(id);
  harness.advance(Millis(1'020));
  EXPECT_EQ(harness.state(id), "cancelling");
  harness.fail_with(id, ErrorCode::kCancelled);
  EXPECT_EQ(harness.state(id), "expired");
}

TEST(CoreClock, DelayedJobsAreQueuedWhenTheyAreDue) {
  Harness harness;
  const JobId id = harness.submit("work", {{"delay_ms", 60'000}});
  EXPECT_EQ(harness.state(id), "scheduled");
  EXPECT_FALSE(harness.has_work(id));
  harness.advance(Millis(59'990));
  EXPECT_FALSE(harness.has_work(id));
  harness.advance(Millis(30));
  EXPECT_TRUE(harness.has_work(id));
  EXPECT_EQ(harness.kinds_of(topic_of(id)), (Names{"scheduled", "queued"}));
}

TEST(CoreClock, ResultTimeToLiveIsTheToolsOrTheCallers) {
  Harness harness;
  const JobId brief = harness.submit("brief");
  harness.run(brief);
  const JobId longer = harness.submit("brief", {{"result_ttl_ms", 3'600'000}});
  harness.run(longer);
  harness.advance(Millis(900));
  EXPECT_FALSE(dropped(harness, brief));
  harness.advance(Millis(200));
  EXPECT_TRUE(dropped(harness, brief));
  harness.advance(minutes(30));
  harness.hello();
  EXPECT_FALSE(dropped(harness, longer)) << "longer than others are kept";
  harness.advance(minutes(31));
  harness.hello();
  EXPECT_TRUE(dropped(harness, longer));
}

TEST(CoreClock, ResultTimeToLiveGoesOnAfterARestart) {
  Harness harness;
  const JobId id = harness.submit("work", {{"result_ttl_ms", 10'000}});
  harness.run(id);
  harness.advance(seconds(6));
  harness.restart();
  harness.advance(seconds(3));
  EXPECT_FALSE(dropped(harness, id));
  harness.advance(seconds(2));
  EXPECT_TRUE(dropped(harness, id));
}

TEST(CoreClock, ResultTimeToLiveDoesNotOverruleTheBounds) {
  Harness harness({.limits = {.ended_count_max = 1}});
  const JobId first = harness.submit("work", {{"result_ttl_ms", 3'600'000}});
  harness.run(first);
  const JobId second = harness.submit("work", {{"result_ttl_ms", 3'600'000}});
  harness.run(second);
  EXPECT_TRUE(dropped(harness, first));
  EXPECT_FALSE(dropped(harness, second));
}

}  // namespace
}  // namespace yard::broker
