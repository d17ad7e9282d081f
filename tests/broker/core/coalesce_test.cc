// Calls with a key: joined, debounced, superseded.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

struct CoreKey : ::testing::Test {
  Reply call(json options, const json& arguments = json::object(), std::string_view tool = "work") {
    last = JobId(harness.fresh_id());
    return harness.ask(Verb::kCall, arguments,
                       {.id = last.value(), .budget_ms = 0, .tool = tool, .options = std::move(options)});
  }
  std::string id_of(const Reply& reply) { return reply.body.value("job_id", reply.error()); }
  std::int64_t argument(JobId id) { return PackView(harness.works.at(id).arguments).find("n").integer_or(-1); }

  Harness harness;
  JobId last;
};

TEST_F(CoreKey, ALiveJobIsJoined) {
  const Reply first = call({{"key", "k"}}, json::object(), "again");
  const JobId job = last;
  EXPECT_FALSE(first.body.contains("joined"));
  for (int life = 0; life < 2; ++life) {
    const Reply second = call({{"key", "k"}, {"coalesce", "join"}}, {{"other", 1}}, "again");
    EXPECT_EQ(id_of(second), hex_of(job));
    EXPECT_EQ(second.body["joined"], true);
    harness.restart();
  }
  harness.run(job);
  EXPECT_FALSE(call({{"key", "k"}}, json::object(), "again").body.contains("joined")) << "what has ended is not";
  EXPECT_EQ(harness.core().counters().jobs_submitted, 1u) << "since the restart";
}

TEST_F(CoreKey, IsOfItsToolAndItsKey) {
  call({{"key", "k"}});
  EXPECT_FALSE(call({{"key", "l"}}).body.contains("joined"));
  EXPECT_FALSE(call({{"key", "k"}}, json::object(), "slow").body.contains("joined"));
}

TEST_F(CoreKey, AHeldCallerGetsTheResultOfTheJobItJoined) {
  call({{"key", "k"}});
  const JobId job = last;
  const auto correlation =
      harness.post(Verb::kCall, json::object(), {.id = harness.fresh_id(), .tool = "work", .options = {{"key", "k"}}});
  EXPECT_FALSE(harness.reply_to(correlation));
  harness.run(job, {{"n", 3}});
  const auto reply = harness.reply_to(correlation);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->body["job_id"], hex_of(job));
  EXPECT_EQ(reply->body["result"]["n"], 3);
}

json debounced() {
  return {{"key", "k"}, {"coalesce", "debounce"}, {"debounce_ms", 1'000}, {"debounce_max_ms", 2'500}};
}

TEST_F(CoreKey, DebounceWaitsForQuietAndTakesTheNewestArguments) {
  call(debounced(), {{"n", 1}});
  const JobId job = last;
  harness.advance(Millis(800));
  EXPECT_EQ(id_of(call(debounced(), {{"n", 2}})), hex_of(job));
  harness.advance(Millis(800));
  EXPECT_FALSE(harness.has_work(job)) << "the wait began anew";
  harness.advance(Millis(250));
  ASSERT_TRUE(harness.has_work(job));
  EXPECT_EQ(argument(job), 2);
}

TEST_F(CoreKey, DebounceEndsAllTheSame) {
  call(debounced(), {{"n", 0}});
  const JobId job = last;
  for (int i = 1; i <= 3; ++i) {
    harness.advance(Millis(800));
    call(debounced(), {{"n", i}});
  }
  harness.advance(Millis(150));
  ASSERT_TRUE(harness.has_work(job)) << "2.5 s are over";
  EXPECT_EQ(argument(job), 3);
  EXPECT_FALSE(call(debounced()).body.contains("joined")) << "what has begun is not changed";
  EXPECT_EQ(harness.state(last), "scheduled");
}

TEST_F(CoreKey, DebounceOutlivesARestart) {
  call(debounced(), {{"n", 1}});
  const JobId job = last;
  harness.advance(Millis(800));
  call(debounced(), {{"n", 2}});
  harness.restart();
  harness.advance(Millis(800));
  EXPECT_FALSE(harness.has_work(job));
  harness.advance(Millis(250));
  ASSERT_TRUE(harness.has_work(job));
  EXPECT_EQ(argument(job), 2);
}

TEST_F(CoreKey, SupersedeCancelsTheOlder) {
  const json options = {{"key", "k"}, {"coalesce", "supersede"}};
  call(options);
  const JobId runs = last;
  harness.begin(runs);
  call(options);
  const JobId waits = last;
  EXPECT_EQ(harness.state(runs), "cancelling");
  harness.restart();
  call(options);
  EXPECT_EQ(harness.state(runs), "cancelled");
  EXPECT_EQ(harness.state(waits), "cancelling") << "it had begun meanwhile";
  harness.fail_with(waits, ErrorCode::kCancelled);
  EXPECT_EQ(harness.status(waits)["error"]["message"], "cancelled: superseded by " + hex_of(last));
  EXPECT_TRUE(harness.has_work(last));
}

TEST_F(CoreKey, ARefusedCallSupersedesNothing) {
  CoreOptions options;
  options.limits.jobs_live_max = 1;
  Harness full(options);
  const JobId job = full.submit("work", {{"key", "k"}});
  EXPECT_EQ(full.ask(Verb::kCall, json::object(),
                     {.id = full.fresh_id(),
                      .budget_ms = 0,
                      .tool = "work",
                      .options = {{"key", "k"}, {"coalesce", "supersede"}}})
                .error(),
            "queue_full");
  EXPECT_EQ(full.state(job), "assigned");
}

TEST_F(CoreKey, OptionsThatMakeNoSenseTogetherAreRefused) {
  const std::string job = hex_of(harness.submit());
  for (const json& options : {json{{"coalesce", "join"}}, json{{"key", ""}}, json{{"key", std::string(201, 'k')}},
                              json{{"key", "k"}, {"coalesce", "merge"}}, json{{"key", "k"}, {"parent", job}},
                              json{{"key", "k"}, {"coalesce", "debounce"}}, json{{"key", "k"}, {"debounce_ms", 5}},
                              json{{"key", "k"}, {"coalesce", "debounce"}, {"debounce_ms", 5}, {"delay_ms", 5}}})
    EXPECT_EQ(call(options).error(), "bad_request") << options;
  const Reply batch = harness.ask(
      Verb::kSubmitBatch,
      {{"calls", {{{"id", hex_of(last)}, {"tool", "work"}, {"options", {{"key", "k"}}}}}}, {"atomic", true}});
  EXPECT_EQ(batch.error(), "bad_request");
}

}  // namespace
}  // namespace yard::broker
