// Jobs that kill their workers, and jobs that fail for good: kept apart, looked at, done again, purged.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

void die(Harness& harness, JobId id) {
  harness.begin(id);
  harness.fail_with(id, ErrorCode::kWorkerLost, "killed by SIGSEGV");
}

// Fails as often as it may.
JobId dead_letter(Harness& harness, json options = nullptr) {
  const JobId id = harness.submit("again", std::move(options));
  for (int attempt = 0; attempt < 3; ++attempt) {
    harness.begin(id);
    harness.fail_with(id, ErrorCode::kUnavailable, "not now");
    harness.advance(seconds(5));
  }
  return id;
}

json dead_list(Harness& harness) { return harness.ask(Verb::kList, {{"dead_letter", true}}).body["jobs"]; }

TEST(CorePoison, ThreeDeathsAreEnough) {
  Harness harness;
  const JobId id = harness.submit("again");
  for (int death = 1; death <= 3; ++death) {
    ASSERT_TRUE(harness.has_work(id)) << death;
    die(harness, id);
    harness.advance(seconds(5));
  }
  const json status = harness.status(id);
  EXPECT_EQ(status["state"], "failed");
  EXPECT_EQ(status["deaths"], 3);
  EXPECT_EQ(status["dead_letter"], true);
  EXPECT_EQ(status["error"]["name"], "worker_lost");
  EXPECT_NE(status["error"]["message"].get<std::string>().find("died 3 times"), std::string::npos);
}

TEST(CorePoison, DeathsAndFailuresCountApart) {
  Harness harness;
  const JobId id = harness.submit("again");
  const auto fails = [&] {
    harness.begin(id);
    harness.fail_with(id, ErrorCode::kUnavailable);
  };
  for (int round = 0; round < 2; ++round) {
    die(harness, id);
    harness.advance(seconds(5));
    fails();
    harness.advance(seconds(5));
  }
  ASSERT_TRUE(harness.has_work(id)) << "two deaths, two failures";
  fails();
  EXPECT_EQ(harness.state(id), "failed");
  EXPECT_EQ(harness.status(id)["deaths"], 2);
  EXPECT_EQ(harness.status(id)["attempt"], 5);
}

TEST(CorePoison, WhatMayActTwiceIsNotBegunAgain) {
  Harness harness;
  const JobId id = harness.submit("work");
  die(harness, id);
  EXPECT_EQ(harness.state(id), "failed");
  EXPECT_EQ(harness.status(id)["dead_letter"], true) << "a person may decide otherwise";
}

TEST(CorePoison, WhatWasAloneWhenTheBrokerDiedIsSuspected) {
  Harness harness;
  const JobId id = harness.submit("again");
  for (int death = 0; death < 3; ++death) {
    ASSERT_TRUE(harness.has_work(id)) << death;
    harness.begin(id);
    harness.restart();
    harness.advance(seconds(5));
  }
  EXPECT_EQ(harness.status(id)["deaths"], 3);
  EXPECT_EQ(harness.status(id)["dead_letter"], true);
}

TEST(CorePoison, WhatDiedTogetherWithOthersIsNot) {
  Harness harness({.executor_slots = 2});
  const JobId one = harness.submit("again");
  const JobId other = harness.submit("again");
  harness.begin(one);
  harness.begin(other);
  harness.restart();
  harness.advance(seconds(5));
  EXPECT_FALSE(harness.status(one).contains("deaths"));
  EXPECT_FALSE(harness.status(other).contains("deaths"));
}

TEST(CoreDeadLetter, OnlyWhatCouldHaveGoneWellIsOne) {
  Harness harness;
  const JobId exhausted = dead_letter(harness);
  const JobId wrong = harness.submit("again");
  harness.begin(wrong);
  harness.fail_with(wrong, ErrorCode::kInvalidArguments);
  EXPECT_EQ(harness.status(exhausted)["dead_letter"], true);
  EXPECT_FALSE(harness.status(wrong).contains("dead_letter"));
  ASSERT_EQ(dead_list(harness).size(), 1u);
  EXPECT_EQ(dead_list(harness)[0]["job_id"], hex_of(exhausted));
}

TEST(CoreDeadLetter, OutlivesOrdinaryRetentionAndRestarts) {
  Harness harness({.limits = {.ended_count_max = 1, .ended_ttl = seconds(10)}});
  const JobId id = dead_letter(harness);
  for (int i = 0; i < 3; ++i) harness.run(harness.submit());
  harness.advance(minutes(10));
  harness.hello();
  EXPECT_EQ(harness.status(id)["dead_letter"], true);
  harness.restart();
  harness.advance(minutes(10));
  harness.hello();
  EXPECT_EQ(harness.status(id)["dead_letter"], true);
  EXPECT_EQ(harness.core().jobs().retention().dead_letters(), 1u);
}

TEST(CoreDeadLetter, HasABoundOfItsOwn) {
  Harness harness({.limits = {.dead_count_max = 2}});
  const JobId first = dead_letter(harness);
  const JobId second = dead_letter(harness);
  const JobId third = dead_letter(harness);
  harness.settle();
  EXPECT_EQ(harness.core().jobs().find(first), nullptr);
  EXPECT_NE(harness.core().jobs().find(second), nullptr);
  EXPECT_NE(harness.core().jobs().find(third), nullptr);
}

TEST(CoreDeadLetter, IsInspectedWithItsArguments) {
  Harness harness;
  const JobId id(harness.fresh_id());
  harness.post(Verb::kCall, {{"n", 7}}, {.id = id.value(), .budget_ms = 0, .tool = "work"});
  die(harness, id);
  EXPECT_EQ(harness.ask(Verb::kStatus, {{"job_id", hex_of(id)}, {"arguments", true}}).body["arguments"]["n"], 7);
  EXPECT_FALSE(harness.status(id).contains("arguments"));
}

TEST(CoreDeadLetter, IsReplayedAsANewJob) {
  Harness harness;
  const JobId dead(harness.fresh_id());
  harness.post(Verb::kCall, {{"n", 7}}, {.id = dead.value(), .budget_ms = 0, .tool = "again", .priority = 1});
  for (int death = 0; death < 3; ++death) {
    die(harness, dead);
    harness.advance(seconds(5));
  }
  const JobId id(harness.fresh_id());
  const auto replay = [&] { return harness.ask(Verb::kDeadReplay, {{"job_id", hex_of(dead)}}, {.id = id.value()}); };
  const Reply reply = replay();
  EXPECT_EQ(reply.verb(), Verb::kJob);
  EXPECT_EQ(reply.body["job_id"], hex_of(id));
  EXPECT_EQ(replay().body["job_id"], hex_of(id)) << "asking again makes no other";
  harness.restart();
  const json status = harness.status(id);
  EXPECT_EQ(status["replay_of"], hex_of(dead));
  EXPECT_EQ(status["priority"], 1);
  EXPECT_EQ(PackView(harness.works.at(id).arguments).find("n").integer(), 7);
  EXPECT_EQ(harness.status(dead)["dead_letter"], true) << "it stays until it is purged";
}

TEST(CoreDeadLetter, OthersAreNoDeadLetters) {
  Harness harness;
  const JobId id = harness.submit();
  harness.run(id);
  EXPECT_EQ(harness.ask(Verb::kDeadReplay, {{"job_id", hex_of(id)}}, {.id = harness.fresh_id()}).error(),
            "bad_request");
  EXPECT_EQ(harness.ask(Verb::kDeadPurge, {{"job_ids", {hex_of(id)}}}).error(), "bad_request");
  EXPECT_EQ(harness.state(id), "succeeded");
}

TEST(CoreDeadLetter, IsPurgedForGood) {
  Harness harness;
  const JobId one = dead_letter(harness);
  dead_letter(harness);
  dead_letter(harness);
  EXPECT_EQ(harness.ask(Verb::kDeadPurge, {{"job_ids", {hex_of(one)}}}).body["purged"], 1);
  EXPECT_EQ(harness.ask(Verb::kDeadPurge, {{"job_ids", {hex_of(one)}}}).body["purged"], 0);
  EXPECT_EQ(dead_list(harness).size(), 2u);
  EXPECT_EQ(harness.ask(Verb::kDeadPurge, {{"all", true}}).body["purged"], 2);
  harness.restart();
  EXPECT_TRUE(dead_list(harness).empty());
}

TEST(CoreDeadLetter, IsDoneAgainUnderTheTermsOfItsCall) {
  Harness harness;
  const JobId dead = dead_letter(harness, {{"attempt_timeout_ms", 7'000'000}, {"deadline_ms", 9'000'000}});
  const JobId again(harness.fresh_id());
  harness.ask(Verb::kDeadReplay, {{"job_id", hex_of(dead)}}, {.id = again.value()});
  const jobs::Job& job = *harness.core().jobs().find(again);
  EXPECT_EQ(job.attempt_timeout, Millis(7'000'000));
  EXPECT_EQ(job.terms().deadline, Millis(9'000'000));
}

}  // namespace
}  // namespace yard::broker
