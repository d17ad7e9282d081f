// STATUS, LIST, WAIT, WHY, TOOLS, STATS.
#include <gtest/gtest.h>

#include <set>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

CoreOptions one_slot() {
  CoreOptions options;
  options.limits.prefetch_max = 0;
  return options;
}

json ids_of(std::initializer_list<JobId> ids) {
  json list = json::array();
  for (const JobId id : ids) list.push_back(hex_of(id));
  return list;
}

// ---- status

TEST(CoreStatus, ShowsProgressWhileItRuns) {
  Harness harness;
  const JobId id = harness.submit();
  EXPECT_FALSE(harness.status(id).contains("progress"));
  harness.begin(id);
  harness.report(id, jobs::Progressed{25, "a quarter"});
  const json status = harness.status(id);
  EXPECT_EQ(status["progress"], json({{"percent", 25.0}, {"message", "a quarter"}}));
  EXPECT_EQ(status["tool"], "work");
  EXPECT_EQ(status["tool_version"], 1);
  EXPECT_EQ(status["priority"], 2);
  EXPECT_EQ(status["stream"]["seq"], 3);
  EXPECT_TRUE(status.contains("created_ms"));
  EXPECT_TRUE(status.contains("started_ms"));
  EXPECT_FALSE(status.contains("ended_ms"));
}

TEST(CoreStatus, OfNothingIsRefused) {
  Harness harness;
  EXPECT_EQ(harness.ask(Verb::kStatus).error(), "bad_request");
  EXPECT_EQ(harness.ask(Verb::kStatus, {{"job_id", 7}}).error(), "bad_request");
  EXPECT_EQ(harness.ask(Verb::kStatus, {{"job_id", std::string(32, '0')}}).error(), "bad_request");
  EXPECT_EQ(harness.ask(Verb::kStatus, {{"job_id", to_hex(harness.fresh_id())}}).error(), "not_found");
  EXPECT_EQ(harness.ask(Verb::kStatus, json::array()).error(), "bad_request");
}

// ---- list

TEST(CoreList, PagesThroughEverythingNewestFirst) {
  Harness harness({.executor_slots = 100});
  std::vector<std::string> expected;
  for (int i = 0; i < 25; ++i) expected.insert(expected.begin(), hex_of(harness.submit()));
  std::vector<std::string> found;
  json asked = {{"limit", 10}};
  for (int page = 0; page < 3; ++page) {
    const Reply reply = harness.ask(Verb::kList, asked);
    ASSERT_EQ(reply.verb(), Verb::kData);
    EXPECT_EQ(reply.body["total"], 25);
    EXPECT_EQ(reply.body["by_state"], json({{"assigned", 25}}));
    for (const json& job : reply.body["jobs"]) found.push_back(job["job_id"]);
    EXPECT_EQ(reply.body.contains("cursor"), page < 2);
    asked["cursor"] = reply.body.value("cursor", "");
  }
  EXPECT_EQ(found, expected);
}

TEST(CoreList, SelectsByStateAndTool) {
  Harness harness({.executor_slots = 100});
  const JobId work = harness.submit("work");
  const JobId slow = harness.submit("slow");
  harness.run(work, {{"answer", 1}});
  const auto listed = [&](const json& body) {
    std::set<std::string> ids;
    const Reply reply = harness.ask(Verb::kList, body);
    for (const json& job : reply.body["jobs"]) {
      EXPECT_FALSE(job.contains("result")) << "LIST leaves it out";
      ids.insert(job["job_id"]);
    }
    return ids;
  };
  EXPECT_EQ(listed({{"state", "succeeded"}}), std::set{hex_of(work)});
  EXPECT_EQ(listed({{"tool", "slow"}}), std::set{hex_of(slow)});
  EXPECT_EQ(listed({{"tool", "slow"}, {"state", "succeeded"}}), std::set<std::string>{});
  EXPECT_EQ(harness.ask(Verb::kList, {{"state", "done"}}).error(), "bad_request");
}

TEST(CoreList, ALongSearchGoesOnFromItsCursor) {
  CoreOptions options;
  options.executor_slots = 100;
  options.limits.list_scan_max = 10;
  Harness harness(options);
  const JobId wanted = harness.submit("slow");
  for (int i = 0; i < 35; ++i) harness.submit("work");
  json asked = {{"tool", "slow"}};
  int pages = 0;
  Reply reply;
  do {
    reply = harness.ask(Verb::kList, asked);
    asked["cursor"] = reply.body.value("cursor", "");
    ++pages;
  } while (reply.body["jobs"].empty() && pages < 10);
  EXPECT_EQ(pages, 4);
  EXPECT_EQ(reply.body["jobs"][0]["job_id"], hex_of(wanted));
}

TEST(CoreList, ACursorWhoseJobIsGoneSaysSo) {
  CoreOptions options;
  options.limits.ended_count_max = 1;
  Harness harness(options);
  const JobId first = harness.submit();
  harness.run(first);
  const JobId second = harness.submit();
  harness.run(second);
  EXPECT_EQ(harness.ask(Verb::kList, {{"cursor", hex_of(first)}}).error(), "not_found");
  EXPECT_EQ(harness.ask(Verb::kList, {{"cursor", "nonsense"}}).error(), "bad_request");
  EXPECT_EQ(harness.ask(Verb::kList, {{"cursor", hex_of(second)}}).body["jobs"].size(), 1u);
}

TEST(CoreList, OutOfRangeLimitsAreClamped) {
  Harness harness({.executor_slots = 100});
  for (int i = 0; i < 3; ++i) harness.submit();
  for (const std::int64_t limit : {std::int64_t{0}, std::int64_t{-5}, INT64_MIN})
    EXPECT_EQ(harness.ask(Verb::kList, {{"limit", limit}}).body["jobs"].size(), 1u);
  EXPECT_EQ(harness.ask(Verb::kList, {{"limit", INT64_MAX}}).body["jobs"].size(), 3u);
}

// ---- wait

TEST(CoreWait, AnyEndsWithTheFirst) {
  Harness harness({.executor_slots = 4});
  const JobId first = harness.submit();
  const JobId second = harness.submit();
  const auto waiting = harness.post(Verb::kWait, {{"job_ids", ids_of({first, second})}});
  EXPECT_FALSE(harness.reply_to(waiting));
  harness.run(second, {{"answer", 2}});
  const auto reply = harness.reply_to(waiting);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body["reason"], "ended");
  ASSERT_EQ(reply->body["ended"].size(), 1u);
  EXPECT_EQ(reply->body["ended"][0]["job_id"], hex_of(second));
  EXPECT_EQ(reply->body["ended"][0]["result"]["answer"], 2);
  EXPECT_EQ(reply->body["pending"], ids_of({first}));
  EXPECT_EQ(reply->body["unknown"], json::array());
  harness.run(first);
  EXPECT_TRUE(harness.replies.empty());
}

TEST(CoreWait, AllEndsWithTheLast) {
  Harness harness({.executor_slots = 4});
  const JobId first = harness.submit();
  const JobId second = harness.submit();
  const auto waiting = harness.post(Verb::kWait, {{"job_ids", ids_of({first, second, first})}, {"mode", "all"}});
  harness.run(first);
  EXPECT_FALSE(harness.reply_to(waiting));
  harness.run(second);
  EXPECT_EQ(harness.reply_to(waiting)->body["ended"].size(), 2u) << "each is told once";
}

TEST(CoreWait, WhatHasEndedAlreadyAnswersAtOnce) {
  Harness harness({.executor_slots = 4});
  const JobId ended = harness.submit();
  const JobId pending = harness.submit();
  harness.run(ended);
  EXPECT_EQ(harness.ask(Verb::kWait, {{"job_ids", ids_of({ended, pending})}}).body["reason"], "ended");
  EXPECT_EQ(harness.ask(Verb::kWait, {{"job_ids", ids_of({ended})}, {"mode", "all"}}).body["reason"], "ended");
}

TEST(CoreWait, LapsesWithItsBudgetAndChangesNothing) {
  Harness harness;
  const JobId id = harness.submit();
  const auto waiting = harness.post(Verb::kWait, {{"job_ids", ids_of({id})}}, {.budget_ms = 500});
  harness.advance(Millis(490));
  EXPECT_FALSE(harness.reply_to(waiting));
  harness.advance(Millis(30));
  const auto reply = harness.reply_to(waiting);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body["reason"], "timeout");
  EXPECT_EQ(reply->body["pending"], ids_of({id}));
  EXPECT_GE(reply->body["elapsed_ms"], 500);
  EXPECT_EQ(harness.state(id), "assigned");
  harness.run(id);
  EXPECT_TRUE(harness.replies.empty());
}

TEST(CoreWait, HoldsForFortyFiveSecondsWhereNothingIsSaid) {
  Harness harness;
  const auto waiting = harness.post(Verb::kWait, {{"job_ids", ids_of({harness.submit()})}});
  harness.advance(Millis(44'900));
  EXPECT_FALSE(harness.reply_to(waiting));
  harness.advance(Millis(200));
  EXPECT_TRUE(harness.reply_to(waiting));
}

TEST(CoreWait, UnknownJobsAreNamed) {
  Harness harness;
  const JobId unknown(harness.fresh_id());
  const Reply reply = harness.ask(Verb::kWait, {{"job_ids", ids_of({unknown})}});
  EXPECT_EQ(reply.body["reason"], "ended") << "there is nothing to wait for";
  EXPECT_EQ(reply.body["unknown"], ids_of({unknown}));
  const JobId known = harness.submit();
  const auto waiting = harness.post(Verb::kWait, {{"job_ids", ids_of({known, unknown})}, {"mode", "all"}});
  EXPECT_FALSE(harness.reply_to(waiting));
  harness.run(known);
  EXPECT_EQ(harness.reply_to(waiting)->body["unknown"], ids_of({unknown}));
}

TEST(CoreWait, RefusesWhatIsNoListOfJobs) {
  Harness harness;
  json many = json::array();
  for (int i = 0; i < 65; ++i) many.push_back(to_hex(harness.fresh_id()));
  for (const json& body : {json::object(), json{{"job_ids", json::array()}}, json{{"job_ids", many}},
                           json{{"job_ids", {"x"}}}, json{{"job_ids", "x"}}}) {
    EXPECT_EQ(harness.ask(Verb::kWait, body).error(), "bad_request") << body;
  }
  many.erase(0);
  EXPECT_EQ(harness.ask(Verb::kWait, {{"job_ids", many}}).verb(), Verb::kData);
  EXPECT_EQ(harness.ask(Verb::kWait, {{"job_ids", many}, {"mode", "some"}}).error(), "bad_request");
}

TEST(CoreWait, BeyondTheWaitersAnswersAtOnce) {
  CoreOptions options;
  options.limits.waiters_max = 1;
  Harness harness(options);
  const JobId id = harness.submit();
  const auto held = harness.post(Verb::kWait, {{"job_ids", ids_of({id})}});
  EXPECT_EQ(harness.ask(Verb::kWait, {{"job_ids", ids_of({id})}}).body["reason"], "timeout");
  harness.run(id);
  EXPECT_TRUE(harness.reply_to(held));
  EXPECT_EQ(harness.ask(Verb::kStats).body["gauges"]["waiters"], 0);
}

TEST(CoreWait, ManyResultsThatFitNoFrameAreLeftToStatus) {
  Harness harness({.executor_slots = 8});
  json ids = json::array();
  for (int i = 0; i < 4; ++i) {
    const JobId id = harness.submit();
    harness.run(id, {{"text", std::string(900'000, 'x')}});
    ids.push_back(hex_of(id));
  }
  const Reply reply = harness.ask(Verb::kWait, {{"job_ids", ids}, {"mode", "all"}});
  int whole = 0;
  for (const json& job : reply.body["ended"]) whole += job.contains("result");
  EXPECT_EQ(whole, 2);
}

// ---- why

TEST(CoreWhy, HasAReasonForEachState) {
  Harness harness(one_slot());
  const auto why = [&](JobId id) { return harness.ask(Verb::kWhy, {{"job_id", hex_of(id)}}).body; };
  const JobId id = harness.submit();
  EXPECT_EQ(why(id)["state"], "assigned");
  EXPECT_EQ(why(id)["reason"], "an executor has it and is about to start it");

  const JobId queued = harness.submit();
  EXPECT_EQ(why(queued)["reason"], "all 1 executor threads are busy");
  EXPECT_EQ(why(queued)["ahead"], 0);
  EXPECT_EQ(why(queued)["running"], 1);
  EXPECT_EQ(why(harness.submit())["ahead"], 1);

  const JobId scheduled = harness.submit("work", {{"delay_ms", 5'000}});
  EXPECT_EQ(why(scheduled)["reason"], "it is due in 5000 ms");

  const JobId blocked = harness.submit("work", {{"after", {hex_of(id), hex_of(queued)}}});
  EXPECT_EQ(why(blocked)["reason"], "it waits for 2 other jobs to end");
  EXPECT_EQ(why(blocked)["waits_for"], ids_of({id, queued}));

  harness.begin(id);
  harness.advance(Millis(100));
  harness.report(id, jobs::Progressed{10, "on it"});
  EXPECT_EQ(why(id)["reason"], "it runs");
  EXPECT_EQ(why(id)["running_ms"], 100);
  EXPECT_EQ(why(id)["message"], "on it");
  harness.cancel(id);
  EXPECT_EQ(why(id)["reason"], "it was told to stop and has not ended yet");
  harness.fail_with(id, ErrorCode::kCancelled);
  EXPECT_EQ(why(id)["reason"], "cancelled: cancelled");
  harness.run(queued);
  EXPECT_EQ(why(queued)["reason"], "it has ended");
  EXPECT_EQ(harness.ask(Verb::kWhy, {{"job_id", to_hex(harness.fresh_id())}}).error(), "not_found");
}

TEST(CoreWhy, NamesTheToolThatRunsOneAtATime) {
  Harness harness({.executor_slots = 4});
  harness.submit("narrow");
  const JobId second = harness.submit("narrow");
  EXPECT_EQ(harness.ask(Verb::kWhy, {{"job_id", hex_of(second)}}).body["reason"],
            "tool narrow runs at most 1 jobs at once, and as many run");
}

TEST(CoreWhy, AJobStoppedBeforeItBeganHasNotRun) {
  Harness harness;
  const JobId id = harness.submit();
  harness.cancel(id);
  const Reply reply = harness.ask(Verb::kWhy, {{"job_id", hex_of(id)}});
  EXPECT_EQ(reply.body["state"], "cancelling");
  EXPECT_FALSE(reply.body.contains("running_ms"));
}

// ---- tools and stats

TEST(CoreTools, AreListedWithoutSchemasAndOneWithThem) {
  Harness harness;
  const json all = harness.ask(Verb::kTools).body["tools"];
  EXPECT_EQ(all.size(), harness.registry.list().size());
  EXPECT_EQ(all[0]["name"], "again");
  EXPECT_FALSE(all[0].contains("arguments"));
  const json one = harness.ask(Verb::kTools, {{"name", "narrow"}}).body["tools"];
  ASSERT_EQ(one.size(), 1u);
  EXPECT_EQ(one[0]["kind"], "job");
  EXPECT_EQ(one[0]["concurrency_max"], 1);
  EXPECT_EQ(one[0]["arguments"], json({{"type", "object"}}));
  EXPECT_EQ(harness.ask(Verb::kTools, {{"name", "nope"}}).error(), "unknown_tool");
}

TEST(CoreStats, CountAndMeasure) {
  Harness harness;
  harness.run(harness.submit());
  harness.submit();
  harness.ask(Verb::kCall, json::object(), {.tool = "echo"});
  const json stats = harness.ask(Verb::kStats).body;
  EXPECT_EQ(stats["counters"]["jobs_submitted"], 2);
  EXPECT_EQ(stats["counters"]["jobs_succeeded"], 1);
  EXPECT_EQ(stats["counters"]["immediate"], 1);
  EXPECT_EQ(stats["gauges"]["jobs"], 2);
  EXPECT_EQ(stats["gauges"]["jobs_live"], 1);
  EXPECT_EQ(stats["gauges"]["jobs_handed_over"], 1);
  EXPECT_EQ(stats["gauges"]["executor_slots"], 1);
  EXPECT_EQ(stats["gauges"]["sessions"], 1);
  EXPECT_EQ(stats["clients"], json({{"test", 1}}));
  EXPECT_EQ(stats["gauges"]["draining"], false);
}

}  // namespace
}  // namespace yard::broker
