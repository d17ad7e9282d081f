// Arguments that the results of other jobs fill in.
#include <gtest/gtest.h>

#include "engine/base/pack_json.h"
#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

json from(JobId job, std::string_view pointer) { return {{"job", hex_of(job)}, {"pointer", pointer}}; }

struct CoreBindings : ::testing::Test {
  Reply call(const json& with, const json& arguments = json::object(), json options = json::object(),
             std::string_view tool = "strict") {
    last = JobId(harness.fresh_id());
    options["with"] = with;
    return harness.ask(Verb::kCall, arguments,
                       {.id = last.value(), .budget_ms = 0, .tool = tool, .options = std::move(options)});
  }
  json arguments_of(JobId id) { return to_json(PackView(harness.works.at(id).arguments)); }

  Harness harness;
  JobId last;
};

TEST_F(CoreBindings, AJobWaitsForTheResultThatItTakes) {
  const JobId source = harness.submit();
  EXPECT_EQ(call({{"n", from(source, "/deep/0")}}, {{"text", "own"}}).body["state"], "blocked");
  harness.run(source, {{"deep", {7, 8}}});
  ASSERT_TRUE(harness.has_work(last));
  EXPECT_EQ(arguments_of(last), json({{"text", "own"}, {"n", 7}}));
}

TEST_F(CoreBindings, AResultThatIsThereIsTakenAtOnce) {
  const JobId source = harness.submit();
  harness.run(source, {{"n", 5}});
  EXPECT_EQ(call({{"n", from(source, "/n")}}).body["state"], "queued");
  EXPECT_EQ(arguments_of(last), json({{"n", 5}}));
}

TEST_F(CoreBindings, WithoutAPointerItIsAllOfTheResult) {
  const JobId source = harness.submit();
  harness.run(source, {{"n", 5}});
  call({{"whole", {{"job", hex_of(source)}}}}, json::object(), json::object(), "work");
  EXPECT_EQ(arguments_of(last), json({{"whole", {{"n", 5}}}}));
}

TEST_F(CoreBindings, TakesFromSeveralJobsAsEachOfThemEnds) {
  const JobId one = harness.submit("again");
  const JobId two = harness.submit("again");
  call({{"n", from(one, "/n")}, {"text", from(two, "/t")}});
  harness.run(one, {{"n", 1}});
  EXPECT_EQ(harness.state(last), "blocked");
  harness.restart();  // between the two
  harness.run(two, {{"t", "two"}});
  ASSERT_TRUE(harness.has_work(last));
  EXPECT_EQ(arguments_of(last), json({{"n", 1}, {"text", "two"}}));
}

TEST_F(CoreBindings, WhatWasNotTakenBeforeACrashIsTakenAfterIt) {
  const JobId source = harness.submit("again");
  call({{"n", from(source, "/n")}});
  harness.run(source, {{"n", 5}});
  Bytes until_the_end;
  bool is_over = false;
  ASSERT_TRUE(jobs::each_record(harness.records, [&](const jobs::Record& record) -> Status {
    if (!is_over) until_the_end += record.whole;
    is_over = is_over || record.head.kind == jobs::RecordKind::kEnded;
    return {};
  }));
  harness.records = until_the_end;
  harness.restart();
  ASSERT_TRUE(harness.has_work(last));
  EXPECT_EQ(arguments_of(last), json({{"n", 5}}));
}

TEST_F(CoreBindings, FailsWhereItsSourceWentWithACrash) {
  const JobId source = harness.submit("again", {{"grade", "volatile"}});
  call({{"n", from(source, "/n")}});
  harness.restart();
  const json record = harness.status(last);
  EXPECT_EQ(record["state"], "failed");
  EXPECT_EQ(record["error"]["name"], "dependency_failed");
}

TEST_F(CoreBindings, WhatWasTakenIsKeptWhenItsSourceIsForgotten) {
  CoreOptions options;
  options.limits.ended_count_max = 1;
  options.executor_slots = 4;
  Harness small(options);
  const JobId source = small.submit();
  const JobId other = small.submit("again");
  const JobId taker(small.fresh_id());
  small.ask(Verb::kCall, json::object(),
            {.id = taker.value(),
             .budget_ms = 0,
             .tool = "work",
             .options = {{"with", {{"n", from(source, "/n")}}}, {"after", {hex_of(other)}}}});
  small.run(source, {{"n", 9}});
  small.run(small.submit());  // the source's place is taken
  small.restart();
  small.run(other);
  ASSERT_TRUE(small.has_work(taker));
  EXPECT_EQ(to_json(PackView(small.works.at(taker).arguments)), json({{"n", 9}}));
}

TEST_F(CoreBindings, FailsWhereThePointerFindsNothing) {
  const JobId source = harness.submit();
  call({{"n", from(source, "/missing")}});
  harness.run(source, {{"n", 5}});
  const json record = harness.status(last);
  EXPECT_EQ(record["state"], "failed");
  EXPECT_EQ(record["error"]["name"], "dependency_failed");
  EXPECT_EQ(call({{"n", from(source, "/missing")}}).error(), "dependency_failed") << "at once, where that is known";
}

TEST_F(CoreBindings, FailsWhereTheArgumentsDoNotFitTheTool) {
  const JobId source = harness.submit();
  call({{"n", from(source, "/t")}});
  harness.run(source, {{"t", "no number"}});
  const json record = harness.status(last);
  EXPECT_EQ(record["state"], "failed");
  EXPECT_EQ(record["error"]["name"], "invalid_arguments");
  EXPECT_EQ(record["error"]["pointer"], "/n");
  const Reply refused = call({{"n", from(source, "/t")}});
  EXPECT_EQ(refused.error(), "invalid_arguments") << "at once, where that is known";
}

TEST_F(CoreBindings, MakeArgumentsNoLargerThanAllOfThemMayBe) {
  CoreOptions options;
  options.limits.jobs_bytes_max = 1'000;
  options.executor_slots = 4;
  Harness small(options);
  const JobId source = small.submit();
  std::vector<JobId> takers;
  for (int i = 0; i < 3; ++i) takers.push_back(small.submit("work", {{"with", {{"x", {{"job", hex_of(source)}}}}}}));
  small.run(source, {{"text", std::string(400, 'x')}});
  EXPECT_TRUE(small.has_work(takers[0]));
  EXPECT_TRUE(small.has_work(takers[1]));
  EXPECT_EQ(small.status(takers[2])["error"]["name"], "queue_full");
}

TEST_F(CoreBindings, FailsWithASourceThatHasFailedAlready) {
  const JobId source = harness.submit();
  harness.begin(source);
  harness.fail_with(source, ErrorCode::kToolFailed);
  EXPECT_EQ(call({{"n", from(source, "/n")}}).verb(), Verb::kResult);
  EXPECT_EQ(harness.status(last)["error"]["name"], "dependency_failed");
}

TEST_F(CoreBindings, TellNothingOfOthersJobs) {
  CoreOptions options;
  options.principal_of = [](const Peer& peer) { return peer.routing_id; };
  Harness shared(options);
  const JobId source = shared.submit();
  shared.run(source, {{"n", "a secret"}});
  shared.core().on_frame(shared.now(), Lane::kRequests, "other",
                         wire::encode({.verb = Verb::kHello, .correlation = 999'999}, "", ""));
  shared.settle();
  const Reply refused = shared.ask(Verb::kCall, json::object(),
                                   {.id = shared.fresh_id(),
                                    .budget_ms = 0,
                                    .tool = "strict",
                                    .options = {{"with", {{"n", from(source, "/n")}}}},
                                    .session = shared.reply_to(999'999)->header.session});
  EXPECT_EQ(refused.error(), "not_found");
}

TEST_F(CoreBindings, FailsWithItsSource) {
  const JobId source = harness.submit();
  call({{"n", from(source, "/n")}});
  harness.fail_with(source, ErrorCode::kToolFailed);
  EXPECT_EQ(harness.status(last)["error"]["name"], "dependency_failed");
}

TEST_F(CoreBindings, OthersJobsAndStatedArgumentsAreRefused) {
  EXPECT_EQ(call({{"n", from(JobId(harness.fresh_id()), "/n")}}).error(), "not_found");
  const JobId source = harness.submit();
  EXPECT_EQ(call({{"n", from(source, "/n")}}, {{"n", 1}}).error(), "bad_request");
  EXPECT_EQ(call({{"n", from(source, "n")}}).error(), "bad_request") << "no JSON pointer";
  EXPECT_EQ(call({{"n", {{"job", "seven"}}}}).error(), "bad_request");
}

TEST_F(CoreBindings, SentAgainItIsTheSameJobAlthoughItsSourceIsGone) {
  const JobId source = harness.submit("brief");
  harness.run(source, {{"n", 5}});
  const Reply first = call({{"n", from(source, "/n")}});
  harness.advance(std::chrono::seconds(5));
  const Reply again = harness.ask(
      Verb::kCall, json::object(),
      {.id = last.value(), .budget_ms = 0, .tool = "strict", .options = {{"with", {{"n", from(source, "/n")}}}}});
  EXPECT_EQ(again.body["job_id"], first.body["job_id"]);
  EXPECT_EQ(call({{"n", from(source, "/n")}}).error(), "gone");
}

}  // namespace
}  // namespace yard::broker
