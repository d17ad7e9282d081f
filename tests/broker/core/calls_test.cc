// CALL of Immediate, Ack and job tools: when the answer comes, and that asking twice is safe.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

TEST(CoreCall, ImmediateAnswersAtOnce) {
  Harness harness;
  const Reply reply = harness.ask(Verb::kCall, {{"text", "hi"}}, {.tool = "echo"});
  EXPECT_EQ(reply.verb(), Verb::kImmediate);
  EXPECT_EQ(reply.body, json({{"text", "hi"}}));
  EXPECT_EQ(reply.header.session, harness.session);
  EXPECT_TRUE(harness.records.empty());
}

TEST(CoreCall, ErrorsOfImmediateToolsAreNacks) {
  Harness harness;
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "fails"}).error(),
            "tool_failed");
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.tool = "huge"}).error(), "too_large");
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.tool = "ecko"}).error(), "unknown_tool");
  const Reply invalid = harness.ask(Verb::kCall, {{"text", 7}}, {.tool = "echo"});
  EXPECT_EQ(invalid.error(), "invalid_arguments");
  EXPECT_EQ(invalid.body["pointer"], "/text");
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.tool = "count"}).error(), "bad_request") << "it needs an id";
}

TEST(CoreCall, AckAnswersForTheDispatchOnly) {
  Harness harness;
  const Reply fine = harness.ask(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "note"});
  EXPECT_EQ(fine.verb(), Verb::kAck);
  EXPECT_EQ(fine.body["ok"], true);
  const Reply failed = harness.ask(Verb::kCall, {{"fail", true}}, {.id = harness.fresh_id(), .tool = "note"});
  EXPECT_EQ(failed.verb(), Verb::kAck);
  const auto told = harness.events_of("l.");
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].body["message"], "note was acknowledged and then failed: tool_failed: noted");
  EXPECT_EQ(harness.core().counters().acks_failed, 1u);
}

TEST(CoreCall, BudgetZeroGetsTheJobAtOnce) {
  Harness harness;
  const Uuid id = harness.fresh_id();
  const Reply reply = harness.ask(Verb::kCall, json::object(), {.id = id, .budget_ms = 0, .tool = "work"});
  ASSERT_EQ(reply.verb(), Verb::kJob);
  EXPECT_EQ(reply.body["job_id"], to_hex(id));
  EXPECT_EQ(reply.body["state"], "queued");
  EXPECT_EQ(reply.body["timeout_class"], "short");
  EXPECT_EQ(reply.body["grade"], "synced");
  EXPECT_EQ(reply.body["stream"]["topic"], "j." + to_hex(id));
  EXPECT_EQ(reply.body["stream"]["epoch"], 1);
  EXPECT_EQ(reply.body["stream"]["seq"], 1) << "the newest event so far";
  EXPECT_TRUE(reply.body["stream"].contains("lsn"));
}

TEST(CoreCall, AResultInTimeIsTheAnswer) {
  Harness harness;
  const JobId id(harness.fresh_id());
  const auto correlation = harness.post(Verb::kCall, json::object(), {.id = id.value(), .tool = "work"});
  EXPECT_FALSE(harness.reply_to(correlation));
  harness.begin(id);
  harness.advance(seconds(29));
  EXPECT_FALSE(harness.reply_to(correlation));
  harness.succeed(id, {{"answer", 42}});
  const auto reply = harness.reply_to(correlation);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->verb(), Verb::kResult);
  EXPECT_EQ(reply->body["state"], "succeeded");
  EXPECT_EQ(reply->body["result"], json({{"answer", 42}}));
  EXPECT_EQ(reply->body["attempt"], 1);
  EXPECT_EQ(reply->body["ended_ms"].get<std::int64_t>() - reply->body["started_ms"].get<std::int64_t>(), 29'000);
}

TEST(CoreCall, AFailureInTimeIsAResultToo) {
  Harness harness;
  const JobId id(harness.fresh_id());
  const auto correlation = harness.post(Verb::kCall, json::object(), {.id = id.value(), .tool = "work"});
  harness.begin(id);
  harness.fail_with(id, ErrorCode::kToolFailed, "no such note");
  const auto reply = harness.reply_to(correlation);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->verb(), Verb::kResult);
  EXPECT_EQ(reply->body["state"], "failed");
  EXPECT_EQ(reply->body["error"]["message"], "no such note");
  EXPECT_FALSE(reply->body.contains("result"));
}

TEST(CoreCall, AWaitThatLapsesGetsTheJobAndLeavesItAlone) {
  Harness harness;
  const JobId id(harness.fresh_id());
  const auto correlation =
      harness.post(Verb::kCall, json::object(), {.id = id.value(), .budget_ms = 1'000, .tool = "work"});
  harness.begin(id);
  harness.advance(Millis(990));
  EXPECT_FALSE(harness.reply_to(correlation));
  harness.advance(Millis(30));
  const auto reply = harness.reply_to(correlation);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->verb(), Verb::kJob);
  EXPECT_EQ(reply->body["state"], "running");
  EXPECT_EQ(harness.core().counters().waits_lapsed, 1u);
  EXPECT_TRUE(harness.stops.empty());
  harness.succeed(id);
  EXPECT_EQ(harness.state(id), "succeeded");
  EXPECT_TRUE(harness.replies.empty()) << "one request, one reply";
}

TEST(CoreCall, TheSameIdIsTheSameJob) {
  Harness harness;
  const Uuid id = harness.fresh_id();
  const Asking asking{.id = id, .budget_ms = 0, .tool = "work"};
  EXPECT_EQ(harness.ask(Verb::kCall, {{"n", 1}}, asking).verb(), Verb::kJob);
  const Reply again = harness.ask(Verb::kCall, {{"n", 1}}, asking);
  EXPECT_EQ(again.verb(), Verb::kJob);
  EXPECT_EQ(again.body["job_id"], to_hex(id));
  EXPECT_EQ(harness.core().counters().jobs_submitted, 1u);
  EXPECT_EQ(harness.core().counters().replayed_answers, 1u);
  harness.run(JobId(id), {{"answer", 1}});
  const Reply ended = harness.ask(Verb::kCall, {{"n", 1}}, asking);
  EXPECT_EQ(ended.verb(), Verb::kResult);
  EXPECT_EQ(ended.body["result"]["answer"], 1);
  EXPECT_EQ(harness.works.size(), 0u) << "never run twice";
}

TEST(CoreCall, ASecondCallerIsHeldOnTheSameJob) {
  Harness harness;
  const JobId id(harness.fresh_id());
  const auto first = harness.post(Verb::kCall, json::object(), {.id = id.value(), .tool = "work"});
  const auto second = harness.post(Verb::kCall, json::object(), {.id = id.value(), .tool = "work"});
  harness.run(id);
  EXPECT_EQ(harness.reply_to(first)->verb(), Verb::kResult);
  EXPECT_EQ(harness.reply_to(second)->verb(), Verb::kResult);
}

TEST(CoreCall, TheSameIdWithAnotherBodyToolOrOptionsIsAConflict) {
  Harness harness;
  const Uuid id = harness.fresh_id();
  harness.ask(Verb::kCall, {{"n", 1}}, {.id = id, .budget_ms = 0, .tool = "work"});
  EXPECT_EQ(harness.ask(Verb::kCall, {{"n", 2}}, {.id = id, .tool = "work"}).error(), "conflict");
  EXPECT_EQ(harness.ask(Verb::kCall, {{"n", 1}}, {.id = id, .tool = "slow"}).error(), "conflict");
  EXPECT_EQ(harness.ask(Verb::kCall, {{"n", 1}}, {.id = id, .tool = "work", .options = {{"deadline_ms", 1}}}).error(),
            "conflict");
}

TEST(CoreCall, AMutationIsAnsweredFromMemoryTheSecondTime) {
  Harness harness;
  const Uuid id = harness.fresh_id();
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = id, .tool = "count"}).body["count"], 1);
  const Reply again = harness.ask(Verb::kCall, json::object(), {.id = id, .tool = "count"});
  EXPECT_EQ(again.verb(), Verb::kImmediate);
  EXPECT_EQ(again.body["count"], 1);
  EXPECT_EQ(harness.counted, 1);
  EXPECT_EQ(harness.ask(Verb::kCall, {{"n", 2}}, {.id = id, .tool = "count"}).error(), "conflict");
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "count"}).body["count"], 2);

  const Uuid ack = harness.fresh_id();
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = ack, .tool = "note"}).verb(), Verb::kAck);
  EXPECT_EQ(harness.noted, 1);
}

TEST(CoreCall, AFailedMutationMayBeTriedAgain) {
  Harness harness;
  const Uuid id = harness.fresh_id();
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = id, .tool = "fails"}).error(), "tool_failed");
  EXPECT_EQ(harness.counted, 2);
}

TEST(CoreCall, RememberedAnswersAreBounded) {
  CoreOptions options;
  options.limits.replies_count_max = 2;
  Harness harness(options);
  const Uuid first = harness.fresh_id();
  harness.ask(Verb::kCall, json::object(), {.id = first, .tool = "count"});
  for (int i = 0; i < 2; ++i) harness.ask(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "count"});
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = first, .tool = "count"}).body["count"], 4);
}

TEST(CoreCall, BeyondTheLiveJobsTheQueueIsFull) {
  CoreOptions options;
  options.limits.jobs_live_max = 2;
  Harness harness(options);
  const JobId first = harness.submit();
  harness.submit();
  const Reply full = harness.ask(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "work"});
  EXPECT_EQ(full.error(), "queue_full");
  EXPECT_EQ(full.body["retry_after_ms"], 250);
  EXPECT_EQ(full.body["retryable"], true);
  EXPECT_EQ(harness.core().counters().jobs_refused, 1u);
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = first.value(), .budget_ms = 0, .tool = "work"}).verb(),
            Verb::kJob)
      << "what was accepted before is still known";
  harness.run(first);
  harness.submit();
}

TEST(CoreCall, BeyondTheirBytesTheQueueIsFull) {
  CoreOptions options;
  options.limits.jobs_bytes_max = 100;
  Harness harness(options);
  const Asking asking{.id = harness.fresh_id(), .budget_ms = 0, .tool = "work"};
  EXPECT_EQ(harness.ask(Verb::kCall, {{"text", std::string(60, 'x')}}, asking).verb(), Verb::kJob);
  EXPECT_EQ(
      harness.ask(Verb::kCall, {{"text", std::string(60, 'x')}}, {.id = harness.fresh_id(), .tool = "work"}).error(),
      "queue_full");
  harness.run(JobId(asking.id));
  EXPECT_EQ(harness.core().jobs().live_bytes(), 0u);
}

TEST(CoreCall, BeyondTheWaitersNobodyIsHeld) {
  CoreOptions options;
  options.limits.waiters_max = 1;
  Harness harness(options);
  const auto held = harness.post(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "work"});
  EXPECT_FALSE(harness.reply_to(held));
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "work"}).verb(), Verb::kJob);
}

TEST(CoreCall, AResultThatNoFrameHoldsFailsTheJob) {
  CoreOptions options;
  options.limits.result_bytes_max = 100;
  Harness harness(options);
  const JobId id = harness.submit();
  harness.run(id, {{"text", std::string(200, 'x')}});
  EXPECT_EQ(harness.state(id), "failed");
  EXPECT_EQ(harness.status(id)["error"]["name"], "too_large");
}

TEST(CoreCall, QueriesAreToolsToo) {
  Harness harness;
  const JobId id = harness.submit();
  const auto call = [&](const char* tool, const json& arguments) {
    return harness.ask(Verb::kCall, arguments, {.tool = tool});
  };
  const Reply status = call("job_status", {{"job_id", hex_of(id)}});
  EXPECT_EQ(status.verb(), Verb::kImmediate);
  EXPECT_EQ(status.body["state"], "assigned");
  EXPECT_EQ(call("job_list", json::object()).body["jobs"].size(), 1u);
  EXPECT_EQ(call("job_why", {{"job_id", hex_of(id)}}).body["state"], "assigned");
  EXPECT_EQ(call("job_poll", {{"job_ids", {hex_of(id)}}, {"timeout_ms", 0}}).body["reason"], "timeout");
  EXPECT_EQ(call("job_poll", {{"job_ids", {hex_of(id)}}, {"timeout_ms", -5}}).body["reason"], "timeout");
  const auto polling =
      harness.post(Verb::kCall, {{"job_ids", {hex_of(id)}}, {"timeout_ms", 3'600'000}}, {.tool = "job_poll"});
  harness.advance(seconds(31));
  const auto polled = harness.reply_to(polling);
  ASSERT_TRUE(polled) << "30 s at most";
  EXPECT_EQ(polled->verb(), Verb::kImmediate);
  EXPECT_EQ(call("job_cancel", {{"job_id", hex_of(id)}}).body["state"], "cancelling");
  EXPECT_EQ(call("job_status", {{"job_id", "x"}}).error(), "bad_request");
}

TEST(CoreCall, ControlAndRequestsAnswerWhereTheyWereAsked) {
  Harness harness;
  const JobId id = harness.submit();
  const Reply reply = harness.ask(Verb::kCancel, {{"job_id", hex_of(id)}}, {.lane = Lane::kControl});
  EXPECT_EQ(reply.to.lane, Lane::kControl);
}

}  // namespace
}  // namespace yard::broker
