// What a restart keeps, and what becomes of what ran; and attempts after the first.
#include <gtest/gtest.h>

#include "engine/base/base64.h"
#include "engine/base/pack_json.h"
#include "tests/broker/core/harness.h"
#include "tests/support/seed.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

json replay_of(Harness& harness, std::string_view topic) {
  json body = harness.ask(Verb::kReplay, {{"stream", topic}, {"from", 1}}).body;
  for (json& event : body["events"]) {
    const auto frame = from_base64(event.get<std::string>());
    const auto decoded = iopub::decode_event(*frame);
    event = {{"seq", decoded->header.seq},
             {"lsn", decoded->header.lsn},
             {"kind", name_of(decoded->header.kind)},
             {"wall_ns", to_ns(decoded->header.time)},
             {"body", to_json(PackView(decoded->body))}};
  }
  body.erase("epoch");
  return body;
}

// What clients see of a job, but for where its stream's epoch stands.
json seen_of(Harness& harness, JobId id) {
  json status = harness.status(id);
  status["stream"].erase("epoch");
  status["stream"].erase("lsn");
  return {{"status", status}, {"events", replay_of(harness, topic_of(id))}};
}

// ---- restart

TEST(CoreRestart, WhatWaitsAndWhatHasEndedIsAsBefore) {
  Harness harness;
  const JobId succeeded = harness.submit();
  harness.begin(succeeded);
  harness.report(succeeded, jobs::Progressed{.percent = 40, .message = "half"});
  harness.report(succeeded, jobs::Chunked{.data = "part"});
  harness.succeed(succeeded, {{"n", 1}});
  const JobId failed = harness.submit();
  harness.begin(failed);
  harness.fail_with(failed, ErrorCode::kToolFailed, "broken");
  const JobId holds = harness.submit("again");  // the one slot is taken
  const JobId cancelled = harness.submit();
  harness.cancel(cancelled, "not needed");
  const JobId queued = harness.submit("slow");
  const JobId scheduled = harness.submit("work", {{"delay_ms", 60'000}, {"deadline_ms", 90'000}});
  const JobId blocked = harness.submit("work", {{"after", {hex_of(queued)}}});
  std::map<JobId, json> before;
  for (const JobId id : {succeeded, failed, cancelled, queued, scheduled, blocked}) before[id] = seen_of(harness, id);
  const json firehose = replay_of(harness, "t.local");

  harness.restart();
  for (const auto& [id, seen] : before) EXPECT_EQ(seen_of(harness, id), seen);
  const json firehose_after = replay_of(harness, "t.local");
  for (std::size_t i = 0; i < firehose["events"].size(); ++i)
    EXPECT_EQ(firehose_after["events"][i], firehose["events"][i]);
  EXPECT_EQ(harness.core().counters().jobs_restored, 7u);

  // And it goes on: the first was handed over, and had not begun.
  harness.run(holds);
  EXPECT_EQ(harness.status(holds)["attempt"], 1);
  harness.run(queued);
  EXPECT_TRUE(harness.has_work(blocked)) << "its parent ended";
  harness.run(blocked);
  EXPECT_FALSE(harness.has_work(scheduled));
  harness.advance(seconds(61));
  EXPECT_TRUE(harness.has_work(scheduled));
}

TEST(CoreRestart, WhatMayBeginOnceAndWasHandedOverMayHaveBegun) {
  Harness harness;
  const JobId id = harness.submit("work");
  EXPECT_TRUE(harness.has_work(id));
  harness.restart();
  EXPECT_FALSE(harness.has_work(id));
  EXPECT_EQ(harness.status(id)["error"]["name"], "worker_lost");
}

TEST(CoreRestart, TheSameIdIsTheSameJobAndAnotherBodyAConflict) {
  Harness harness;
  const JobId id = harness.submit();
  harness.run(id, {{"n", 7}});
  harness.restart();
  Asking asking{.id = id.value(), .budget_ms = 0, .tool = "work"};
  const Reply again = harness.ask(Verb::kCall, json::object(), asking);
  EXPECT_EQ(again.verb(), Verb::kResult);
  EXPECT_EQ(again.body["result"]["n"], 7);
  EXPECT_EQ(harness.ask(Verb::kCall, {{"other", 1}}, asking).error(), "conflict");
}

TEST(CoreRestart, WhatRanOnceIsLostWithTheBroker) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  harness.restart();
  EXPECT_FALSE(harness.has_work(id)) << "it may have acted already";
  const json status = harness.status(id);
  EXPECT_EQ(status["state"], "failed");
  EXPECT_EQ(status["error"]["name"], "worker_lost");
}

TEST(CoreRestart, WhatCanBeRepeatedIsTriedAgain) {
  Harness harness;
  const JobId id = harness.submit("again");
  harness.begin(id);
  const std::uint64_t fence = harness.works.at(id).fence;
  harness.restart();
  EXPECT_EQ(harness.state(id), "scheduled");
  harness.advance(seconds(2));
  ASSERT_TRUE(harness.has_work(id));
  EXPECT_GT(harness.works.at(id).fence, fence);
  harness.run(id);
  EXPECT_EQ(harness.status(id)["attempt"], 2);
}

TEST(CoreRestart, ACancelledJobThatHadNotEndedIsCancelled) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  harness.cancel(id);
  EXPECT_EQ(harness.state(id), "cancelling");
  harness.restart();
  EXPECT_EQ(harness.state(id), "cancelled");
}

TEST(CoreRestart, VolatileJobsAreGoneAndLeaveNoRecord) {
  Harness harness;
  const JobId id = harness.submit("work", {{"grade", "volatile"}});
  EXPECT_TRUE(harness.has_work(id));
  EXPECT_TRUE(harness.records.empty());
  harness.run(id);
  harness.restart();
  EXPECT_EQ(harness.state(id), "unknown");
}

TEST(CoreRestart, ForgottenJobsStayForgotten) {
  Harness harness({.limits = {.ended_count_max = 1}});
  const JobId first = harness.submit();
  harness.run(first);
  const JobId second = harness.submit();
  harness.run(second);
  harness.submit();
  EXPECT_TRUE(harness.status(first).contains("dropped_ms"));
  harness.restart();
  EXPECT_TRUE(harness.status(first).contains("dropped_ms"));
  EXPECT_EQ(harness.state(second), "succeeded");
}

TEST(CoreRestart, RecordsThatContradictEachOtherAreRefused) {
  Harness harness;
  const JobId id = harness.submit();
  harness.run(id);
  std::vector<Bytes> records;
  ASSERT_TRUE(jobs::each_record(harness.records, [&](const jobs::Record& record) -> Status {
    records.emplace_back(record.whole);
    return {};
  }));
  const auto restore = [&](const std::vector<Bytes>& some) {
    SeededRandom random(1);
    Core core({}, harness.registry, random);
    Bytes all;
    for (const Bytes& record : some) all += record;
    return jobs::each_record(all, [&](const jobs::Record& record) { return core.restore(harness.now(), record); });
  };
  EXPECT_TRUE(restore(records));
  EXPECT_FALSE(restore({records[1]})) << "a change of nothing";
  EXPECT_FALSE(restore({records[0], records[0]})) << "submitted twice";
  EXPECT_FALSE(restore({records[0], records.back(), records.back()})) << "two ends";
  EXPECT_FALSE(restore({records[0], records.back(), records[1]})) << "a change behind the end";
}

// Any prefix of the log is a state the broker can start from, and every job ends.
TEST(CoreRestart, AnyMomentIsAsGoodAsAnother) {
  const std::uint64_t seed = test_seed();
  SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed));
  SeededRandom random(seed);
  for (int round = 0; round < 30; ++round) {
    Harness harness({.executor_slots = 3}, Harness::Commits::kByHand);
    std::vector<JobId> ids;
    const auto any = [&] { return ids[below(random, ids.size())]; };
    for (int step = 0; step < 120; ++step) {
      switch (below(random, 9)) {
        case 0:
        case 1: {
          const JobId id(harness.fresh_id());
          json options = nullptr;
          if (!ids.empty() && below(random, 3) == 0) options = {{"after", {hex_of(any())}}};
          harness.post(
              Verb::kCall, json::object(),
              {.id = id.value(), .budget_ms = 0, .tool = below(random, 2) ? "work" : "again", .options = options});
          ids.push_back(id);
          break;
        }
        case 2:
          if (!ids.empty()) harness.post(Verb::kCancel, {{"job_id", hex_of(any())}});
          break;
        case 3: harness.advance(Millis(below(random, 3'000))); break;
        case 4: harness.restart(); break;
        case 5: harness.commit(); break;
        default: {
          if (harness.works.empty()) break;
          auto work = harness.works.begin();
          std::advance(work, static_cast<std::ptrdiff_t>(below(random, harness.works.size())));
          const JobId id = work->first;
          harness.begin(id);
          if (below(random, 2))
            harness.succeed(id);
          else if (below(random, 2))
            harness.fail_with(id, ErrorCode::kUnavailable);
        }
      }
    }
    for (int turn = 0; turn < 100 && (harness.core().jobs().live() > 0 || harness.appended != harness.committed);
         ++turn) {
      harness.commit();
      harness.advance(seconds(1));
      while (!harness.works.empty()) {
        const JobId id = harness.works.begin()->first;
        harness.run(id);
        harness.works.erase(id);
      }
    }
    ASSERT_EQ(harness.core().jobs().live(), 0u)
        << "of them held: " << harness.core().jobs().held() << ", queued: " << harness.core().jobs().queue().size();
    std::map<JobId, int> ends;
    ASSERT_TRUE(jobs::each_record(harness.records, [&](const jobs::Record& record) -> Status {
      ends[record.head.job] += record.head.kind == jobs::RecordKind::kEnded;
      return {};
    }));
    for (const auto& [id, count] : ends) EXPECT_EQ(count, 1) << hex_of(id);
  }
}

// ---- attempts

TEST(CoreRetry, AnIdempotentJobIsTriedThreeTimes) {
  Harness harness;
  const JobId id = harness.submit("again");
  for (int attempt = 1; attempt <= 3; ++attempt) {
    ASSERT_TRUE(harness.has_work(id)) << attempt;
    harness.begin(id);
    harness.fail_with(id, ErrorCode::kUnavailable, "not now");
    EXPECT_EQ(harness.state(id), attempt < 3 ? "scheduled" : "failed");
    harness.advance(seconds(5));
  }
  EXPECT_EQ(harness.status(id)["error"]["name"], "unavailable");
  EXPECT_EQ(harness.core().counters().jobs_retried, 2u);
}

TEST(CoreRetry, WhatStillComesOfAnAttemptThatFailedIsStale) {
  Harness harness;
  const JobId id = harness.submit("again");
  harness.begin(id);
  const std::uint64_t fence = harness.works.at(id).fence;
  harness.fail_with(id, ErrorCode::kUnavailable);
  harness.core().on_report(harness.now(), {.id = id, .fence = fence, .what = jobs::Finished{.outcome = Bytes("\x80")}});
  harness.settle();
  EXPECT_EQ(harness.state(id), "scheduled");
  EXPECT_EQ(harness.core().counters().reports_stale, 1u);
}

TEST(CoreRetry, WhatWillFailAgainIsNotTriedAgain) {
  Harness harness;
  const JobId id = harness.submit("again");
  harness.begin(id);
  harness.fail_with(id, ErrorCode::kInvalidArguments);
  EXPECT_EQ(harness.state(id), "failed");
}

TEST(CoreRetry, WhatMayActTwiceIsNotTriedAgain) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  harness.fail_with(id, ErrorCode::kUnavailable);
  EXPECT_EQ(harness.state(id), "failed");
}

TEST(CoreRetry, WaitsAsLongAsTheErrorAdvises) {
  Harness harness;
  const JobId id = harness.submit("again");
  harness.begin(id);
  auto later = fail(ErrorCode::kUnavailable, "not now");
  later.error().retry_after_ms = 10'000;
  harness.report(id, jobs::Finished{.outcome = later});
  harness.advance(Millis(9'900));
  EXPECT_EQ(harness.state(id), "scheduled");
  harness.advance(Millis(1'200));
  EXPECT_TRUE(harness.has_work(id));
}

TEST(CoreRetry, AScheduledAttemptCanBeCancelledAndExpires) {
  Harness harness;
  const JobId first = harness.submit("again");
  harness.begin(first);
  harness.fail_with(first, ErrorCode::kUnavailable);
  harness.cancel(first);
  EXPECT_EQ(harness.state(first), "cancelled");
  const JobId second = harness.submit("again", {{"deadline_ms", 1'000}});
  harness.begin(second);
  auto later = fail(ErrorCode::kUnavailable, "not now");
  later.error().retry_after_ms = 10'000;
  harness.report(second, jobs::Finished{.outcome = later});
  harness.advance(Millis(1'100));
  EXPECT_EQ(harness.state(second), "expired");
}

}  // namespace
}  // namespace yard::broker
