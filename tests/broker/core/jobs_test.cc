// The life of a job: cancellation, clocks, parents, retention, reports that come too late.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// One executor slot and no prefetch, so that a second job stays queued.
CoreOptions one_slot() {
  CoreOptions options;
  options.limits.prefetch_max = 0;
  return options;
}

using Names = std::vector<std::string>;

TEST(CoreJob, TellsItsWholeLifeOnItsStream) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  harness.report(id, jobs::Progressed{50, "half"});
  harness.report(id, jobs::Chunked{"abc"});
  harness.report(id, jobs::Logged{"info", "line"});
  harness.report(id, jobs::ArtifactCreated{"\x80"});
  harness.succeed(id, {{"answer", 42}});
  EXPECT_EQ(harness.kinds_of(topic_of(id)),
            (Names{"queued", "running", "progress", "chunk", "log", "artifact", "complete"}));
  const auto events = harness.events_of(topic_of(id));
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].header.seq, i + 1);
    EXPECT_EQ(events[i].header.epoch, 1u);
    EXPECT_EQ(events[i].header.job, id.value());
    EXPECT_GE(events[i].header.lsn, i == 0 ? 1 : events[i - 1].header.lsn);
  }
  EXPECT_EQ(events[2].body, json({{"percent", 50.0}, {"message", "half"}}));
  EXPECT_EQ(events.back().body, json({{"state", "succeeded"}, {"result", {{"answer", 42}}}}));
  EXPECT_EQ(harness.kinds_of("t.local"), (Names{"queued", "running", "artifact", "succeeded"}));
}

TEST(CoreJob, WorkCarriesWhatItTakesToRunIt) {
  Harness harness;
  const JobId id(harness.fresh_id());
  harness.post(Verb::kCall, {{"n", 1}}, {.id = id.value(), .tool = "work"});
  const jobs::Work& work = harness.works.at(id);
  EXPECT_EQ(work.tool, "work");
  EXPECT_EQ(work.tool_version, 1u);
  EXPECT_EQ(PackView(work.arguments).find("n").integer(), 1);
  EXPECT_NE(work.fence, 0u);
}

TEST(CoreJob, WritesExactlyOneTerminalRecord) {
  Harness harness;
  const JobId id = harness.submit();
  harness.run(id);
  std::vector<jobs::RecordKind> kinds;
  ASSERT_TRUE(jobs::each_record(harness.records, [&](const jobs::Record& record) -> Status {
    EXPECT_EQ(record.head.job, id);
    EXPECT_TRUE(check_pack(record.body));
    kinds.push_back(record.head.kind);
    return {};
  }));
  EXPECT_EQ(kinds, (std::vector{jobs::RecordKind::kSubmitted, jobs::RecordKind::kChanged, jobs::RecordKind::kChanged,
                                jobs::RecordKind::kEnded}))
      << "submitted, assigned, running, ended";
}

// ---- cancelling

TEST(CoreCancel, QueuedJobsEndAtOnce) {
  Harness harness(one_slot());
  harness.submit();
  const JobId id = harness.submit();
  EXPECT_EQ(harness.state(id), "queued");
  const Reply reply = harness.cancel(id, "changed my mind");
  EXPECT_EQ(reply.verb(), Verb::kData);
  EXPECT_EQ(reply.body["state"], "cancelled");
  EXPECT_EQ(reply.body["error"]["name"], "cancelled");
  EXPECT_EQ(reply.body["error"]["message"], "cancelled: changed my mind");
  EXPECT_EQ(harness.kinds_of(topic_of(id)), (Names{"queued", "error"}));
  EXPECT_TRUE(harness.stops.empty());
}

TEST(CoreCancel, RunningJobsAreToldToStop) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  const Reply reply = harness.cancel(id);
  EXPECT_EQ(reply.body["state"], "cancelling");
  EXPECT_FALSE(reply.body.contains("error")) << "it has none yet";
  EXPECT_EQ(harness.stops, std::vector{id});
  EXPECT_EQ(harness.cancel(id).body["state"], "cancelling") << "asking twice changes nothing";
  EXPECT_EQ(harness.stops.size(), 1u);
  harness.fail_with(id, ErrorCode::kCancelled);
  EXPECT_EQ(harness.state(id), "cancelled");
  EXPECT_EQ(harness.kinds_of(topic_of(id)), (Names{"queued", "running", "cancelling", "error"}));
}

TEST(CoreCancel, AResultThatCameFirstCounts) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  harness.cancel(id);
  harness.succeed(id, {{"answer", 1}});
  const json status = harness.status(id);
  EXPECT_EQ(status["state"], "succeeded");
  EXPECT_FALSE(status.contains("error"));
}

TEST(CoreCancel, EndedJobsCannotBe) {
  Harness harness;
  const JobId id = harness.submit();
  harness.run(id);
  EXPECT_EQ(harness.cancel(id).error(), "too_late");
  EXPECT_EQ(harness.cancel(JobId(harness.fresh_id())).error(), "not_found");
}

TEST(CoreCancel, AJobThatIgnoresItsStopIsReportedOnce) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  harness.cancel(id);
  harness.advance(seconds(20));
  ASSERT_EQ(harness.logs.size(), 1u);
  EXPECT_NE(harness.logs[0].message.find("ignores its stop"), std::string::npos);
  EXPECT_EQ(harness.state(id), "cancelling");
}

TEST(CoreCancel, AReasonIsCutBetweenCharacters) {
  Harness harness(one_slot());
  harness.submit();
  const JobId id = harness.submit();
  std::string reason = "x";
  for (int i = 0; i < 200; ++i) reason += "\xc3\xa4";
  const Reply reply = harness.cancel(id, reason);  // the harness checks that every reply is well-formed
  EXPECT_EQ(reply.body["error"]["message"].get<std::string>(), "cancelled: " + reason.substr(0, 255));
}

TEST(CoreCancel, TheHeadOfAChainThatRetentionHasNoRoomFor) {
  CoreOptions options = one_slot();
  options.limits.ended_count_max = 1;
  Harness harness(options);
  harness.submit();
  const JobId head = harness.submit();
  const JobId child = harness.submit("work", {{"after", {hex_of(head)}}});
  harness.submit("work", {{"after", {hex_of(child)}}});
  const Reply reply = harness.cancel(head);
  EXPECT_EQ(reply.body["state"], "cancelled");
  EXPECT_EQ(reply.body["job_id"], hex_of(head));
  EXPECT_EQ(harness.core().jobs().live(), 1u);
}

// ---- parents

TEST(CoreParents, AChildWaitsForAllOfThem) {
  Harness harness({.executor_slots = 4});
  const JobId first = harness.submit();
  const JobId second = harness.submit();
  const JobId child = harness.submit("work", {{"after", {hex_of(first), hex_of(second), hex_of(first)}}});
  EXPECT_EQ(harness.state(child), "blocked");
  harness.run(first);
  EXPECT_EQ(harness.state(child), "blocked");
  harness.run(second);
  EXPECT_TRUE(harness.has_work(child));
}

TEST(CoreParents, EndedParentsDoNotBlock) {
  Harness harness;
  const JobId parent = harness.submit();
  harness.run(parent);
  EXPECT_TRUE(harness.has_work(harness.submit("work", {{"after", {hex_of(parent)}}})));
}

TEST(CoreParents, AFailedOneFailsItsChildrenAndTheirs) {
  Harness harness({.executor_slots = 4});
  const JobId parent = harness.submit();
  const JobId child = harness.submit("work", {{"after", {hex_of(parent)}}});
  const JobId grandchild = harness.submit("work", {{"after", {hex_of(child)}}});
  harness.begin(parent);
  harness.fail_with(parent, ErrorCode::kToolFailed);
  for (const JobId id : {child, grandchild}) {
    const json status = harness.status(id);
    EXPECT_EQ(status["state"], "failed");
    EXPECT_EQ(status["error"]["name"], "dependency_failed");
  }
  const JobId late = harness.submit("work", {{"after", {hex_of(parent)}}});
  EXPECT_EQ(harness.state(late), "failed") << "so does one that had failed before";
  EXPECT_EQ(harness.kinds_of(topic_of(late)), (Names{"blocked", "error"}));
}

TEST(CoreParents, WhoGoesOnAnywayDoes) {
  Harness harness({.executor_slots = 4});
  const JobId parent = harness.submit();
  const json options = {{"after", {hex_of(parent)}}, {"on_parent_failure", "continue"}};
  const JobId child = harness.submit("work", options);
  harness.begin(parent);
  harness.fail_with(parent, ErrorCode::kToolFailed);
  EXPECT_TRUE(harness.has_work(child));
  EXPECT_TRUE(harness.has_work(harness.submit("work", options)));
}

TEST(CoreParents, UnknownOnesAreNotFoundAndLeaveNothingBehind) {
  Harness harness;
  const JobId known = harness.submit();
  const Uuid own = harness.fresh_id();
  for (const json& after : {json{hex_of(known), to_hex(harness.fresh_id())}, json{to_hex(own)}}) {
    const Reply reply =
        harness.ask(Verb::kCall, json::object(), {.id = own, .tool = "work", .options = {{"after", after}}});
    EXPECT_EQ(reply.error(), "not_found");
  }
  EXPECT_EQ(harness.core().jobs().size(), 1u);
  harness.run(known);
}

TEST(CoreParents, AVeryLongChainEndsWithoutRecursion) {
  constexpr int kJobs = 100'000;
  Harness harness({.executor_slots = 1});
  harness.post_bytes("");
  harness.core().on_subscription(harness.now(), Bytes(1, '\0'));  // nobody listens
  const JobId head = harness.submit();
  JobId last = head;
  for (int i = 1; i < kJobs; ++i) last = harness.submit("work", {{"after", {hex_of(last)}}});
  EXPECT_EQ(harness.core().jobs().live(), std::size_t{kJobs});
  EXPECT_EQ(harness.cancel(head).body["state"], "cancelling");
  harness.fail_with(head, ErrorCode::kCancelled);
  EXPECT_EQ(harness.core().jobs().live(), 0u);
  EXPECT_EQ(harness.state(last), "failed");
}

// ---- reports

TEST(CoreReport, OfAnotherAttemptIsStale) {
  Harness harness;
  const JobId id = harness.submit();
  const std::uint64_t fence = harness.works.at(id).fence;
  for (const std::uint64_t wrong : {std::uint64_t{0}, fence + 1}) {
    harness.core().on_report(harness.now(),
                             {.id = id, .fence = wrong, .what = jobs::Finished{.outcome = Bytes("\x80")}});
    harness.settle();
    EXPECT_EQ(harness.state(id), "assigned");
  }
  EXPECT_EQ(harness.core().counters().reports_stale, 2u);
}

TEST(CoreReport, AfterTheEndIsStale) {
  Harness harness(one_slot());
  const JobId id = harness.submit();
  const std::uint64_t fence = harness.works.at(id).fence;
  harness.run(id);
  const std::size_t events = harness.events.size();
  harness.core().on_report(harness.now(), {.id = id, .fence = fence, .what = jobs::Chunked{"late"}});
  harness.core().on_report(harness.now(), {.id = id, .fence = fence, .what = jobs::Finished{.outcome = Bytes("\x80")}});
  harness.core().on_report(harness.now(), {.id = id, .fence = 0, .what = jobs::Finished{.outcome = Bytes("\x80")}});
  harness.settle();
  EXPECT_EQ(harness.events.size(), events);
  EXPECT_EQ(harness.core().counters().reports_stale, 3u);
  EXPECT_EQ(harness.core().jobs().admission().outstanding(), 0u);
}

TEST(CoreReport, FinishedWithoutStartedStillTellsThatItRan) {
  Harness harness;
  const JobId id = harness.submit();
  harness.succeed(id);
  EXPECT_EQ(harness.kinds_of(topic_of(id)), (Names{"queued", "running", "complete"}));
}

// ---- admission

TEST(CoreAdmission, NoMoreRunThanThereAreSlotsWhenJobsAreUnknown) {
  Harness harness({.executor_slots = 2});
  for (int i = 0; i < 5; ++i) harness.submit();
  EXPECT_EQ(harness.works.size(), 2u);
  harness.run(harness.works.begin()->first);
  EXPECT_EQ(harness.works.size(), 2u);
}

TEST(CoreAdmission, ShortJobsAreHandedOverAhead) {
  CoreOptions options;
  options.limits.prefetch_max = 4;
  Harness harness(options);
  const JobId first = harness.submit();
  harness.begin(first);
  harness.report(first, jobs::Finished{.outcome = Bytes("\x80"), .busy = std::chrono::microseconds(10)});
  for (int i = 0; i < 20; ++i) harness.submit();
  EXPECT_EQ(harness.works.size(), 4u);
}

TEST(CoreAdmission, ALimitedToolLeavesRoomForTheOthers) {
  Harness harness({.executor_slots = 4});
  const JobId first = harness.submit("narrow");
  const JobId second = harness.submit("narrow");
  const JobId other = harness.submit();
  EXPECT_TRUE(harness.has_work(first));
  EXPECT_FALSE(harness.has_work(second));
  EXPECT_TRUE(harness.has_work(other));
  harness.run(first);
  EXPECT_TRUE(harness.has_work(second));
}

TEST(CoreAdmission, PrioritiesAreServedInOrder) {
  Harness harness(one_slot());
  const JobId running = harness.submit();
  std::vector<JobId> ids;
  for (const std::uint8_t priority : {std::uint8_t{3}, std::uint8_t{2}, std::uint8_t{0}}) {
    ids.emplace_back(harness.fresh_id());
    harness.ask(Verb::kCall, json::object(),
                {.id = ids.back().value(), .budget_ms = 0, .tool = "work", .priority = priority});
  }
  harness.run(running);
  std::vector<JobId> order;
  while (!harness.works.empty()) {
    order.push_back(harness.works.begin()->first);
    harness.run(order.back());
  }
  std::ranges::reverse(ids);
  EXPECT_EQ(order, ids);
}

// ---- retention

TEST(CoreRetention, KeepsTheNewestByCount) {
  CoreOptions options;
  options.limits.ended_count_max = 2;
  Harness harness(options);
  std::vector<JobId> ids;
  for (int i = 0; i < 4; ++i) {
    ids.push_back(harness.submit());
    harness.run(ids.back());
  }
  EXPECT_TRUE(harness.status(ids[1]).contains("dropped_ms"));
  EXPECT_EQ(harness.state(ids[2]), "succeeded");
  EXPECT_EQ(harness.state(ids[3]), "succeeded");
  EXPECT_EQ(harness.core().counters().jobs_forgotten, 2u);
}

TEST(CoreRetention, KeepsTheNewestByBytes) {
  CoreOptions options;
  options.limits.ended_bytes_max = 30'000;
  Harness harness(options);
  for (int i = 0; i < 10; ++i) harness.run(harness.submit(), {{"text", std::string(4'000, 'x')}});
  EXPECT_LE(harness.core().jobs().retention().bytes(), 30'000u);
  EXPECT_GE(harness.core().jobs().size(), 2u);
  EXPECT_LT(harness.core().jobs().size(), 8u);
}

TEST(CoreRetention, ForgetsWhatIsOldAndNothingThatLives) {
  Harness harness({.executor_slots = 2});
  const JobId ended = harness.submit();
  const JobId alive = harness.submit("long");
  harness.run(ended);
  harness.begin(alive);
  harness.advance(minutes(14));
  harness.hello();
  EXPECT_EQ(harness.state(ended), "succeeded");
  harness.advance(minutes(1) + seconds(2));
  harness.hello();
  EXPECT_TRUE(harness.status(ended).contains("dropped_ms"));
  EXPECT_EQ(harness.state(alive), "running");
  EXPECT_EQ(harness.core().jobs().retention().bytes(), 0u);
}

TEST(CoreRetention, AForgottenVolatileIdMayBeUsedAgain) {
  CoreOptions options;
  options.limits.ended_count_max = 0;
  Harness harness(options);
  const JobId id = harness.submit("work", {{"grade", "volatile"}});
  harness.run(id);
  EXPECT_EQ(harness.core().jobs().size(), 0u);
  harness.ask(Verb::kCall, {{"other", true}}, {.id = id.value(), .budget_ms = 0, .tool = "work"});
  EXPECT_TRUE(harness.has_work(id));
}

}  // namespace
}  // namespace yard::broker
