// Schedules. The calendar of these tests knows one kind of expression: every so many seconds of Unix time.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Nanos kPeriod = seconds(60);

// The harness's clock begins at 2001-09-09T01:46:40Z: 20 s before an instant.
class CoreSchedules : public ::testing::Test {
 protected:
  explicit CoreSchedules(CoreOptions options = {}, Harness::Commits commits = Harness::Commits::kAtOnce)
      : harness(std::move(options), commits) {}

  static json nightly(std::string_view missed = "skip", std::string_view tool = "work") {
    return {{"name", "nightly"}, {"cron", "60"}, {"missed", missed}, {"tool", tool}};
  }
  Reply set(const json& schedule) { return harness.ask(Verb::kScheduleSet, schedule, {.id = harness.fresh_id()}); }
  Reply remove(std::string_view name) {
    return harness.ask(Verb::kScheduleRemove, {{"name", name}}, {.id = harness.fresh_id()});
  }
  json list() { return harness.ask(Verb::kSchedules).body["schedules"]; }
  json listed(std::string_view name = "nightly") {
    harness.hello();  // the session may be over
    return harness.ask(Verb::kSchedules, {{"name", name}}).body["schedules"][0];
  }
  std::uint64_t submitted() { return harness.core().counters().jobs_submitted; }
  std::uint64_t misses() { return harness.core().counters().schedule_misses; }

  static JobId job_of(WallTime instant) {
    return jobs::run_id_of({.principal = std::string(kLocalPrincipal), .name = "nightly"}, instant);
  }
  [[nodiscard]] bool has_job(WallTime instant) { return harness.core().jobs().find(job_of(instant)) != nullptr; }

  Harness harness;
  const WallTime first = harness.now().wall + seconds(20);
};

TEST_F(CoreSchedules, AreSetListedAndRemoved) {
  const Reply reply = set({{"name", "nightly"},
                           {"cron", "60"},
                           {"zone", "UTC"},
                           {"missed", "all"},
                           {"tool", "strict"},
                           {"priority", 1},
                           {"options", {{"deadline_ms", 1000}}},
                           {"arguments", {{"n", 3}}}});
  ASSERT_EQ(reply.verb(), Verb::kData) << reply.body;
  EXPECT_EQ(reply.body["next_ms"], to_ns(first) / 1'000'000);
  set({{"name", "a"}, {"cron", "30"}, {"tool", "work"}});
  ASSERT_EQ(list().size(), 2u);
  EXPECT_EQ(list()[0]["name"], "a") << "by name";
  EXPECT_EQ(list()[0]["missed"], "skip");
  EXPECT_FALSE(list()[1].contains("arguments"));
  EXPECT_EQ(listed()["arguments"]["n"], 3);
  EXPECT_EQ(listed()["options"]["deadline_ms"], 1000);
  EXPECT_EQ(listed()["priority"], 1);
  EXPECT_EQ(remove("nightly").verb(), Verb::kAck);
  EXPECT_EQ(remove("nightly").error(), "not_found");
  EXPECT_EQ(harness.ask(Verb::kSchedules, {{"name", "nightly"}}).error(), "not_found");
  harness.advance(minutes(5));
  EXPECT_EQ(harness.core().jobs().find(job_of(first)), nullptr);
}

TEST_F(CoreSchedules, ARefusalSaysWhere) {
  const auto refused = [&](json change) {
    json schedule = nightly();
    schedule.update(change);
    const Reply reply = set(schedule);
    return reply.error() + " " + (reply.error().empty() ? "" : reply.body.value("pointer", ""));
  };
  EXPECT_EQ(refused({{"cron", "never"}}), "bad_request /cron");
  EXPECT_EQ(refused({{"zone", "Mars"}}), "bad_request /cron") << "as this calendar has it";
  EXPECT_EQ(refused({{"name", ""}}), "bad_request /name");
  EXPECT_EQ(refused({{"name", std::string(129, 'n')}}), "bad_request /name");
  EXPECT_EQ(refused({{"missed", "some"}}), "bad_request /missed");
  EXPECT_EQ(refused({{"priority", 4}}), "bad_request /priority");
  EXPECT_EQ(refused({{"tool", "nothing"}}), "unknown_tool ");
  EXPECT_EQ(refused({{"tool", "echo"}}), "bad_request /tool") << "it makes no job";
  EXPECT_EQ(refused({{"tool", "strict"}}), "invalid_arguments /arguments/n");
  EXPECT_EQ(refused({{"arguments", 3}}), "invalid_arguments /arguments");
  EXPECT_EQ(refused({{"options", {{"nothing", 1}}}}), "bad_request ");
  const std::string job = hex_of(harness.submit());
  EXPECT_EQ(refused({{"options", {{"after", {job}}}}}), "bad_request /options");
  EXPECT_EQ(refused({{"options", {{"parent", job}}}}), "bad_request /options");
  EXPECT_EQ(refused({{"crom", "60"}}), "bad_request ");
  EXPECT_EQ(refused({{"arguments", {{"text", std::string(40'000, 'x')}}}}), "too_large ");
  EXPECT_EQ(harness.ask(Verb::kScheduleSet, nightly()).error(), "bad_request") << "without an id";
  EXPECT_EQ(list().size(), 0u);
}

TEST_F(CoreSchedules, TheSameIdGetsTheSameAnswer) {
  const Uuid id = harness.fresh_id();
  const Reply reply = harness.ask(Verb::kScheduleSet, nightly(), {.id = id});
  remove("nightly");
  EXPECT_EQ(harness.ask(Verb::kScheduleSet, nightly(), {.id = id}).body, reply.body);
  EXPECT_EQ(list().size(), 0u) << "it was not set again";
  EXPECT_EQ(harness.ask(Verb::kScheduleSet, nightly("all"), {.id = id}).error(), "conflict");
}

TEST_F(CoreSchedules, TheSameAgainChangesNothing) {
  set(nightly("all"));
  harness.clock.advance(minutes(3));
  EXPECT_EQ(set(nightly("all")).body["next_ms"], to_ns(first) / 1'000'000)
      << "what was missed is still to be made up for";
  EXPECT_GT(set(nightly("once")).body["next_ms"], to_ns(harness.now().wall) / 1'000'000) << "another one begins afresh";
}

TEST_F(CoreSchedules, AnInstantSubmitsItsJob) {
  json schedule = nightly("skip", "strict");
  schedule["arguments"] = {{"n", 3}};
  schedule["options"] = {{"deadline_ms", 5000}};
  schedule["priority"] = 0;
  set(schedule);
  harness.advance(seconds(19));
  EXPECT_EQ(submitted(), 0u);
  harness.advance(seconds(1));
  ASSERT_TRUE(harness.has_work(job_of(first)));
  EXPECT_EQ(PackView(harness.works.at(job_of(first)).arguments).find("n").integer_or(0), 3);
  EXPECT_EQ(harness.status(job_of(first))["priority"], 0);
  EXPECT_EQ(listed()["last_job"], hex_of(job_of(first)));
  EXPECT_EQ(listed()["last_ms"], to_ns(first) / 1'000'000);
  EXPECT_EQ(listed()["next_ms"], to_ns(first + kPeriod) / 1'000'000);
  harness.advance(minutes(3));
  EXPECT_EQ(submitted(), 4u);
  EXPECT_EQ(harness.core().counters().schedule_runs, 4u);
  EXPECT_EQ(misses(), 0u);
}

TEST_F(CoreSchedules, AKeyKeepsRunsFromOverlapping) {
  json schedule = nightly();
  schedule["options"] = {{"key", "nightly"}};
  set(schedule);
  harness.advance(minutes(3));
  EXPECT_EQ(submitted(), 1u);
  EXPECT_EQ(listed()["last_job"], hex_of(job_of(first)));
}

TEST_F(CoreSchedules, BelongToTheirPrincipal) {
  std::string principal = "ada";
  Harness two({.principal_of = [&](const Peer&) { return principal; }});
  two.ask(Verb::kScheduleSet, nightly(), {.id = two.fresh_id()});
  principal = "bob";
  two.hello();
  EXPECT_EQ(two.ask(Verb::kSchedules).body["schedules"].size(), 0u);
  EXPECT_EQ(two.ask(Verb::kScheduleRemove, {{"name", "nightly"}}, {.id = two.fresh_id()}).error(), "not_found");
  two.ask(Verb::kScheduleSet, nightly(), {.id = two.fresh_id()});
  two.advance(seconds(20));
  EXPECT_EQ(two.core().counters().jobs_submitted, 2u) << "of one name and instant, and yet two";
}

// ---- missed instants

TEST_F(CoreSchedules, SkipRunsNothingThatWasMissed) {
  set(nightly("skip"));
  harness.clock.step_wall(hours(1) + seconds(35));  // 15 s behind an instant
  harness.advance(seconds(1));
  EXPECT_EQ(submitted(), 0u);
  EXPECT_EQ(misses(), 61u);
  harness.advance(kPeriod);
  EXPECT_EQ(submitted(), 1u);
}

TEST_F(CoreSchedules, ALittleLateIsNotMissed) {
  set(nightly("skip"));
  harness.clock.advance(seconds(29));
  harness.advance(Millis(1));
  EXPECT_TRUE(has_job(first));
}

TEST_F(CoreSchedules, OnceRunsOneForAllThatWereMissed) {
  set(nightly("once"));
  harness.clock.step_wall(hours(1));
  harness.advance(seconds(1));
  EXPECT_EQ(submitted(), 1u);
  EXPECT_TRUE(has_job(first + minutes(59))) << "the newest";
  EXPECT_EQ(misses(), 59u);
}

struct CoreSchedulesOwed : CoreSchedules {
  static CoreOptions options() {
    CoreOptions options;
    options.limits.schedule_owed_max = 3;
    options.limits.jobs_live_max = 2;
    options.limits.schedules_max = 2;
    return options;
  }
  CoreSchedulesOwed() : CoreSchedules(options()) {}
};

TEST_F(CoreSchedules, AllRunsEach) {
  set(nightly("all"));
  harness.clock.step_wall(minutes(5));
  harness.advance(seconds(1));
  EXPECT_EQ(submitted(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(has_job(first + i * kPeriod)) << i;
  EXPECT_EQ(misses(), 0u);
}

TEST_F(CoreSchedulesOwed, AllKeepsTheNewest) {
  set(nightly("all"));
  harness.clock.step_wall(minutes(10));
  harness.advance(seconds(1));
  EXPECT_EQ(misses(), 7u);
  EXPECT_EQ(listed()["owed"], 1) << "two have a place in the queue";
  EXPECT_TRUE(has_job(first + 7 * kPeriod));
  EXPECT_TRUE(has_job(first + 8 * kPeriod));
  harness.run(job_of(first + 7 * kPeriod));
  harness.advance(seconds(1));
  EXPECT_TRUE(has_job(first + 9 * kPeriod));
  EXPECT_FALSE(listed().contains("owed"));
}

TEST_F(CoreSchedulesOwed, TooManyAreRefused) {
  set(nightly());
  set({{"name", "a"}, {"cron", "30"}, {"tool", "work"}});
  EXPECT_EQ(set({{"name", "b"}, {"cron", "30"}, {"tool", "work"}}).error(), "over_quota");
  EXPECT_EQ(set(nightly("all")).verb(), Verb::kData) << "one that is there may be another one";
  remove("a");
  EXPECT_EQ(set({{"name", "b"}, {"cron", "30"}, {"tool", "work"}}).verb(), Verb::kData);
}

TEST_F(CoreSchedules, AClockSetBackFiresNothingTwice) {
  set(nightly("all"));
  harness.advance(minutes(2));
  EXPECT_EQ(submitted(), 2u);
  harness.clock.step_wall(-hours(1));
  harness.advance(minutes(59));
  EXPECT_EQ(submitted(), 2u);
  harness.advance(minutes(2));
  EXPECT_EQ(submitted(), 3u);
}

// ---- what can't be submitted

TEST_F(CoreSchedulesOwed, AFullQueueIsTriedAgainUntilTheNextInstant) {
  const JobId one = harness.submit();
  harness.submit();
  set(nightly("skip"));
  harness.advance(seconds(25));
  EXPECT_EQ(listed()["owed"], 1);
  EXPECT_EQ(listed()["error"]["name"], "queue_full");
  EXPECT_GE(harness.core().counters().schedule_refusals, 5u);
  EXPECT_EQ(std::ranges::count_if(
                harness.logs, [](const LogLine& line) { return line.message.find("nightly") != std::string::npos; }),
            1)
      << "said once";
  harness.run(one);
  harness.advance(seconds(1));
  EXPECT_TRUE(has_job(first));
  EXPECT_FALSE(listed().contains("error"));

  harness.advance(minutes(2));
  EXPECT_FALSE(has_job(first + kPeriod));
  EXPECT_EQ(listed()["owed"], 1) << "the newest only";
  EXPECT_EQ(misses(), 1u);
}

TEST_F(CoreSchedulesOwed, WhatIsOwedSurvivesARestart) {
  const JobId one = harness.submit("again");
  harness.submit("again");
  set(nightly("all"));
  harness.advance(seconds(25));
  harness.restart();
  EXPECT_EQ(listed()["owed"], 1);
  harness.run(one);
  harness.advance(seconds(1));
  EXPECT_TRUE(has_job(first));
}

TEST_F(CoreSchedules, AnExpressionThatIsNoLongerKnownIsSaid) {
  harness.answers_questions = false;
  const auto correlation = harness.post(Verb::kScheduleSet, nightly(), {.id = harness.fresh_id()});
  EXPECT_FALSE(harness.reply_to(correlation)) << "not before its first instant is known";
  harness.answer_questions();
  EXPECT_TRUE(harness.reply_to(correlation));
  harness.advance(seconds(20));
  ASSERT_EQ(harness.questions.size(), 1u) << "asked once";
  InstantsQuestion question = std::exchange(harness.questions, {}).front();
  harness.core().on_instants(harness.now(), {.subject = question.subject,
                                             .number = question.number,
                                             .instants = fail(ErrorCode::kBadRequest, "no such zone any more")});
  EXPECT_EQ(listed()["error"]["message"], "no such zone any more");
  harness.advance(seconds(12));
  EXPECT_EQ(harness.questions.size(), 1u) << "and again";
  harness.answer_questions();
  EXPECT_FALSE(has_job(first)) << "by now it was missed";
  EXPECT_FALSE(listed().contains("error"));
}

TEST_F(CoreSchedules, AnAnswerForWhatWasReplacedCountsNothing) {
  set(nightly("all"));
  harness.answers_questions = false;
  harness.advance(seconds(20));
  const InstantsQuestion old = std::exchange(harness.questions, {}).front();
  harness.answers_questions = true;
  set(nightly("once"));
  harness.questions.push_back(old);
  harness.answer_questions();
  EXPECT_EQ(submitted(), 0u);
  remove("nightly");
  harness.questions.push_back(old);
  harness.answer_questions();
  EXPECT_EQ(submitted(), 0u);
}

TEST_F(CoreSchedules, NothingIsFiredByABrokerThatDrains) {
  set(nightly());
  harness.core().drain(harness.now());
  harness.advance(seconds(30));
  EXPECT_EQ(submitted(), 0u);
}

// ---- restarts

TEST_F(CoreSchedules, SurviveARestart) {
  set(nightly("once"));
  harness.advance(seconds(25));
  const json before = listed();
  harness.restart();
  EXPECT_EQ(listed(), before);
  harness.clock.advance(minutes(10));
  harness.restart();
  harness.advance(Millis(1));
  EXPECT_TRUE(has_job(first + 10 * kPeriod));
  EXPECT_EQ(submitted(), 1u) << "since the restart";
  remove("nightly");
  harness.restart();
  EXPECT_EQ(list().size(), 0u);
}

struct CoreSchedulesUncommitted : CoreSchedules {
  CoreSchedulesUncommitted() : CoreSchedules({}, Harness::Commits::kByHand) {}
};

TEST_F(CoreSchedulesUncommitted, NothingIsSaidBeforeItIsWritten) {
  const auto correlation = harness.post(Verb::kScheduleSet, nightly(), {.id = harness.fresh_id()});
  EXPECT_FALSE(harness.reply_to(correlation));
  harness.commit();
  EXPECT_TRUE(harness.reply_to(correlation));
  harness.advance(seconds(20));
  EXPECT_FALSE(harness.has_work(job_of(first)));
  harness.commit();
  EXPECT_TRUE(harness.has_work(job_of(first)));
}

TEST_F(CoreSchedulesUncommitted, TheJobAndItsFiringAreOneCommit) {
  harness.post(Verb::kScheduleSet, nightly("all"), {.id = harness.fresh_id()});
  harness.commit();
  harness.advance(seconds(20));
  harness.restart();  // what fired was not committed
  EXPECT_FALSE(has_job(first));
  harness.advance(seconds(1));
  harness.commit();
  EXPECT_TRUE(harness.has_work(job_of(first)));
  harness.restart();
  harness.commit();
  harness.advance(seconds(1));
  EXPECT_EQ(submitted(), 0u) << "not again";
  EXPECT_TRUE(has_job(first));
}

}  // namespace
}  // namespace yard::broker
