// Workers that go away, and brokers that do.
#include <gtest/gtest.h>

#include "tests/broker/core/worker_peer.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

// ---- leases

TEST(Lease, KeepsAWorkerAndLosesOneThatIsSilent) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  for (int i = 0; i < 20; ++i) {
    harness.advance(seconds(1));
    worker.renew({attempt});
  }
  EXPECT_EQ(harness.state(id), "running");
  harness.advance(Millis(5'100));
  const json status = harness.status(id);
  EXPECT_EQ(status["state"], "failed");
  EXPECT_EQ(status["error"]["name"], "worker_lost");
  EXPECT_EQ(harness.core().counters().leases_lapsed, 1u);
  worker.succeed(attempt, {{"late", true}});
  EXPECT_EQ(worker.take(Verb::kNack).at(0).body["name"], "no_session");
  EXPECT_EQ(harness.state(id), "failed");
}

TEST(Lease, ThatEndsGivesWhatIsRepeatableToAnotherWorker) {
  Harness harness;
  WorkerPeer one(harness, "w1");
  WorkerPeer two(harness, "w2");
  one.join(kAgain, 2);
  const JobId id = harness.submit("render");
  const Assigned lost = one.take_one();
  one.start(lost);
  two.join(kAgain, 1);
  const Assigned attempt = two.wait_for_one();
  EXPECT_EQ(attempt.job, id);
  EXPECT_EQ(harness.status(id)["attempt"], 2);
  EXPECT_EQ(harness.core().jobs().find(id)->run->deaths, 1u);

  // The lost one comes back with its result.
  one.join(kAgain, 2, {lost});
  EXPECT_EQ(one.take(Verb::kRevoke).at(0).header.fence, lost.fence);
  one.succeed(lost, {{"by", "one"}});
  EXPECT_EQ(harness.state(id), "assigned");
  two.succeed(attempt, {{"by", "two"}});
  EXPECT_EQ(harness.status(id)["result"]["by"], "two");
}

TEST(Lease, OfAWorkerThatHadNotBegunIsNoAttempt) {
  CoreOptions options;
  options.limits.assign_timeout = seconds(60);
  Harness harness(options);
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce);
  const JobId id = harness.submit("render");
  harness.advance(Millis(5'100));
  EXPECT_EQ(harness.state(id), "queued");
  EXPECT_EQ(harness.ask(Verb::kWhy, {{"job_id", hex_of(id)}}).body["reason"], "no worker offers render at the moment");
  WorkerPeer two(harness, "w2");
  two.join(kOnce);
  EXPECT_EQ(two.take_one().body["attempt"], 1);
}

TEST(Lease, IsExcusedWhereTheBrokerStoodStill) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  harness.advance(Millis(10));
  harness.clock.advance(seconds(30));
  harness.core().on_tick(harness.now());
  harness.settle();
  EXPECT_EQ(harness.state(id), "running");
  worker.renew({attempt});
  worker.succeed(attempt);
  EXPECT_EQ(harness.state(id), "succeeded");
}

TEST(Lease, ThatIsShortEndsOnABrokerThatHasNothingElseToDo) {
  CoreOptions options;
  options.limits.worker_lease = Millis(1'500);
  Harness harness(options);
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce);
  const JobId id = harness.submit("render");
  worker.start(worker.take_one());
  harness.advance(seconds(3));
  EXPECT_EQ(harness.status(id)["error"]["name"], "worker_lost");
}

TEST(Worker, ThatCouldNotBeHeardIsNotLateToStartOrToStop) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce, 2);
  const JobId assigned = harness.submit("render");
  const JobId stopping = harness.submit("render");
  worker.start(worker.take_assigned().at(1));
  harness.cancel(stopping);
  for (int i = 0; i < 10; ++i) {
    harness.core().on_workers_unheard(harness.now());
    harness.advance(Millis(900));
  }
  EXPECT_EQ(harness.state(assigned), "assigned");
  EXPECT_EQ(harness.state(stopping), "cancelling");
  harness.advance(seconds(5));
  EXPECT_EQ(harness.state(assigned), "queued");
  EXPECT_EQ(harness.state(stopping), "cancelled");
}

TEST(Worker, ThatLeavesLosesWhatItRanAndGivesBackWhatItDidNot) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce, 2);
  const JobId runs = harness.submit("render");
  const JobId waits = harness.submit("render");
  worker.start(worker.take_assigned().at(0));
  EXPECT_EQ(worker.bye().verb(), Verb::kAck);
  EXPECT_EQ(harness.status(runs)["error"]["name"], "worker_lost");
  EXPECT_EQ(harness.state(waits), "queued");
}

TEST(Worker, ThatForgotAnAttemptHasLostIt) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce, 2);
  const JobId id = harness.submit("render");
  const Assigned attempt = worker.take_one();
  worker.renew();
  EXPECT_EQ(harness.state(id), "assigned") << "the assignment may have crossed it";
  worker.start(attempt);
  worker.renew();
  EXPECT_EQ(harness.status(id)["error"]["message"], "worker w1 no longer has it");
}

TEST(Worker, ThatReconnectsGoesOnWithWhatItHolds) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce, 2);
  const JobId runs = harness.submit("render");
  const JobId missed = harness.submit("render");
  const auto two = worker.take_assigned();
  worker.start(two.at(0));
  worker.join(kOnce, 2, {two.at(0)});
  const Assigned again = worker.take_one();
  EXPECT_EQ(again.job, missed) << "it had never arrived";
  worker.succeed(two.at(0));
  EXPECT_EQ(harness.state(runs), "succeeded");
}

// ---- restarts

TEST(Restart, WhatAWorkerRunsIsTakenUpAgain) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  worker.report(attempt, Verb::kProgress, {{"percent", 10}});
  harness.restart();
  EXPECT_EQ(harness.state(id), "running");
  harness.advance(seconds(3));
  worker.join(kOnce, 1, {attempt});
  EXPECT_TRUE(worker.take_assigned().empty());
  worker.report_numbered(attempt, Verb::kProgress, 2, {{"percent", 10}});
  worker.report(attempt, Verb::kProgress, {{"percent", 90}});
  worker.succeed(attempt, {{"n", 1}});
  const json status = harness.status(id);
  EXPECT_EQ(status["result"]["n"], 1);
  EXPECT_EQ(status["attempt"], 1);
  EXPECT_EQ(harness.kinds_of(topic_of(id)), (std::vector<std::string>{"progress", "complete"}))
      << "what was taken before the restart is not taken twice";
}

TEST(Restart, GoesOnBehindReportsThatThePowerTook) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kAgain);
  const JobId id = harness.submit("render");
  Assigned attempt = worker.take_one();
  const auto survives = harness.committed;
  worker.start(attempt);
  worker.report(attempt, Verb::kProgress, {{"percent", 10}});
  harness.committed = survives;
  harness.restart();
  EXPECT_EQ(harness.state(id), "assigned") << "what the worker said since was buffered, and is gone";
  attempt.reported = 2;
  worker.join(kAgain, 1, {attempt});
  worker.report(attempt, Verb::kProgress, {{"percent", 20}});
  worker.succeed(attempt);
  EXPECT_EQ(harness.state(id), "succeeded");
  EXPECT_EQ(harness.core().counters().reports_early, 0u);
}

TEST(Restart, WhatNobodyClaimsFollowsItsLoss) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(json::array({declared("render"), declared("repeat", {{"idempotent", true}})}), 3);
  EXPECT_EQ(worker.take(Verb::kNack).size(), 0u);
  const JobId once = harness.submit("render");
  const Assigned started = worker.take_one();
  worker.start(started);
  const JobId assigned = harness.submit("render");
  worker.take_one();
  harness.restart();
  harness.advance(seconds(9));
  EXPECT_EQ(harness.state(once), "running") << "the grace is not over";
  EXPECT_EQ(harness.state(assigned), "assigned");
  harness.advance(Millis(1'200));
  EXPECT_EQ(harness.status(once)["error"]["name"], "worker_lost");
  EXPECT_EQ(harness.state(assigned), "queued") << "its START was never acknowledged";
  EXPECT_EQ(harness.core().jobs().find(once)->run->deaths, 1u);
}

TEST(Restart, AWorkerThatComesBackWithoutItHasLostIt) {
  Running running(kAgain);
  auto& [harness, worker, id, attempt] = running;
  harness.restart();
  worker.join(kAgain);
  EXPECT_EQ(harness.state(id), "scheduled");
  worker.succeed(attempt);
  EXPECT_EQ(worker.take(Verb::kRevoke).size(), 1u);
  EXPECT_EQ(harness.state(id), "scheduled");
}

TEST(Restart, AStopIsSaidAgain) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  harness.restart();
  harness.cancel(id);
  worker.join(kOnce, 1, {attempt});
  EXPECT_EQ(worker.take(Verb::kStop).size(), 1u);
  worker.fail_with(attempt, "cancelled");
  EXPECT_EQ(harness.state(id), "cancelled");
}

TEST(Restart, DeathsAreCountedThroughIt) {
  Harness harness;
  JobId id;
  for (std::uint32_t death = 1; death <= 2; ++death) {
    WorkerPeer worker(harness, "w" + std::to_string(death));
    worker.join(kAgain);
    if (death == 1) id = harness.submit("render");
    worker.start(death == 1 ? worker.take_one() : worker.wait_for_one());
    harness.advance(Millis(5'100));
    harness.restart();
    EXPECT_EQ(harness.core().jobs().find(id)->run->deaths, death);
  }
}

TEST(Drain, LeavesWhatRemoteWorkersRunToTheNextStart) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  harness.ask(Verb::kDrain, json::object(), {.lane = Lane::kControl});
  EXPECT_TRUE(harness.core().drained(harness.now()));
  EXPECT_TRUE(worker.take(Verb::kStop).empty());
  harness.restart();
  worker.join(kOnce, 1, {attempt});
  worker.succeed(attempt);
  EXPECT_EQ(harness.state(id), "succeeded");
}

TEST(Drain, WaitsForWhatRemoteWorkersRunAndNoLogKeeps) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce);
  harness.submit("render", {{"grade", "volatile"}});
  const Assigned attempt = worker.take_one();
  worker.start(attempt);
  harness.core().drain(harness.now());
  harness.settle();
  EXPECT_FALSE(harness.core().drained(harness.now()));
  worker.succeed(attempt);
  EXPECT_TRUE(harness.core().drained(harness.now()));
}

}  // namespace
}  // namespace yard::broker
