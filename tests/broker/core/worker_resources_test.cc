// What remote workers have, and what the jobs of their tools take of it.
#include <gtest/gtest.h>

#include <deque>

#include "tests/broker/core/worker_peer.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

// Takes 6 of the worker's GPU.
const json kRender = json::array({declared("render", {{"resources", {{"gpu:0", 6}}}})});
const json kRenderAndScan = json::array({kRender[0], declared("scan")});

struct Gpu : WorkerPeer {
  Gpu(Harness& harness, std::string peer, int amount) : WorkerPeer(harness, std::move(peer)) {
    resources["gpu:0"] = amount;
  }
};

json worker_shown(Harness& harness, std::size_t place = 0) { return harness.ask(Verb::kStats).body["workers"][place]; }

json why(Harness& harness, JobId id) { return harness.ask(Verb::kWhy, {{"job_id", hex_of(id)}}).body; }

TEST(WorkerResources, OfAJobAreFreeBeforeItIsAssigned) {
  Harness harness;
  Gpu worker(harness, "w1", 10);
  worker.join(kRenderAndScan, 8);
  const JobId first = harness.submit("render");
  const JobId second = harness.submit("render");
  const JobId scan = harness.submit("scan");
  const auto assigned = worker.take_assigned();
  ASSERT_EQ(assigned.size(), 2u);
  EXPECT_EQ(assigned[0].job, first);
  EXPECT_EQ(assigned[1].job, scan) << "what takes none isn't held up";
  EXPECT_EQ(worker_shown(harness)["resources"], (json{{"gpu:0", {{"used", 6}, {"max", 10}}}}));
  const json waits = why(harness, second);
  EXPECT_EQ(waits["reason"], "no worker has 6 of gpu:0 free; of the one that has most of it, 6 of 10 are taken");
  EXPECT_EQ(waits["limit"], (json{{"kind", "resource"}, {"name", "gpu:0"}, {"used", 6}, {"max", 10}, {"needed", 6}}));
  worker.start(assigned[0]);
  worker.succeed(assigned[0]);
  EXPECT_EQ(worker.take_one().job, second);
}

TEST(WorkerResources, DecideWhichWorkerIsChosen) {
  Harness harness;
  Gpu large(harness, "large", 12);
  Gpu small(harness, "small", 6);
  large.join(kRender, 4);
  small.join(kRender, 8);
  for (int i = 0; i < 4; ++i) harness.submit("render");
  EXPECT_EQ(small.take_assigned().size(), 1u) << "though it has more places";
  EXPECT_EQ(large.take_assigned().size(), 2u);
}

TEST(WorkerResources, OfWhatIgnoresItsStopAreTakenUntilTheWorkerLetsGo) {
  Harness harness;
  Gpu worker(harness, "w1", 6);
  worker.join(kRender, 2);
  const JobId id = harness.submit("render");
  const Assigned attempt = worker.take_one();
  worker.start(attempt);
  harness.submit("render");
  harness.cancel(id);
  for (int i = 0; i < 6; ++i) {
    harness.advance(seconds(1));
    worker.renew({attempt});
  }
  EXPECT_EQ(harness.state(id), "cancelled");
  EXPECT_TRUE(worker.take_assigned().empty());
  worker.renew();
  EXPECT_EQ(worker.take_assigned().size(), 1u);
}

TEST(WorkerResources, OfWhatIsStoppedBeforeTheWorkerHeardOfItAreTaken) {
  Harness harness;
  Gpu worker(harness, "w1", 6);
  worker.join(kRender, 2);
  harness.cancel(harness.submit("render"));
  harness.submit("render");
  worker.take_assigned();
  worker.renew();
  EXPECT_TRUE(worker.take_assigned().empty()) << "its list may be older than the assignment, which it may yet begin";
  worker.wait_for_one();
}

TEST(WorkerResources, GoWithTheWorkerWhoseLeaseEnds) {
  Harness harness;
  Gpu lost(harness, "lost", 6);
  lost.join(kRender, 2);
  harness.submit("render");
  EXPECT_EQ(lost.take_assigned().size(), 1u);
  harness.advance(seconds(6));
  Gpu next(harness, "next", 6);
  next.join(kRender, 2);
  EXPECT_EQ(next.take_assigned().size(), 1u);
}

TEST(WorkerResources, AreTakenStillByWhatRanThroughARestart) {
  Harness harness;
  Gpu worker(harness, "w1", 6);
  worker.join(kRender, 2);
  harness.submit("render");
  const Assigned attempt = worker.take_one();
  worker.start(attempt);
  harness.restart();
  const JobId next = harness.submit("work");
  worker.join(kRender, 2, {attempt});
  EXPECT_EQ(worker_shown(harness)["resources"]["gpu:0"]["used"], 6);
  EXPECT_TRUE(harness.has_work(next));
  harness.submit("render");
  EXPECT_TRUE(worker.take_assigned().empty());
  worker.report_numbered(attempt, Verb::kSucceed, 2);
  EXPECT_EQ(worker.take_assigned().size(), 1u);
}

TEST(WorkerResources, AreNotGivenOutBesideAnAttemptThatNobodyKnows) {
  Harness harness;
  Gpu worker(harness, "w1", 60);
  Assigned unknown{.job = JobId(harness.fresh_id()), .fence = 1'000, .body = {}};
  worker.join(kRenderAndScan, 8, {unknown});
  EXPECT_EQ(worker.take(Verb::kRevoke).size(), 1u);
  harness.submit("render");
  const JobId scan = harness.submit("scan");
  EXPECT_EQ(worker.take_one().job, scan) << "what takes none goes on";
  worker.renew();
  EXPECT_EQ(worker.take_assigned().size(), 1u);
}

TEST(WorkerResources, AreKeptForALargeDemandThatManyHaveOvertaken) {
  Harness harness;
  Gpu worker(harness, "w1", 10);
  worker.join(json::array({declared("small", {{"resources", {{"gpu:0", 4}}}}),
                           declared("large", {{"resources", {{"gpu:0", 8}}}}), declared("scan")}),
              8);
  std::deque<Assigned> running;
  const auto next = [&] {  // the oldest ends; whether another one begins
    worker.succeed(running.front());
    running.pop_front();
    const auto assigned = worker.take_assigned();
    running.insert(running.end(), assigned.begin(), assigned.end());
    return !assigned.empty();
  };
  for (int i = 0; i < 2; ++i) harness.submit("small");
  for (const Assigned& each : worker.take_assigned()) running.push_back(each);
  const JobId large = harness.submit("large");
  for (std::uint32_t i = 0; i < 3 * jobs::kOvertakenMax; ++i) harness.submit("small");
  const JobId last = harness.submit("small");
  std::uint32_t passed = 0;
  while (passed < 2 * jobs::kOvertakenMax && next()) ++passed;
  EXPECT_EQ(passed, jobs::kOvertakenMax);
  EXPECT_EQ(why(harness, last)["limit"]["kept_for"], "large");
  const JobId scan = harness.submit("scan");
  EXPECT_EQ(worker.take_one().job, scan) << "what takes none isn't held up";
  EXPECT_TRUE(next());
  EXPECT_EQ(running.back().job, large);
  EXPECT_TRUE(next());
  EXPECT_EQ(running.size(), 2u) << "and nothing is kept any more";
}

TEST(WorkerResources, AreKeptForNobodyWhoIsGone) {
  Harness harness;
  Gpu worker(harness, "w1", 10);
  worker.join(json::array({declared("small", {{"resources", {{"gpu:0", 4}}}}),
                           declared("large", {{"resources", {{"gpu:0", 8}}}})}),
              8);
  harness.submit("small");
  Assigned running = worker.take_one();
  const JobId large = harness.submit("large");
  for (std::uint32_t i = 0; i < jobs::kOvertakenMax; ++i) {
    harness.submit("small");
    const Assigned next = worker.take_one();
    worker.succeed(running);
    running = next;
  }
  harness.submit("small");
  EXPECT_TRUE(worker.take_assigned().empty());
  harness.cancel(large);
  EXPECT_EQ(worker.take_assigned().size(), 1u);
}

TEST(WorkerResources, AreThereForEachToolThatItOffers) {
  Harness harness;
  Gpu worker(harness, "w1", 5);
  const Reply refused = worker.join(kRender);
  EXPECT_EQ(refused.error(), "too_large");
  EXPECT_EQ(refused.body["message"], "tool render: it needs 6 of gpu:0, and there are 5");
  worker.resources["gpu:0"] = 6;
  EXPECT_EQ(worker.enroll(kRender).verb(), Verb::kAck);
  EXPECT_EQ(harness.ask(Verb::kTools, {{"name", "render"}}).body["tools"][0]["resources"], (json{{"gpu:0", 6}}));
  Gpu other(harness, "w2", 60);
  EXPECT_EQ(other.join(json::array({declared("render", {{"resources", {{"gpu:0", 7}}}})})).error(), "conflict");
}

TEST(WorkerResources, AreWholeNumbersByName) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.hello();
  json many = json::object();
  for (std::size_t i = 0; i <= jobs::kAmountsMax; ++i) many["r" + std::to_string(i)] = 1;
  for (const json& wrong : {json(1), json{{"gpu:0", -1}}, json{{"gpu:0", 1.5}}, json{{"", 1}}, json{{"a\nb", 1}},
                            json{{std::string(jobs::kAmountNameBytesMax + 1, 'r'), 1}}, many}) {
    worker.resources = wrong;
    EXPECT_EQ(worker.enroll(kOnce).error(), "bad_request") << wrong;
  }
  worker.resources = json::object();
  EXPECT_EQ(worker.enroll(json::array({declared("render", {{"resources", 1}})})).error(), "bad_request");
}

// ---- pauses

json named(std::string_view worker) { return {{"target", {{"worker", worker}}}}; }

TEST(WorkerPause, GivesTheWorkerNothingNewAndLetsItEndWhatItHas) {
  Running running(kOnce, 4);
  auto& [harness, worker, id, attempt] = running;
  EXPECT_EQ(harness.ask(Verb::kPause, named("w1"), {.lane = Lane::kControl}).verb(), Verb::kAck);
  const JobId next = harness.submit("render");
  EXPECT_TRUE(worker.take_assigned().empty());
  EXPECT_EQ(worker_shown(harness)["paused"], true);
  EXPECT_EQ(why(harness, next)["reason"], "an administrator paused all workers that offer render");
  EXPECT_EQ(why(harness, next)["limit"]["kind"], "pause");
  worker.succeed(attempt);
  EXPECT_EQ(harness.state(id), "succeeded");
  WorkerPeer other(harness, "w2");
  other.join(kOnce);
  EXPECT_EQ(other.take_one().job, next) << "others go on";
  harness.submit("render");
  EXPECT_EQ(harness.ask(Verb::kResume, named("w1"), {.lane = Lane::kControl}).verb(), Verb::kAck);
  EXPECT_EQ(worker.take_assigned().size(), 1u);
}

TEST(WorkerPause, HoldsThroughARestartAndForWhoeverComesByThatName) {
  Harness harness;
  EXPECT_EQ(harness.ask(Verb::kDrain, named("w1"), {.lane = Lane::kControl}).verb(), Verb::kAck);
  harness.restart();
  harness.hello();
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce);
  harness.submit("render");
  EXPECT_TRUE(worker.take_assigned().empty());
  const json audit = harness.ask(Verb::kAudit, json::object(), {.lane = Lane::kControl}).body;
  EXPECT_EQ(audit["paused"], (json::array({{{"worker", "w1"}}})));
  EXPECT_EQ(audit["entries"][0]["target"], (json{{"worker", "w1"}}));
}

TEST(WorkerPause, NamesNothingBesideTheWorker) {
  Harness harness;
  const json both = {{"target", {{"worker", "w1"}, {"tool", "render"}}}};
  EXPECT_EQ(harness.ask(Verb::kPause, both, {.lane = Lane::kControl}).error(), "bad_request");
}

TEST(WorkerPurge, CancelsWhatTheWorkerHas) {
  Harness harness;
  WorkerPeer one(harness, "w1");
  WorkerPeer two(harness, "w2");
  one.join(kOnce, 2);
  two.join(kOnce, 1);
  for (int i = 0; i < 4; ++i) harness.submit("render");
  const auto held = one.take_assigned();
  const auto others = two.take_assigned();
  ASSERT_EQ(held.size(), 2u);
  ASSERT_EQ(others.size(), 1u);
  one.start(held[0]);
  EXPECT_EQ(harness.ask(Verb::kPurge, named("w1"), {.lane = Lane::kControl}).body["purged"], 2);
  EXPECT_EQ(one.take(Verb::kStop).size(), 2u);
  one.fail_with(held[0], "cancelled");
  EXPECT_EQ(harness.state(held[0].job), "cancelled");
  EXPECT_EQ(harness.state(others[0].job), "assigned");
  EXPECT_EQ(harness.ask(Verb::kPurge, named("w1"), {.lane = Lane::kControl}).body["purged"], 1)
      << "what it was given since; what is being stopped is not counted again";
}

}  // namespace
}  // namespace yard::broker
