// What stays of a job whose result was dropped.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

bool dropped(Harness& harness, JobId id) { return harness.status(id).contains("dropped_ms"); }

TEST(CoreTombstone, SaysHowItEnded) {
  Harness harness({.limits = {.ended_count_max = 0}});
  const JobId id = harness.submit();
  harness.begin(id);
  harness.fail_with(id, ErrorCode::kToolFailed, "a secret");
  const json status = harness.status(id);
  EXPECT_EQ(status["state"], "failed");
  EXPECT_EQ(status["tool"], "work");
  EXPECT_EQ(status["error"]["name"], "tool_failed");
  EXPECT_EQ(status["dropped_ms"], unix_ms(harness.now().wall));
  const json waited = harness.ask(Verb::kWait, {{"job_ids", {hex_of(id)}}}).body;
  EXPECT_EQ(waited["ended"][0]["state"], "failed");
  EXPECT_TRUE(waited["unknown"].empty());
}

TEST(CoreTombstone, TheSameIdIsNotRunAgain) {
  Harness harness({.limits = {.ended_count_max = 0}});
  const JobId id = harness.submit();
  harness.run(id);
  const Asking again{.id = id.value(), .budget_ms = 0, .tool = "work"};
  for (int life = 0; life < 2; ++life) {
    const Reply reply = harness.ask(Verb::kCall, json::object(), again);
    EXPECT_EQ(reply.error(), "gone");
    EXPECT_FALSE(harness.has_work(id));
    EXPECT_EQ(harness.ask(Verb::kCall, {{"other", 1}}, again).error(), "conflict");
    EXPECT_EQ(harness.cancel(id).error(), "gone");
    harness.restart();
  }
}

TEST(CoreTombstone, AJobCanStillWaitForIt) {
  Harness harness({.limits = {.ended_count_max = 0}});
  const JobId good = harness.submit();
  harness.run(good);
  const JobId bad = harness.submit();
  harness.begin(bad);
  harness.fail_with(bad, ErrorCode::kToolFailed);
  const JobId behind_good = harness.submit("work", {{"after", {hex_of(good)}}});
  const JobId behind_bad = harness.submit("work", {{"after", {hex_of(bad)}}});
  EXPECT_TRUE(harness.has_work(behind_good));
  EXPECT_EQ(harness.status(behind_bad)["error"]["name"], "dependency_failed");
}

TEST(CoreTombstone, AreBounded) {
  Harness harness({.limits = {.ended_count_max = 0, .tombstones_max = 2}});
  std::vector<JobId> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(harness.submit());
    harness.run(ids.back());
  }
  EXPECT_EQ(harness.state(ids[0]), "unknown");
  EXPECT_TRUE(dropped(harness, ids[1]));
  EXPECT_TRUE(dropped(harness, ids[2]));
}

}  // namespace
}  // namespace yard::broker
