// Calls of deterministic tools, and the equal job that answers them.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

struct CoreTwins : ::testing::Test {
  CoreTwins() {
    tools::ToolSpec pure;
    pure.name = "pure";
    pure.title = pure.description = "for tests";
    pure.arguments = pure.result = R"({"type": "object"})";
    pure.kind = tools::ToolKind::kJob;
    pure.idempotent = pure.deterministic = true;
    pure.grade = jobs::Grade::kBuffered;
    pure.handler = tools::JobHandler([](auto&&...) { return Status{}; });
    EXPECT_TRUE(harness.registry.add(std::move(pure)));
  }

  Reply call(const json& arguments, json options = nullptr) {
    return harness.ask(Verb::kCall, arguments,
                       {.id = harness.fresh_id(), .budget_ms = 0, .tool = "pure", .options = std::move(options)});
  }
  JobId submit(const json& arguments, json options = nullptr) {
    return JobId(*parse_uuid(call(arguments, std::move(options)).body.at("job_id").get<std::string>()));
  }

  static CoreOptions options() {
    CoreOptions options{.executor_slots = 4};
    options.principal_of = [](const Peer& peer) { return peer.routing_id; };
    return options;
  }

  Harness harness{options()};
};

TEST_F(CoreTwins, AnEqualCallIsAnsweredByTheResultThatIsThere) {
  const JobId first = submit({{"a", 1}, {"b", {{"x", 2}, {"y", 3}}}});
  harness.run(first, {{"n", 7}});
  const Reply again = call(json::parse(R"({"b": {"y": 3, "x": 2}, "a": 1})"));
  EXPECT_EQ(again.verb(), Verb::kResult);
  EXPECT_EQ(again.body["job_id"], hex_of(first));
  EXPECT_EQ(again.body["result"], json({{"n", 7}}));
  EXPECT_EQ(harness.core().counters().jobs_memoised, 1u);
  EXPECT_EQ(harness.core().counters().jobs_submitted, 1u);
}

TEST_F(CoreTwins, AnEqualCallJoinsTheJobThatRuns) {
  const JobId first = submit({{"a", 1}});
  const Reply again = call({{"a", 1}});
  EXPECT_EQ(again.body["job_id"], hex_of(first));
  EXPECT_EQ(again.body["joined"], true);
}

TEST_F(CoreTwins, OtherArgumentsAreAnotherJob) {
  const JobId first = submit({{"a", 1}});
  EXPECT_NE(submit({{"a", 2}}), first);
  EXPECT_EQ(submit({{"a", 1.0}}), first) << "the same number";
  EXPECT_NE(submit({{"a", "1"}}), first);
}

TEST_F(CoreTwins, WhatFailedOrIsBeingStoppedAnswersForNobody) {
  const JobId failed = submit({{"a", 1}});
  harness.begin(failed);
  harness.fail_with(failed, ErrorCode::kToolFailed);
  const JobId second = submit({{"a", 1}});
  EXPECT_NE(second, failed);
  harness.begin(second);
  harness.cancel(second);
  EXPECT_NE(submit({{"a", 1}}), second);
}

TEST_F(CoreTwins, AFreshCallIsRun) {
  const JobId first = submit({{"a", 1}});
  harness.run(first);
  const JobId second = submit({{"a", 1}}, {{"fresh", true}});
  EXPECT_NE(second, first);
  harness.run(second);
  EXPECT_EQ(submit({{"a", 1}}), second) << "the newest answers from now on";
  EXPECT_EQ(call({{"a", 1}}, {{"fresh", 1}}).error(), "bad_request");
}

TEST_F(CoreTwins, ACallWithClocksOrRelationsOfItsOwnIsRun) {
  const JobId first = submit({{"a", 1}});
  EXPECT_NE(submit({{"a", 1}}, {{"delay_ms", 1'000}}), first);
  EXPECT_NE(submit({{"a", 1}}, {{"deadline_ms", 1'000}}), first);
  EXPECT_NE(submit({{"a", 1}}, {{"parent", hex_of(first)}}), first);
  EXPECT_NE(submit({{"a", 1}}, {{"after", {hex_of(first)}}}), first);
}

TEST_F(CoreTwins, AWeakerPromiseDoesNotAnswerForAStrongerOne) {
  const JobId first = submit({{"a", 1}}, {{"grade", "volatile"}});
  const JobId synced = submit({{"a", 1}}, {{"grade", "synced"}});
  EXPECT_NE(synced, first);
  EXPECT_EQ(submit({{"a", 1}}), synced);
}

TEST_F(CoreTwins, ARestartForgetsNothing) {
  const JobId first = submit({{"a", 1}});
  harness.run(first, {{"n", 7}});
  const JobId runs = submit({{"a", 2}});
  harness.restart();
  EXPECT_EQ(submit({{"a", 1}}), first);
  EXPECT_EQ(submit({{"a", 2}}), runs);
}

TEST_F(CoreTwins, WhatIsForgottenIsRunAgain) {
  const JobId first = submit({{"a", 1}}, {{"result_ttl_ms", 1'000}});
  harness.run(first);
  harness.advance(std::chrono::seconds(2));
  EXPECT_NE(submit({{"a", 1}}), first);
}

TEST_F(CoreTwins, EverybodyHasTheirOwn) {
  const JobId first = submit({{"a", 1}});
  harness.core().on_frame(harness.now(), Lane::kRequests, "other",
                          wire::encode({.verb = Verb::kHello, .correlation = 999'999}, "", ""));
  harness.settle();
  const Reply others = harness.ask(
      Verb::kCall, {{"a", 1}},
      {.id = harness.fresh_id(), .budget_ms = 0, .tool = "pure", .session = harness.reply_to(999'999)->header.session});
  EXPECT_NE(others.body["job_id"], hex_of(first));
}

}  // namespace
}  // namespace yard::broker
