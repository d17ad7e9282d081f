// Remote workers: what they offer, what they are given, what they report.
#include <gtest/gtest.h>

#include "tests/broker/core/worker_peer.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

// ---- offering

TEST(RemoteTool, IsCalledAsTheBrokersOwn) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  EXPECT_EQ(worker.join(kOnce).verb(), Verb::kAck);
  const std::uint64_t call = harness.post(Verb::kCall, {{"text", "X:1"}}, {.id = harness.fresh_id(), .tool = "render"});
  const Assigned attempt = worker.take_one();
  EXPECT_EQ(attempt.body["arguments"], (json{{"text", "X:1"}}));
  EXPECT_EQ(attempt.body["once"], true);
  worker.start(attempt);
  worker.report(attempt, Verb::kProgress, {{"percent", 50}, {"message", "half"}});
  worker.report(attempt, Verb::kChunk, {{"data", json::binary({1, 2})}});
  worker.report(attempt, Verb::kLog, {{"level", "info"}, {"message", "nearly"}});
  worker.succeed(attempt, {{"answer", 42}});
  EXPECT_EQ(worker.take(Verb::kAck).size(), 5u) << "each report is acknowledged";
  const auto reply = harness.reply_to(call);
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->verb(), Verb::kResult);
  EXPECT_EQ(reply->body["result"]["answer"], 42);
  EXPECT_EQ(harness.kinds_of(topic_of(attempt.job)),
            (std::vector<std::string>{"queued", "running", "progress", "chunk", "log", "complete"}));
}

TEST(RemoteTool, IsListedWithItsWorkersAndTheirDeclaration) {
  Harness harness;
  WorkerPeer one(harness, "w1");
  WorkerPeer two(harness, "w2");
  const json tools = json::array({declared("render", {{"timeout_class", "medium"},
                                                      {"timeout_ms", 90'000},
                                                      {"streams", true},
                                                      {"grade", "buffered"},
                                                      {"version", 3}})});
  one.join(tools, 4);
  two.join(tools, 2);
  const json shown = harness.ask(Verb::kTools, {{"name", "render"}}).body["tools"][0];
  EXPECT_EQ(shown["workers"], 2);
  for (const auto& [field, value] : tools[0].items()) EXPECT_EQ(shown[field], value) << field;
  const json stats = harness.ask(Verb::kStats).body;
  EXPECT_EQ(stats["workers"].size(), 2u);
  EXPECT_EQ(stats["gauges"]["workers"], 2);
}

TEST(RemoteTool, WithoutAWorkerIsRefusedAndNoLongerListed) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  Asking asking{.id = harness.fresh_id(), .budget_ms = 0, .tool = "render"};
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), asking).error(), "unknown_tool");
  worker.join(kOnce);
  worker.bye();
  const Reply refused = harness.ask(Verb::kCall, json::object(), asking);
  EXPECT_EQ(refused.error(), "no_worker");
  EXPECT_EQ(refused.body["retryable"], true);
  for (const json& tool : harness.ask(Verb::kTools).body["tools"]) EXPECT_NE(tool["name"], "render");
  EXPECT_EQ(harness.ask(Verb::kTools, {{"name", "render"}}).body["tools"][0]["workers"], 0);
}

TEST(RemoteTool, IsDeclaredAlikeByAllItsWorkers) {
  Harness harness;
  WorkerPeer one(harness, "w1");
  WorkerPeer two(harness, "w2");
  one.join(kOnce);
  EXPECT_EQ(two.join(kAgain).error(), "conflict");
  EXPECT_EQ(two.join(json::array({declared("work")})).error(), "conflict") << "the broker has one of its own";
  EXPECT_EQ(two.join(kOnce).verb(), Verb::kAck);
  one.bye();
  EXPECT_EQ(two.enroll(kAgain).verb(), Verb::kAck) << "nobody else offers it";
  EXPECT_EQ(harness.ask(Verb::kTools, {{"name", "render"}}).body["tools"][0]["idempotent"], true);
}

TEST(RemoteTool, IsRefusedWithWhatIsWrongWithIt) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.hello();
  const auto refused = [&](json tool) {
    const Reply reply = worker.enroll(json::array({std::move(tool)}));
    EXPECT_EQ(reply.error(), "bad_request") << reply.body;
    return reply.body.value("message", "");
  };
  EXPECT_NE(refused(declared("Render!")).find("a name is"), std::string::npos);
  EXPECT_NE(refused(declared("render", {{"colour", "red"}})).find("field colour is unknown"), std::string::npos);
  EXPECT_NE(refused(declared("render", {{"kind", "immediate"}})).find("field kind"), std::string::npos);
  EXPECT_NE(refused(declared("render", {{"timeout_ms", -1}})).find("field timeout_ms"), std::string::npos);
  EXPECT_NE(refused(declared("render", {{"arguments", {{"type", "array"}}}})).find("object"), std::string::npos);
  EXPECT_NE(refused(declared("render", {{"arguments", {{"frob", 1}}}})).find("frob"), std::string::npos);
  EXPECT_EQ(worker.enroll(json::array({declared("a"), declared("a")})).error(), "bad_request");
  EXPECT_EQ(harness.ask(Verb::kTools, {{"name", "render"}}).error(), "unknown_tool") << "nothing came of it";
}

TEST(RemoteTool, IsOneOfSoMany) {
  CoreOptions options;
  options.limits.worker_tools_max = 2;
  options.limits.workers_max = 1;
  Harness harness(options);
  WorkerPeer worker(harness, "w1");
  EXPECT_EQ(worker.join(json::array({declared("a"), declared("b")})).verb(), Verb::kAck);
  EXPECT_EQ(worker.enroll(json::array({declared("c")})).error(), "over_quota") << "a and b stay known";
  EXPECT_EQ(worker.enroll(json::array({declared("b")})).verb(), Verb::kAck);
  WorkerPeer other(harness, "w2");
  EXPECT_EQ(other.join(json::array({declared("b")})).error(), "over_quota");
}

TEST(RemoteTool, TakesNoArgumentsThatItsWorkerCouldNotGet) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce);
  const auto call = [&](std::size_t bytes) {
    return harness.ask(Verb::kCall, {{"text", std::string(bytes, 'x')}},
                       {.id = harness.fresh_id(), .budget_ms = 0, .tool = "render"});
  };
  EXPECT_EQ(call(wire::kFrameBytesMax - 128).error(), "too_large");
  EXPECT_EQ(call(kAssignArgumentsMax - 16).verb(), Verb::kJob);
  EXPECT_EQ(worker.take_assigned().size(), 1u) << "the harness decodes every frame";
}

// ---- choosing

TEST(Worker, HoldsNoMoreThanItRegisteredWith) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce, 2);
  const JobId first = harness.submit("render");
  harness.submit("render");
  const JobId third = harness.submit("render");
  const auto two = worker.take_assigned();
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].job, first);
  const json why = harness.ask(Verb::kWhy, {{"job_id", hex_of(third)}}).body;
  EXPECT_EQ(why["reason"], "all workers that offer render are busy: 1");
  EXPECT_EQ(why["running"], 2);
  worker.start(two[0]);
  worker.succeed(two[0]);
  EXPECT_EQ(worker.take_one().job, third);
}

TEST(Worker, WithTheMostRoomIsChosenEachInTurnAmongEquals) {
  Harness harness;
  WorkerPeer small(harness, "small");
  WorkerPeer large(harness, "large");
  small.join(kOnce, 2);
  large.join(kOnce, 4);
  for (int i = 0; i < 2; ++i) harness.submit("render");
  EXPECT_EQ(large.take_assigned().size(), 2u);
  for (int i = 0; i < 4; ++i) harness.submit("render");
  EXPECT_EQ(large.take_assigned().size(), 2u);
  EXPECT_EQ(small.take_assigned().size(), 2u);
}

TEST(Worker, OfAnotherToolIsNotHeldUpByABusyOne) {
  Harness harness;
  WorkerPeer busy(harness, "busy");
  WorkerPeer idle(harness, "idle");
  busy.join(kOnce);
  idle.join(json::array({declared("scan")}));
  for (int i = 0; i < 3; ++i) harness.submit("render");
  const JobId scan = harness.submit("scan");
  EXPECT_EQ(idle.take_one().job, scan);
  harness.submit("work");
  EXPECT_EQ(harness.works.size(), 1u) << "nor are the broker's own tools";
}

TEST(Worker, KeepsToTheLimitOfItsTool) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(json::array({declared("render", {{"concurrency_max", 1}})}), 4);
  harness.submit("render");
  const JobId second = harness.submit("render");
  const Assigned attempt = worker.take_one();
  worker.succeed(attempt);
  EXPECT_EQ(worker.take_one().job, second);
}

// ---- beginning

TEST(Attempt, ThatIsNotStartedInTimeIsNone) {
  Harness harness;
  WorkerPeer idle(harness, "idle");
  idle.join(kOnce);
  const JobId id = harness.submit("render");
  const Assigned attempt = idle.take_one();
  harness.advance(Millis(1'100));
  EXPECT_EQ(harness.state(id), "queued");
  EXPECT_EQ(idle.take(Verb::kRevoke).at(0).header.fence, attempt.fence);
  EXPECT_TRUE(idle.take_assigned().empty()) << "it may have it still";
  idle.renew();
  EXPECT_TRUE(idle.take_assigned().empty()) << "it may have said this before it heard of it";
  const Assigned again = idle.wait_for_one();
  EXPECT_GT(again.fence, attempt.fence);
  EXPECT_EQ(harness.status(id)["attempt"], 1);
  idle.start(attempt);
  EXPECT_EQ(idle.take(Verb::kRevoke).size(), 1u) << "too late";
  EXPECT_EQ(harness.state(id), "assigned");
}

TEST(Attempt, OfWhatRunsOnceIsAcknowledgedWhenItsStartIsWritten) {
  Harness harness({}, Harness::Commits::kByHand);
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce);
  harness.submit("render");
  EXPECT_TRUE(worker.take_assigned().empty()) << "an assignment is written before it is said";
  harness.commit();
  const Assigned attempt = worker.take_one();
  worker.start(attempt);
  EXPECT_TRUE(worker.take(Verb::kAck).empty());
  harness.commit();
  EXPECT_EQ(worker.take(Verb::kAck).at(0).header.correlation, 1u);
}

// ---- reporting

TEST(Attempt, ReportsCountOnceAndInTheirOrder) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  const json chunk = {{"data", json::binary({1})}};
  worker.report_numbered(attempt, Verb::kChunk, 3, chunk);
  EXPECT_EQ(worker.take(Verb::kAck).size(), 1u) << "one before it is missing";
  worker.report_numbered(attempt, Verb::kChunk, 2, chunk);
  worker.report_numbered(attempt, Verb::kChunk, 2, chunk);
  worker.report_numbered(attempt, Verb::kChunk, 3, chunk);
  EXPECT_EQ(worker.take(Verb::kAck).size(), 3u) << "what was taken before is acknowledged again";
  EXPECT_EQ(harness.kinds_of(topic_of(id)), (std::vector<std::string>{"queued", "running", "chunk", "chunk"}));
  EXPECT_EQ(harness.core().counters().reports_early, 1u);
}

TEST(Attempt, ResultIsAcknowledgedWhenItIsWrittenAndAgainWhenItIsRepeated) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  worker.succeed(attempt, {{"n", 1}});
  worker.take(Verb::kAck);
  worker.report_numbered(attempt, Verb::kSucceed, 2, {{"n", 2}});
  ASSERT_EQ(worker.take(Verb::kAck).size(), 1u);
  EXPECT_EQ(harness.status(id)["result"]["n"], 1) << "the first is the one that counts";
  harness.restart();
  worker.join(kOnce, 1, {attempt});
  EXPECT_EQ(worker.take(Verb::kRevoke).size(), 1u);
  worker.report_numbered(attempt, Verb::kSucceed, 2, {{"n", 2}});
  EXPECT_EQ(worker.take(Verb::kAck).size(), 1u) << "a restart remembers whose report it was";
}

TEST(Attempt, OfAnotherFenceOrAnotherWorkerIsRefusedAndChangesNothing) {
  Harness harness;
  WorkerPeer one(harness, "w1");
  WorkerPeer two(harness, "w2");
  one.join(kOnce, 2);
  two.join(kOnce, 1);
  const JobId id = harness.submit("render");
  const Assigned attempt = one.take_one();
  one.start(attempt);
  Assigned wrong = attempt;
  ++wrong.fence;
  one.succeed(wrong);
  EXPECT_EQ(one.take(Verb::kRevoke).at(0).body["name"], "stale");
  two.succeed(attempt);
  EXPECT_EQ(two.take(Verb::kRevoke).size(), 1u);
  EXPECT_EQ(harness.state(id), "running");
  EXPECT_EQ(harness.core().counters().reports_stale, 2u);
}

TEST(Attempt, IsNamedWhereItsReportIsRefused) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  worker.report(attempt, Verb::kChunk, {{"data", "no binary"}});
  const Reply refused = worker.take(Verb::kNack).at(0);
  EXPECT_EQ(refused.error(), "bad_request");
  EXPECT_EQ(refused.header.correlation, 2u);
  EXPECT_EQ(JobId(refused.header.id), attempt.job);
  EXPECT_EQ(refused.header.fence, attempt.fence);
  worker.report_numbered(attempt, Verb::kFail, 2, {{"name", "tool_failed"}});
  EXPECT_EQ(harness.state(id), "failed") << "the next one takes its number";
}

TEST(Attempt, ThatFailsIsRetriedByTheRulesOfEveryJob) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kAgain);
  const JobId id = harness.submit("render");
  const Assigned attempt = worker.take_one();
  EXPECT_EQ(attempt.body["once"], false);
  worker.fail_with(attempt, "unavailable");
  EXPECT_EQ(harness.state(id), "scheduled");
  harness.advance(seconds(1));
  worker.renew();
  worker.fail_with(worker.take_assigned().back(), "tool_failed");
  EXPECT_EQ(harness.status(id)["error"]["name"], "tool_failed");
  EXPECT_EQ(harness.status(id)["attempt"], 2);
}

// ---- stopping

TEST(Attempt, IsToldToStopAndEndsItself) {
  Running running(kOnce);
  auto& [harness, worker, id, attempt] = running;
  harness.cancel(id, "not needed");
  EXPECT_EQ(worker.take(Verb::kStop).size(), 1u);
  worker.renew({attempt});
  EXPECT_EQ(worker.take(Verb::kStop).size(), 1u) << "the first may have been lost";
  worker.fail_with(attempt, "cancelled");
  EXPECT_EQ(harness.status(id)["error"]["message"], "cancelled: not needed");
}

TEST(Attempt, ThatIgnoresItsStopIsRevokedAndKeepsItsPlace) {
  Harness harness;
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce);
  const JobId id = harness.submit("render");
  const JobId next = harness.submit("render");
  const Assigned attempt = worker.take_one();
  worker.start(attempt);
  harness.cancel(id);
  for (int i = 0; i < 6; ++i) {
    harness.advance(seconds(1));
    worker.renew({attempt});
  }
  EXPECT_EQ(harness.state(id), "cancelled");
  EXPECT_EQ(harness.status(id)["stopped"], "revoked");
  EXPECT_GE(worker.take(Verb::kRevoke).size(), 1u);
  EXPECT_TRUE(worker.take_assigned().empty()) << "it still runs";
  worker.succeed(attempt);
  EXPECT_EQ(harness.state(id), "cancelled");
  EXPECT_EQ(worker.take_one().job, next) << "now it is over";
}

TEST(Attempt, ThatRunsTooLongIsToldToStop) {
  Running running(json::array({declared("render", {{"timeout_ms", 2'000}})}));
  auto& [harness, worker, id, attempt] = running;
  harness.advance(seconds(1));
  worker.renew({attempt});
  harness.advance(Millis(1'100));
  EXPECT_EQ(worker.take(Verb::kStop).size(), 1u);
  worker.fail_with(attempt, "cancelled");
  EXPECT_EQ(harness.status(id)["error"]["name"], "deadline_exceeded");
}

// ---- the socket

TEST(WorkersSocket, TakesNothingButWorkersVerbs) {
  Harness harness;
  EXPECT_EQ(harness.ask(Verb::kStatus, json::object(), {.lane = Lane::kWorkers}).error(), "no_session");
  WorkerPeer worker(harness, "w1");
  worker.join(kOnce);
  worker.send({.verb = Verb::kStatus, .correlation = 5}, "");
  EXPECT_EQ(worker.take(Verb::kNack).at(0).body["name"], "no_session");
  for (const Verb verb : {Verb::kRegister, Verb::kRenew, Verb::kStart, Verb::kSucceed, Verb::kFail})
    EXPECT_EQ(harness.ask(verb).error(), "unsupported") << name_of(verb) << " on the requests socket";
}

TEST(WorkersSocket, WelcomeSaysWhereItIs) {
  CoreOptions options;
  options.workers_endpoint = "ipc:///run/workers";
  Harness harness(options);
  EXPECT_EQ(harness.hello().body["workers"], "ipc:///run/workers");
}

}  // namespace
}  // namespace yard::broker
