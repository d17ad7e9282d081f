// Nothing is said before it is written; and draining.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

TEST(CoreGate, NoReplyEventOrStartBeforeItsRecordIsCommitted) {
  Harness harness({}, Harness::Commits::kByHand);
  const JobId id(harness.fresh_id());
  const auto correlation =
      harness.post(Verb::kCall, json::object(), {.id = id.value(), .budget_ms = 0, .tool = "work"});
  EXPECT_FALSE(harness.records.empty());
  EXPECT_TRUE(harness.replies.empty());
  EXPECT_TRUE(harness.events.empty());
  EXPECT_TRUE(harness.works.empty());
  harness.commit();
  EXPECT_EQ(harness.reply_to(correlation)->verb(), Verb::kJob);
  EXPECT_EQ(harness.events_of(topic_of(id)).size(), 1u);
  EXPECT_TRUE(harness.has_work(id));

  harness.begin(id);
  harness.commit();
  harness.events.clear();
  harness.succeed(id);
  EXPECT_TRUE(harness.events.empty()) << "the end is not told either";
  harness.commit();
  EXPECT_EQ(harness.kinds_of(topic_of(id)), std::vector<std::string>{"complete"});
}

TEST(CoreGate, ImmediateAnswersAndRefusalsNeedNoRecord) {
  Harness harness({}, Harness::Commits::kByHand);
  harness.submit();
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.tool = "echo"}).verb(), Verb::kImmediate);
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.tool = "nope"}).error(), "unknown_tool");
  EXPECT_EQ(harness.ask(Verb::kPing).verb(), Verb::kPong);
}

TEST(CoreGate, AQueryDoesNotTellWhatIsNotWritten) {
  Harness harness({}, Harness::Commits::kByHand);
  const JobId id = harness.submit();
  const auto asked = harness.post(Verb::kStatus, {{"job_id", hex_of(id)}});
  EXPECT_FALSE(harness.reply_to(asked));
  harness.commit();
  EXPECT_TRUE(harness.reply_to(asked));
}

TEST(CoreGate, EffectsLeaveInTheirOrderAndOnlyAsFarAsCommitted) {
  Harness harness({.executor_slots = 4}, Harness::Commits::kByHand);
  const JobId first = harness.submit();
  const jobs::LogPosition position = harness.appended;
  const JobId second = harness.submit();
  harness.core().on_commit({.outcome = jobs::CommitOutcome::kCommitted, .position = position});
  harness.settle();
  EXPECT_TRUE(harness.has_work(first));
  EXPECT_FALSE(harness.has_work(second));
  harness.commit();
  EXPECT_TRUE(harness.has_work(second));
  std::uint64_t lsn = 0;
  for (const Published& event : harness.events) {
    EXPECT_GE(event.header.lsn, lsn);
    lsn = event.header.lsn;
  }
}

TEST(CoreGate, AFullLogRefusesNewJobsUntilThereIsSpace) {
  Harness harness({}, Harness::Commits::kByHand);
  const auto waiting =
      harness.post(Verb::kCall, json::object(), {.id = harness.fresh_id(), .budget_ms = 0, .tool = "work"});
  harness.core().on_commit({.outcome = jobs::CommitOutcome::kFull, .position = 0});
  const Asking asking{.id = harness.fresh_id(), .budget_ms = 0, .tool = "work"};
  const Reply refused = harness.ask(Verb::kCall, json::object(), asking);
  EXPECT_EQ(refused.error(), "queue_full");
  EXPECT_EQ(refused.body["retry_after_ms"], 250);
  EXPECT_TRUE(harness.core().fatal().empty());
  Asking nothing_kept = asking;
  nothing_kept.options = {{"grade", "volatile"}};
  const auto taken = harness.post(Verb::kCall, json::object(), nothing_kept);
  harness.commit();
  EXPECT_EQ(harness.reply_to(waiting)->verb(), Verb::kJob) << "what was taken before the disk was full is kept";
  EXPECT_EQ(harness.reply_to(taken)->body["grade"], "volatile");
  harness.submit();
  harness.commit();
  EXPECT_EQ(harness.core().jobs().size(), 3u);
}

TEST(CoreGate, ALogThatIsLostStopsTheBroker) {
  for (const auto outcome : {jobs::CommitOutcome::kFenced, jobs::CommitOutcome::kUnknown}) {
    Harness harness({}, Harness::Commits::kByHand);
    harness.submit();
    EXPECT_TRUE(harness.core().fatal().empty());
    harness.core().on_commit({.outcome = outcome, .position = 0});
    harness.settle();
    EXPECT_FALSE(harness.core().fatal().empty());
    EXPECT_TRUE(harness.replies.empty());
    EXPECT_TRUE(harness.works.empty());
  }
}

// ---- drain

TEST(CoreDrain, WithNothingToDoEndsAtOnce) {
  Harness harness;
  EXPECT_FALSE(harness.core().drained(harness.now()));
  EXPECT_EQ(harness.ask(Verb::kDrain, json::object(), {.lane = Lane::kControl}).verb(), Verb::kAck);
  EXPECT_TRUE(harness.core().draining());
  EXPECT_TRUE(harness.core().drained(harness.now()));
  EXPECT_EQ(harness.events.back().header.kind, iopub::EventKind::kFarewell);
  EXPECT_EQ(harness.events.back().topic, "b.");
}

TEST(CoreDrain, TakesNothingNewAndKnowsWhatIsOld) {
  Harness harness;
  const JobId running = harness.submit();
  harness.begin(running);
  harness.core().drain(harness.now());
  harness.settle();
  const Reply refused = harness.ask(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "work"});
  EXPECT_EQ(refused.error(), "draining");
  EXPECT_TRUE(refused.body["retryable"]);
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.id = running.value(), .budget_ms = 0, .tool = "work"}).verb(),
            Verb::kJob);
  EXPECT_EQ(harness.state(running), "running");
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.tool = "echo"}).verb(), Verb::kImmediate);
}

TEST(CoreDrain, KeepsWhatHasNotBegunForTheNextStart) {
  CoreOptions options;
  options.limits.prefetch_max = 0;
  Harness harness(options);
  const JobId running = harness.submit();
  harness.begin(running);
  const JobId queued = harness.submit();
  const auto held = harness.post(Verb::kCall, json::object(), {.id = queued.value(), .tool = "work"});
  harness.core().drain(harness.now());
  harness.settle();
  EXPECT_EQ(harness.state(queued), "queued");
  EXPECT_FALSE(harness.core().drained(harness.now()));
  harness.succeed(running);
  EXPECT_TRUE(harness.core().drained(harness.now()));
  EXPECT_FALSE(harness.has_work(queued));
  EXPECT_EQ(harness.reply_to(held)->verb(), Verb::kJob) << "its caller is not left without an answer";
  harness.restart();
  harness.settle();
  EXPECT_EQ(harness.state(running), "succeeded");
  EXPECT_TRUE(harness.has_work(queued));
}

TEST(CoreDrain, CancelsWhatIsNotKeptAndLetsTheRestFinish) {
  CoreOptions options;
  options.limits.prefetch_max = 0;
  options.strongest = jobs::Grade::kVolatile;
  Harness harness(options);
  const JobId running = harness.submit();
  harness.begin(running);
  const JobId queued = harness.submit();
  const JobId blocked = harness.submit("work", {{"after", {hex_of(queued)}}});
  const JobId scheduled = harness.submit("work", {{"delay_ms", 1'000}});
  harness.core().drain(harness.now());
  harness.settle();
  EXPECT_EQ(harness.state(queued), "cancelled");
  EXPECT_EQ(harness.state(blocked), "failed") << "its parent did not succeed";
  EXPECT_EQ(harness.state(scheduled), "cancelled");
  EXPECT_FALSE(harness.core().drained(harness.now()));
  EXPECT_TRUE(harness.stops.empty());
  harness.succeed(running);
  EXPECT_EQ(harness.state(running), "succeeded");
  EXPECT_TRUE(harness.core().drained(harness.now()));
  EXPECT_EQ(harness.events.back().header.kind, iopub::EventKind::kFarewell) << "the last word";
}

TEST(CoreDrain, StopsWhatRunsAfterItsGrace) {
  Harness harness;
  const JobId running = harness.submit();
  harness.begin(running);
  harness.core().drain(harness.now());
  harness.settle();
  harness.advance(Millis(9'900));
  EXPECT_TRUE(harness.stops.empty());
  harness.advance(Millis(200));
  EXPECT_EQ(harness.stops, std::vector{running});
  harness.fail_with(running, ErrorCode::kCancelled);
  const json status = harness.status(running);
  EXPECT_EQ(status["state"], "cancelled");
  EXPECT_EQ(status["error"]["message"], "cancelled: the broker stops");
  EXPECT_TRUE(harness.core().drained(harness.now()));
}

TEST(CoreDrain, GivesUpOnWhoIgnoresItsStop) {
  Harness harness;
  const JobId running = harness.submit();
  harness.begin(running);
  harness.core().drain(harness.now());
  harness.advance(Millis(14'900));
  EXPECT_FALSE(harness.core().drained(harness.now()));
  harness.advance(Millis(200));
  EXPECT_TRUE(harness.core().drained(harness.now()));
}

TEST(CoreDrain, IsOverOnlyWhenTheFarewellIsOut) {
  Harness harness({}, Harness::Commits::kByHand);
  const JobId running = harness.submit();
  harness.commit();
  harness.begin(running);
  harness.core().drain(harness.now());
  harness.succeed(running);
  EXPECT_FALSE(harness.core().drained(harness.now())) << "the farewell waits behind the last record";
  harness.commit();
  EXPECT_TRUE(harness.core().drained(harness.now()));
  EXPECT_EQ(harness.events.back().header.kind, iopub::EventKind::kFarewell);
}

TEST(CoreDrain, HeldCallersGetTheirAnswer) {
  CoreOptions options;
  options.limits.prefetch_max = 0;
  options.strongest = jobs::Grade::kVolatile;
  Harness harness(options);
  harness.submit();
  const auto held = harness.post(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "work"});
  harness.core().drain(harness.now());
  harness.settle();
  const auto reply = harness.reply_to(held);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->verb(), Verb::kResult);
  EXPECT_EQ(reply->body["state"], "cancelled");
}

}  // namespace
}  // namespace yard::broker
