// Many calls in one message.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

json call_of(JobId id, std::string_view tool = "work") { return {{"id", hex_of(id)}, {"tool", tool}}; }

struct CoreBatch : ::testing::Test {
  JobId fresh() { return JobId(harness.fresh_id()); }
  Reply submit(const json& calls, bool atomic = false) {
    return harness.ask(Verb::kSubmitBatch, {{"calls", calls}, {"atomic", atomic}});
  }
  Harness harness;
};

TEST_F(CoreBatch, EachCallIsAJobOfItsOwn) {
  const JobId one = fresh();
  const JobId two = fresh();
  json second = call_of(two, "slow");
  second["priority"] = 0;
  second["options"] = {{"delay_ms", 60'000}};
  second["arguments"] = {{"n", 1}};
  const Reply reply = submit({call_of(one), second});
  ASSERT_EQ(reply.verb(), Verb::kData);
  EXPECT_EQ(reply.body["accepted"], 2);
  EXPECT_EQ(reply.body["jobs"][0]["job_id"], hex_of(one));
  EXPECT_EQ(reply.body["jobs"][1]["state"], "scheduled");
  EXPECT_EQ(harness.status(two)["priority"], 0);
}

TEST_F(CoreBatch, IsOneCommit) {
  Harness by_hand({}, Harness::Commits::kByHand);
  const JobId id(by_hand.fresh_id());
  const auto correlation =
      by_hand.post(Verb::kSubmitBatch, {{"calls", {call_of(id), call_of(JobId(by_hand.fresh_id()))}}});
  EXPECT_FALSE(by_hand.reply_to(correlation)) << "nothing is said before it is written";
  by_hand.commit();
  EXPECT_TRUE(by_hand.reply_to(correlation));
}

TEST_F(CoreBatch, WhatIsWrongWithOneIsToldOfThatOne) {
  const JobId good = fresh();
  json unknown_key = call_of(fresh());
  unknown_key["argument"] = json::object();
  const json jobs =
      submit({call_of(good), call_of(fresh(), "nothing"), call_of(fresh(), "echo"), unknown_key, 7}).body["jobs"];
  EXPECT_EQ(jobs[0]["job_id"], hex_of(good));
  EXPECT_EQ(jobs[1]["error"]["name"], "unknown_tool");
  for (std::size_t i = 2; i < 5; ++i) EXPECT_EQ(jobs[i]["error"]["name"], "bad_request") << i;
}

TEST_F(CoreBatch, AtomicCountsWhatTheCallsTakeFromOtherJobs) {
  CoreOptions options;
  options.limits.jobs_bytes_max = 1'000;
  Harness small(options);
  const JobId source = small.submit();
  small.run(source, {{"text", std::string(400, 'x')}});
  json calls = json::array();
  for (int i = 0; i < 3; ++i) {
    calls.push_back(call_of(JobId(small.fresh_id())));
    calls.back()["options"] = {{"with", {{"x", {{"job", hex_of(source)}}}}}};
  }
  EXPECT_EQ(small.ask(Verb::kSubmitBatch, {{"calls", calls}, {"atomic", true}}).error(), "queue_full");
  EXPECT_EQ(small.core().jobs().live(), 0u);
}

TEST_F(CoreBatch, AtomicIsAllOrNone) {
  const JobId good = fresh();
  const Reply refused = submit({call_of(good), call_of(fresh(), "nothing")}, true);
  EXPECT_EQ(refused.error(), "unknown_tool");
  EXPECT_EQ(refused.body["pointer"], "/calls/1");
  EXPECT_EQ(harness.state(good), "unknown");
  EXPECT_EQ(submit({call_of(good), call_of(fresh())}, true).body["accepted"], 2);
}

TEST_F(CoreBatch, AtomicCountsItsOwnForTheBounds) {
  CoreOptions options;
  options.limits.jobs_live_max = 3;
  Harness small(options);
  json calls = json::array();
  for (int i = 0; i < 4; ++i) calls.push_back(call_of(JobId(small.fresh_id())));
  EXPECT_EQ(small.ask(Verb::kSubmitBatch, {{"calls", calls}, {"atomic", true}}).error(), "queue_full");
  EXPECT_EQ(small.core().jobs().live(), 0u);
  EXPECT_EQ(small.ask(Verb::kSubmitBatch, {{"calls", calls}}).body["accepted"], 3);
}

TEST_F(CoreBatch, ACallMayWaitForOneBeforeIt) {
  const JobId first = fresh();
  json second = call_of(fresh());
  second["options"] = {{"after", {hex_of(first)}}};
  EXPECT_EQ(submit({call_of(first), second}, true).body["jobs"][1]["state"], "blocked");
  EXPECT_EQ(submit({second, call_of(first)}).body["accepted"], 2) << "the same again";
}

TEST_F(CoreBatch, TheSameCallIsTheSameJobHoweverItComes) {
  const JobId id = harness.submit();
  json call = call_of(id);
  call["arguments"] = json::object();
  EXPECT_EQ(submit({call, call}, true).body["accepted"], 2);
  EXPECT_EQ(harness.core().jobs().live(), 1u);
  call["arguments"] = {{"other", 1}};
  EXPECT_EQ(submit(json::array({call}), true).error(), "conflict");
  const JobId twice = fresh();
  json other = call_of(twice);
  other["arguments"] = {{"other", 1}};
  EXPECT_EQ(submit({call_of(twice), other}, true).error(), "conflict");
}

TEST_F(CoreBatch, IsBounded) {
  EXPECT_EQ(submit(json::array()).error(), "bad_request");
  json calls = json::array();
  for (int i = 0; i < 1'001; ++i) calls.push_back(call_of(fresh()));
  EXPECT_EQ(submit(calls).error(), "bad_request");
  EXPECT_EQ(harness.ask(Verb::kSubmitBatch, {{"calls", {call_of(fresh())}}}, {.lane = Lane::kControl}).error(),
            "unsupported");
}

}  // namespace
}  // namespace yard::broker
