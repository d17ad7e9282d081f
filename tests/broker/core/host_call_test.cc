// Calls of the host: as a client's, answered once, after the record, and never begun twice.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/pack_json.h"
#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using tools::HostCall;

HostCall call_of(Harness& harness, std::string tool, const json& arguments = json::object()) {
  return {.id = harness.fresh_id(), .principal = "local", .tool = std::move(tool), .arguments = pack(arguments)};
}

std::string error_of(const tools::HostAnswer& answer) {
  return answer.outcome ? "" : std::string(error_name(answer.outcome.error().code));
}

TEST(CoreHostCall, AnswersAtOnceWhatRunsInline) {
  Harness harness;
  const HostCall echo = call_of(harness, "echo", {{"text", "hello"}});
  harness.host_call(echo);
  ASSERT_EQ(harness.answers.size(), 1u);
  EXPECT_EQ(harness.answers[0].id, echo.id);
  EXPECT_EQ(PackView(*harness.answers[0].outcome).find("text").string_or(""), "hello");
}

TEST(CoreHostCall, RefusesAsAClientIsRefused) {
  Harness harness;
  harness.host_call(call_of(harness, "nothing"));
  harness.host_call(call_of(harness, "echo", {{"txet", 1}}));
  harness.host_call(call_of(harness, "job_status"));
  ASSERT_EQ(harness.answers.size(), 3u);
  EXPECT_EQ(error_of(harness.answers[0]), "unknown_tool");
  EXPECT_EQ(error_of(harness.answers[1]), "invalid_arguments");
  EXPECT_EQ(error_of(harness.answers[2]), "unsupported");
}

TEST(CoreHostCall, IsAJobLikeAnyOtherAndIsAnsweredWhenItHasEnded) {
  Harness harness;
  harness.hello();
  const HostCall work = call_of(harness, "work", {{"n", 1}});
  harness.host_call(work);
  EXPECT_TRUE(harness.answers.empty());
  EXPECT_EQ(harness.state(JobId(work.id)), "assigned");
  harness.run(JobId(work.id), {{"n", 2}});
  ASSERT_EQ(harness.answers.size(), 1u);
  EXPECT_EQ(PackView(*harness.answers[0].outcome).find("n").integer_or(0), 2);
}

TEST(CoreHostCall, TellsWhyAJobFailedOrWasCancelled) {
  Harness harness;
  harness.hello();
  const HostCall fails = call_of(harness, "work");
  harness.host_call(fails);
  harness.begin(JobId(fails.id));
  harness.fail_with(JobId(fails.id), ErrorCode::kToolFailed, "broken");
  const HostCall waits = call_of(harness, "work");
  harness.host_call(waits);
  harness.cancel(JobId(waits.id));
  harness.fail_with(JobId(waits.id), ErrorCode::kCancelled, "stopped");
  ASSERT_EQ(harness.answers.size(), 2u);
  EXPECT_EQ(error_of(harness.answers[0]), "tool_failed");
  EXPECT_EQ(error_of(harness.answers[1]), "cancelled");
}

TEST(CoreHostCall, IsAnsweredOnlyWhenTheEndIsWritten) {
  Harness harness({}, Harness::Commits::kByHand);
  const HostCall work = call_of(harness, "work");
  harness.host_call(work);
  EXPECT_FALSE(harness.has_work(JobId(work.id))) << "it began before it was written";
  harness.commit();
  harness.run(JobId(work.id));
  EXPECT_TRUE(harness.answers.empty());
  harness.commit();
  EXPECT_EQ(harness.answers.size(), 1u);
}

TEST(CoreHostCall, MadeAgainIsTheSameJobAlsoAfterARestart) {
  Harness harness;
  harness.hello();
  HostCall work = call_of(harness, "again");
  harness.host_call(work);
  harness.run(JobId(work.id), {{"n", 3}});
  harness.answers.clear();
  harness.restart();
  work.again = true;
  harness.host_call(work);
  ASSERT_EQ(harness.answers.size(), 1u);
  EXPECT_EQ(PackView(*harness.answers[0].outcome).find("n").integer_or(0), 3);
  EXPECT_TRUE(harness.works.empty());
}

TEST(CoreHostCall, WaitsAgainForAJobThatARestartFoundQueued) {
  Harness harness({.executor_slots = 1});
  const HostCall first = call_of(harness, "again");
  HostCall second = call_of(harness, "again");
  harness.host_call(first);
  harness.host_call(second);
  harness.restart();
  second.again = true;
  harness.host_call(second);
  harness.advance(std::chrono::seconds(2));
  harness.run(JobId(first.id));
  harness.run(JobId(second.id));
  ASSERT_EQ(harness.answers.size(), 1u);
  EXPECT_EQ(harness.answers[0].id, second.id);
}

TEST(CoreHostCall, DoesNotBeginTwiceWhatMustNotBe) {
  Harness harness;
  HostCall work = call_of(harness, "work");  // not idempotent
  harness.host_call(work);
  harness.begin(JobId(work.id));
  harness.restart();
  harness.works.clear();
  work.again = true;
  harness.host_call(work);
  ASSERT_EQ(harness.answers.size(), 1u);
  EXPECT_EQ(error_of(harness.answers[0]), "worker_lost");
  EXPECT_TRUE(harness.works.empty());

  HostCall note = call_of(harness, "note");
  note.again = true;
  harness.host_call(note);
  EXPECT_EQ(harness.noted, 0);
  EXPECT_EQ(error_of(harness.answers[1]), "unavailable");
}

TEST(CoreHostCall, IsRefusedWhileTheBrokerDrains) {
  Harness harness;
  harness.core().drain(harness.now());
  harness.host_call(call_of(harness, "echo"));
  ASSERT_EQ(harness.answers.size(), 1u);
  EXPECT_EQ(error_of(harness.answers[0]), "draining");
}

}  // namespace
}  // namespace yard::broker
