// Jobs that are told to stop: what they spawned goes with them, and their records say how it came about.
#include <gtest/gtest.h>

#include "engine/base/pack_json.h"
#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

CoreOptions slots(std::size_t count) {
  CoreOptions options{.executor_slots = count};
  options.limits.prefetch_max = 0;
  return options;
}

json below(JobId parent) { return {{"parent", hex_of(parent)}}; }

TEST(CoreSpawned, CancellingReachesAnyDepth) {
  Harness harness(slots(2));
  const JobId root = harness.submit();
  harness.begin(root);
  const JobId runs = harness.submit("work", below(root));
  harness.begin(runs);
  const JobId waits = harness.submit("work", below(runs));
  const JobId deeper = harness.submit("work", below(waits));
  const JobId other = harness.submit();
  harness.cancel(root);
  EXPECT_EQ(harness.state(root), "cancelling");
  EXPECT_EQ(harness.state(runs), "cancelling");
  EXPECT_EQ(harness.state(waits), "cancelled");
  EXPECT_EQ(harness.state(deeper), "cancelled");
  EXPECT_EQ(harness.state(other), "queued");
  EXPECT_EQ(harness.stops, (std::vector{root, runs}));
  EXPECT_EQ(harness.status(deeper)["error"]["message"],
            "cancelled: its parent, job " + hex_of(waits) + ", was cancelled");
  EXPECT_EQ(harness.status(deeper)["parent"], hex_of(waits));
}

TEST(CoreSpawned, ALongChainNeedsNoStack) {
  Harness harness;
  JobId last = harness.submit();
  const JobId root = last;
  for (int i = 0; i < 50'000; ++i) last = harness.submit("work", below(last));
  harness.cancel(root);
  EXPECT_EQ(harness.state(last), "cancelled");
}

TEST(CoreSpawned, AParentThatWaitsForItsOwnChildIsCancelledAsAsked) {
  Harness harness(slots(1));
  harness.submit();
  const JobId first = harness.submit();
  const JobId parent = harness.submit("work", {{"after", {hex_of(first)}}});
  const JobId child = harness.submit("work", {{"parent", hex_of(parent)}, {"after", {hex_of(first)}}});
  harness.cancel(parent);
  EXPECT_EQ(harness.state(parent), "cancelled");
  EXPECT_EQ(harness.state(child), "cancelled");
}

TEST(CoreSpawned, OnlyALiveJobOfTheCallersCanBeAParent) {
  Harness harness;
  const auto error = [&](JobId parent) {
    return harness
        .ask(Verb::kCall, json::object(),
             {.id = harness.fresh_id(), .budget_ms = 0, .tool = "work", .options = below(parent)})
        .error();
  };
  const JobId ended = harness.submit();
  harness.run(ended);
  const JobId stopping = harness.submit();
  harness.begin(stopping);
  harness.cancel(stopping);
  EXPECT_EQ(error(JobId(harness.fresh_id())), "not_found");
  EXPECT_EQ(error(ended), "too_late");
  EXPECT_EQ(error(stopping), "cancelled") << "nothing new begins below what is being stopped";
}

TEST(CoreSpawned, TheTreeOutlivesARestart) {
  Harness harness(slots(1));
  const JobId root = harness.submit("again");
  const JobId child = harness.submit("work", below(root));
  harness.restart();
  harness.cancel(root);
  EXPECT_EQ(harness.state(child), "cancelled");
}

TEST(CoreStopped, CancellingHoldsAcrossARestart) {
  Harness harness({}, Harness::Commits::kByHand);
  harness.commit();
  const JobId id(harness.fresh_id());
  harness.post(Verb::kCall, json::object(), {.id = id.value(), .budget_ms = 0, .tool = "again"});
  harness.commit();
  harness.begin(id);
  harness.post(Verb::kCancel, {{"job_id", hex_of(id)}});
  jobs::Grade grade = jobs::Grade::kVolatile;
  ASSERT_TRUE(jobs::each_record(harness.records, [&](const jobs::Record& record) -> Status {
    grade = record.head.grade;
    return {};
  }));
  EXPECT_EQ(grade, jobs::Grade::kSynced) << "as durable as the job";
  harness.commit();
  harness.restart();
  harness.commit();
  const json status = to_json(PackView([&] {
    Bytes bytes;
    PackWriter writer(bytes);
    write_job(writer, *harness.core().jobs().find(id), {}, JobDetail::kWhole);
    return bytes;
  }()));
  EXPECT_EQ(status["state"], "cancelled") << "and not tried again";
  EXPECT_EQ(status["stopped"], "broker_stopped");
}

TEST(CoreStopped, ARestartRemembersWhatStoppedIt) {
  Harness harness;
  const JobId late = harness.submit("again", {{"deadline_ms", 1'000}});
  harness.begin(late);
  harness.advance(seconds(2));
  EXPECT_EQ(harness.state(late), "cancelling");
  harness.restart();
  EXPECT_EQ(harness.state(late), "expired");
  const JobId slow = harness.submit("again", {{"attempt_timeout_ms", 1'000}});
  harness.begin(slow);
  harness.advance(seconds(2));
  harness.restart();
  EXPECT_EQ(harness.status(slow)["error"]["name"], "deadline_exceeded");
}

TEST(CoreStopped, TheRecordSaysHow) {
  Harness harness(slots(3));
  const auto ended = [&](JobId id) {
    harness.restart();  // it is written down
    return harness.status(id).value("stopped", "");
  };
  const auto stopping = [&] {
    const JobId id = harness.submit();
    harness.begin(id);
    harness.cancel(id);
    return id;
  };
  const JobId asked = stopping();
  harness.fail_with(asked, ErrorCode::kCancelled);
  EXPECT_EQ(harness.events_of(topic_of(asked)).back().body["stopped"], "cooperative");
  EXPECT_EQ(ended(asked), "cooperative");
  for (const auto means : {jobs::StopMeans::kTerminated, jobs::StopMeans::kKilled}) {
    const JobId id = stopping();
    harness.report(id, jobs::Finished{.outcome = fail(ErrorCode::kCancelled, "stopped"), .stopped = means});
    EXPECT_EQ(ended(id), name_of(means));
  }
  const JobId late = stopping();
  harness.succeed(late);
  EXPECT_EQ(ended(late), "late_result");
  const JobId delayed = harness.submit("work", {{"delay_ms", 1'000}});
  harness.cancel(delayed);
  EXPECT_EQ(ended(delayed), "before_start");
  const JobId never = harness.submit();
  harness.cancel(never);
  harness.fail_with(never, ErrorCode::kCancelled);
  EXPECT_EQ(ended(never), "before_start") << "handed over, and not begun";
  const JobId usual = harness.submit();
  harness.run(usual);
  EXPECT_FALSE(harness.status(usual).contains("stopped"));
}

}  // namespace
}  // namespace yard::broker
