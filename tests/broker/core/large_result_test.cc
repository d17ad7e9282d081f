// Results that are too large to travel: they are stored first, and a reference travels.
#include <gtest/gtest.h>

#include "engine/base/pack_json.h"
#include "tests/broker/core/harness.h"
#include "tests/broker/core/worker_peer.h"

namespace yard::broker {
namespace {

const json kLarge = {{"text", std::string(1'000, 'x')}};
const json kReference = {{"content_hash", "blake2b-256:kept"}, {"size_bytes", pack(kLarge).size()}};

CoreOptions with_a_store() {
  CoreOptions options;
  options.keeps_results = true;
  options.limits.result_inline_max = 500;
  return options;
}

struct CoreLargeResult : ::testing::Test {
  Harness harness{with_a_store()};
};

TEST_F(CoreLargeResult, IsStoredBeforeItsJobEnds) {
  const JobId job = harness.submit();
  harness.run(job, kLarge);
  ASSERT_EQ(harness.keeps.size(), 1u);
  EXPECT_EQ(harness.state(job), "running");
  harness.store_result();
  const json record = harness.status(job);
  EXPECT_EQ(record["state"], "succeeded");
  EXPECT_EQ(record["result_ref"], kReference);
  EXPECT_FALSE(record.contains("result"));
  EXPECT_EQ(harness.events_of(topic_of(job)).back().body["result_ref"], kReference);
  harness.restart();
  EXPECT_EQ(harness.status(job)["result_ref"], kReference);
}

TEST_F(CoreLargeResult, ASmallOneTravels) {
  const JobId job = harness.submit();
  harness.run(job, {{"n", 1}});
  EXPECT_TRUE(harness.keeps.empty());
  EXPECT_EQ(harness.status(job)["result"], json({{"n", 1}}));
}

TEST_F(CoreLargeResult, HoldsItsPlaceWhileItIsStored) {
  const JobId job = harness.submit("narrow");
  const JobId next = harness.submit("narrow");
  harness.run(job, kLarge);
  EXPECT_FALSE(harness.has_work(next));
  harness.store_result();
  EXPECT_TRUE(harness.has_work(next));
}

TEST_F(CoreLargeResult, ThatCanNotBeStoredFailsTheAttempt) {
  const JobId job = harness.submit();
  harness.run(job, kLarge);
  harness.store_result(ErrorCode::kIo);
  EXPECT_EQ(harness.status(job)["error"]["name"], "io_error");
}

TEST_F(CoreLargeResult, OfACancelledJobComesTooLate) {
  const JobId job = harness.submit();
  harness.run(job, kLarge);
  harness.cancel(job);
  EXPECT_EQ(harness.state(job), "cancelling");
  harness.store_result();
  const json record = harness.status(job);
  EXPECT_EQ(record["state"], "succeeded");
  EXPECT_EQ(record["stopped"], "late_result");
}

TEST_F(CoreLargeResult, LostOnTheWayIsLostWithTheAttempt) {
  const JobId job = harness.submit("again");
  harness.run(job, kLarge);
  harness.restart();
  EXPECT_EQ(harness.status(job)["attempt"], 1);
  harness.advance(std::chrono::seconds(2));
  ASSERT_TRUE(harness.has_work(job)) << "the second attempt";
}

TEST_F(CoreLargeResult, IsTakenAsAnArgumentByItsReference) {
  const JobId source = harness.submit();
  const JobId taker(harness.fresh_id());
  harness.ask(Verb::kCall, json::object(),
              {.id = taker.value(),
               .budget_ms = 0,
               .tool = "work",
               .options = {{"with", {{"input", {{"job", hex_of(source)}, {"pointer", "/content_hash"}}}}}}});
  harness.run(source, kLarge);
  harness.store_result();
  ASSERT_TRUE(harness.has_work(taker));
  EXPECT_EQ(to_json(PackView(harness.works.at(taker).arguments)), json({{"input", "blake2b-256:kept"}}));
}

TEST_F(CoreLargeResult, OfARemoteWorkerIsAcknowledgedOnceItIsStored) {
  WorkerPeer worker(harness, "w1");
  worker.join(json::array({declared("render")}));
  const JobId job = harness.submit("render");
  const Assigned attempt = worker.take_one();
  worker.start(attempt);
  worker.take(Verb::kAck);
  worker.succeed(attempt, kLarge);
  EXPECT_TRUE(worker.take(Verb::kAck).empty());
  worker.report_numbered(attempt, Verb::kSucceed, 2, kLarge);
  EXPECT_EQ(harness.keeps.size(), 1u) << "sent again, it is stored once";
  harness.store_result();
  EXPECT_EQ(harness.status(job)["result_ref"], kReference);
  worker.report_numbered(attempt, Verb::kSucceed, 2, kLarge);
  EXPECT_EQ(worker.take(Verb::kAck).size(), 1u);
}

}  // namespace
}  // namespace yard::broker
