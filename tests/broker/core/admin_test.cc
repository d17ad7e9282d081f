// PAUSE, RESUME, PURGE, DRAIN of a target and AUDIT; and what a restart keeps of them.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

Reply admin(Harness& harness, Verb verb, const json& body) { return harness.ask(verb, body, {.lane = Lane::kControl}); }

json target(std::string_view tool) { return {{"target", {{"tool", tool}}}, {"reason", "a test"}}; }

CoreOptions roomy() {
  CoreOptions options;
  options.executor_slots = 8;
  return options;
}

TEST(CoreAdmin, OnlyTheControlSocketTakesIt) {
  Harness harness;
  for (const Verb verb : {Verb::kPause, Verb::kResume, Verb::kPurge, Verb::kAudit, Verb::kDrain})
    EXPECT_EQ(harness.ask(verb, target("work")).error(), "unauthorized");
  EXPECT_TRUE(harness.core().admin().pauses().empty());
}

TEST(CoreAdmin, APauseHoldsBackWhatItCoversAndAcceptsIt) {
  Harness harness(roomy());
  const JobId running = harness.submit("work");
  EXPECT_EQ(admin(harness, Verb::kPause, target("work")).verb(), Verb::kAck);
  const JobId paused = harness.submit("work");
  const JobId free = harness.submit("slow");
  EXPECT_FALSE(harness.has_work(paused));
  EXPECT_TRUE(harness.has_work(free));
  harness.run(running);
  EXPECT_EQ(harness.state(running), "succeeded") << "what runs goes on";
  const json why = harness.ask(Verb::kWhy, {{"job_id", hex_of(paused)}}).body;
  EXPECT_EQ(why["reason"], "an administrator paused tool=work");
  EXPECT_EQ(why["limit"]["kind"], "pause");
  EXPECT_EQ(admin(harness, Verb::kResume, target("work")).verb(), Verb::kAck);
  EXPECT_TRUE(harness.has_work(paused));
}

TEST(CoreAdmin, APauseOfEverythingIsOne) {
  Harness harness(roomy());
  admin(harness, Verb::kPause, json::object());
  const JobId job = harness.submit("work");
  EXPECT_FALSE(harness.has_work(job));
  EXPECT_EQ(admin(harness, Verb::kResume, target("work")).error(), "not_found") << "another target";
  admin(harness, Verb::kResume, json::object());
  EXPECT_TRUE(harness.has_work(job));
}

TEST(CoreAdmin, AQueueIsATarget) {
  Harness harness(roomy());
  admin(harness, Verb::kPause, {{"target", {{"queue", "processes"}}}});
  EXPECT_TRUE(harness.has_work(harness.submit("work")));
  admin(harness, Verb::kPause, {{"target", {{"queue", "threads"}, {"tenant", "local"}}}});
  EXPECT_FALSE(harness.has_work(harness.submit("work")));
}

TEST(CoreAdmin, AMisspeltTargetIsRefused) {
  Harness harness;
  for (const json& wrong : {json{{"tool", std::string(129, 't')}}, json{{"tol", "work"}}, json{{"queue", "thread"}},
                            json{{"tool", 1}}, json{{"tool", ""}}, json(1)})
    EXPECT_EQ(admin(harness, Verb::kPause, {{"target", wrong}}).error(), "bad_request") << wrong;
}

TEST(CoreAdmin, PausesAndTheAuditSurviveARestart) {
  Harness harness(roomy());
  admin(harness, Verb::kPause, target("work"));
  admin(harness, Verb::kPause, target("slow"));
  admin(harness, Verb::kResume, target("slow"));
  const JobId paused = harness.submit("work");
  const json before = admin(harness, Verb::kAudit, json::object()).body;
  harness.restart();
  EXPECT_FALSE(harness.has_work(paused));
  EXPECT_TRUE(harness.has_work(harness.submit("slow")));
  const json after = admin(harness, Verb::kAudit, json::object()).body;
  EXPECT_EQ(after, before);
  ASSERT_EQ(after["entries"].size(), 3u);
  EXPECT_EQ(after["entries"][0]["action"], "resume");
  EXPECT_EQ(after["entries"][2]["principal"], "local");
  EXPECT_EQ(after["entries"][2]["reason"], "a test");
  EXPECT_EQ(after["paused"], json::array({{{"tool", "work"}}}));
}

TEST(CoreAdmin, NothingIsAcknowledgedBeforeItIsWritten) {
  Harness harness(roomy(), Harness::Commits::kByHand);
  const std::uint64_t correlation = harness.post(Verb::kPause, target("work"), {.lane = Lane::kControl});
  EXPECT_FALSE(harness.reply_to(correlation));
  harness.commit();
  EXPECT_TRUE(harness.reply_to(correlation));
}

TEST(CoreAdmin, APurgeCancelsWhatWaitsAndNeverWhatRuns) {
  Harness harness;
  const JobId running = harness.submit("work");
  const JobId queued = harness.submit("work");
  const JobId scheduled = harness.submit("work", {{"delay_ms", 1'000}});
  const JobId blocked = harness.submit("work", {{"after", {hex_of(running)}}});
  const JobId other = harness.submit("slow");
  const Reply reply = admin(harness, Verb::kPurge, target("work"));
  EXPECT_EQ(reply.body["purged"], 3);
  EXPECT_FALSE(reply.body.contains("cursor"));
  for (const JobId id : {queued, scheduled, blocked}) {
    EXPECT_EQ(harness.state(id), "cancelled");
    EXPECT_EQ(harness.status(id)["error"]["message"], "cancelled: purged by local: a test");
  }
  EXPECT_EQ(harness.state(running), "assigned");
  EXPECT_EQ(harness.state(other), "queued");
  EXPECT_EQ(admin(harness, Verb::kPurge, json::object()).error(), "bad_request") << "everything has to be meant";
}

TEST(CoreAdmin, APurgeIsDoneInPartsThatAreAudited) {
  CoreOptions options;
  options.limits.purge_count_max = 2;
  Harness harness(options);
  for (int i = 0; i < 6; ++i) harness.submit("work");
  json body = target("work");
  std::vector<int> parts;
  for (;;) {
    const json part = admin(harness, Verb::kPurge, body).body;
    parts.push_back(part["purged"]);
    if (!part.contains("cursor")) break;
    body["cursor"] = part["cursor"];
  }
  EXPECT_EQ(parts, (std::vector<int>{2, 2, 1}));
  const json entries = admin(harness, Verb::kAudit, {{"limit", 2}}).body["entries"];
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(entries[0]["count"], 1);
  EXPECT_EQ(entries[1]["count"], 2);
}

TEST(CoreAdmin, ADrainOfATargetStopsNothing) {
  Harness harness(roomy());
  const JobId running = harness.submit("work");
  EXPECT_EQ(admin(harness, Verb::kDrain, target("work")).verb(), Verb::kAck);
  EXPECT_FALSE(harness.core().draining());
  EXPECT_FALSE(harness.has_work(harness.submit("work")));
  harness.run(running);
  EXPECT_EQ(admin(harness, Verb::kAudit, json::object()).body["entries"][0]["action"], "drain");
  EXPECT_EQ(admin(harness, Verb::kDrain, json::object()).verb(), Verb::kAck);
  EXPECT_TRUE(harness.core().draining()) << "without one it is the broker's";
}

TEST(CoreAdmin, ItIsToldOnTheLog) {
  Harness harness;
  admin(harness, Verb::kPause, target("work"));
  const auto lines = harness.events_of("l.");
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_EQ(lines[0].body["message"], "pause of tool=work by local, jobs: 0, because: a test");
}

TEST(CoreAdmin, TheOldestEntriesGo) {
  Harness harness;
  for (std::size_t i = 0; i < jobs::kAuditKept + 3; ++i) admin(harness, Verb::kPause, target("work"));
  EXPECT_EQ(harness.core().admin().entries().size(), jobs::kAuditKept);
  harness.restart();
  EXPECT_EQ(harness.core().admin().entries().size(), jobs::kAuditKept);
}

TEST(CoreAdmin, TooManyPausesAreRefused) {
  Harness harness;
  for (std::size_t i = 0; i < jobs::kPausesMax; ++i)
    EXPECT_EQ(admin(harness, Verb::kPause, target("tool" + std::to_string(i))).verb(), Verb::kAck);
  EXPECT_EQ(admin(harness, Verb::kPause, target("one_more")).error(), "over_quota");
}

}  // namespace
}  // namespace yard::broker
