// Tenants, groups, resources and budgets through the core; and what WHY says of them.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

// Tools "gpu" (a group of two, 10 of 24 MiB, spends a unit a second, ten seconds expected) and "keyed".
struct LimitsHarness : Harness {
  explicit LimitsHarness(std::size_t slots = 4, std::size_t keys = 1'024) : Harness(options_of(slots, keys)) {
    add("gpu", {.groups = {"pair"}, .resources = {{"gpu:0", 10}}, .spends = {{"units", 1}}, .estimate = seconds(10)});
    add("vast", {.resources = {{"gpu:0", 25}}});
    add("keyed", {.per_key = {.concurrency = 1}});
    add("paced", {.groups = {"slow"}});
  }

  static CoreOptions options_of(std::size_t slots, std::size_t keys) {
    CoreOptions options;
    options.limits.concurrency_keys_max = keys;
    options.executor_slots = slots;
    options.limits.prefetch_max = 0;
    options.scheduling.groups["pair"].concurrency = 2;
    options.scheduling.groups["slow"] = {.rate_per_s = 1};
    options.scheduling.resources["gpu:0"] = 24;
    options.scheduling.tenants["local"].budget = {.units = {{"units", 25}}, .window = seconds(100)};
    options.scheduling.tenants["peer2"].weight = 2;
    // Peers other than the harness's own are named as they call themselves on the wire.
    options.principal_of = [](const Peer& peer) { return peer.routing_id == "peer" ? "local" : peer.routing_id; };
    return options;
  }

  void add(std::string name, jobs::ToolNeeds needs) {
    tools::ToolSpec spec;
    spec.name = std::move(name);
    spec.title = spec.description = "for tests";
    spec.arguments = spec.result = R"({"type": "object"})";
    spec.kind = tools::ToolKind::kJob;
    spec.needs = std::move(needs);
    spec.idempotent = true;  // what a restart interrupts is begun again
    spec.handler = tools::JobHandler([](auto&&...) { return Status{}; });
    ASSERT_TRUE(registry.add(std::move(spec)));
  }

  json limit_of(JobId id) { return ask(Verb::kWhy, {{"job_id", hex_of(id)}}).body.at("limit"); }
  std::string reason_of(JobId id) { return ask(Verb::kWhy, {{"job_id", hex_of(id)}}).body.at("reason"); }

  void finish(JobId id, Nanos busy) { report(id, jobs::Finished{.outcome = Bytes("\x80"), .busy = busy}); }

  // The session of another principal.
  std::uint64_t session_of(std::string_view peer) {
    const std::uint64_t correlation = 1'000'000 + session;
    core().on_frame(now(), Lane::kRequests, peer,
                    wire::encode({.verb = Verb::kHello, .correlation = correlation}, "", ""));
    settle();
    const auto reply = reply_to(correlation);
    return reply ? reply->header.session : 0;
  }
  JobId submit_as(std::uint64_t of_session, std::string_view tool = "work") {
    const Uuid id = fresh_id();
    post(Verb::kCall, json::object(), {.id = id, .budget_ms = 0, .tool = tool, .session = of_session});
    return JobId(id);
  }
};

TEST(CoreLimits, PrincipalsTakeTurnsByTheirWeight) {
  LimitsHarness harness(1);
  const std::uint64_t other = harness.session_of("peer2");
  const JobId first = harness.submit();
  std::vector<JobId> own;
  std::vector<JobId> others;
  for (int i = 0; i < 6; ++i) own.push_back(harness.submit());
  for (int i = 0; i < 6; ++i) others.push_back(harness.submit_as(other));
  EXPECT_EQ(harness.limit_of(own[5])["kind"], "turn");
  EXPECT_NE(harness.reason_of(own[5]).find("2 tenants take turns, and its own gets 1 of 3"), std::string::npos);
  harness.run(first);
  std::string order;
  for (int i = 0; i < 9; ++i) {
    const JobId running = harness.works.begin()->first;
    order += std::ranges::find(others, running) != others.end() ? 'o' : 'l';
    harness.run(running);
  }
  EXPECT_EQ(std::ranges::count(order, 'o'), 6) << order;
}

TEST(CoreLimits, AGroupHoldsBackItsOwnAndNothingElse) {
  LimitsHarness harness;
  const JobId one = harness.submit("gpu");
  const JobId two = harness.submit("gpu");
  const JobId three = harness.submit("gpu");
  const JobId free = harness.submit("work");
  EXPECT_TRUE(harness.has_work(one) && harness.has_work(two) && harness.has_work(free));
  EXPECT_FALSE(harness.has_work(three));
  const json limit = harness.limit_of(three);
  EXPECT_EQ(limit["kind"], "concurrency");
  EXPECT_EQ(limit["name"], "group pair");
  EXPECT_EQ(limit["max"], 2);
}

TEST(CoreLimits, ARateWakesTheCoreWhenItsTimeHasCome) {
  LimitsHarness harness;
  harness.submit("paced");
  const JobId second = harness.submit("paced");
  EXPECT_FALSE(harness.has_work(second));
  EXPECT_EQ(harness.limit_of(second)["wait_ms"], 1'000);
  EXPECT_LE(harness.core().next_tick(), harness.now().steady + seconds(1));
  harness.advance(Millis(999));
  EXPECT_FALSE(harness.has_work(second));
  harness.advance(Millis(1));
  EXPECT_TRUE(harness.has_work(second));
}

TEST(CoreLimits, ADrainingBrokerIsNotWokenForWhatItWillNotBegin) {
  LimitsHarness harness;
  harness.submit("paced");
  harness.submit("paced");
  harness.core().drain(harness.now());
  harness.settle();
  EXPECT_EQ(harness.core().jobs().next_schedule(), SteadyTime::max());
}

TEST(CoreLimits, MoreOfAResourceThanThereIsIsRefused) {
  LimitsHarness harness;
  const Reply reply =
      harness.ask(Verb::kCall, json::object(), {.id = harness.fresh_id(), .budget_ms = 0, .tool = "vast"});
  EXPECT_EQ(reply.error(), "too_large");
  EXPECT_NE(reply.body["message"].get<std::string>().find("25 of gpu:0"), std::string::npos) << reply.body;
}

TEST(CoreLimits, AKeyIsForToolsThatLimitIt) {
  LimitsHarness harness;
  const auto call = [&](std::string_view tool, const json& key) {
    return harness.ask(Verb::kCall, json::object(),
                       {.id = harness.fresh_id(), .budget_ms = 0, .tool = tool, .options = {{"concurrency_key", key}}});
  };
  EXPECT_EQ(call("work", "m").error(), "bad_request");
  EXPECT_EQ(call("keyed", "").error(), "bad_request");
  EXPECT_EQ(call("keyed", std::string(129, 'k')).error(), "bad_request");
  EXPECT_EQ(call("keyed", "m").body["state"], "queued");
}

TEST(CoreLimits, AKeySurvivesARestart) {
  LimitsHarness harness;
  const JobId one = harness.submit("keyed", {{"concurrency_key", "m"}});
  const JobId two = harness.submit("keyed", {{"concurrency_key", "m"}});
  const JobId other = harness.submit("keyed", {{"concurrency_key", "n"}});
  harness.begin(other);
  EXPECT_TRUE(harness.has_work(one));
  EXPECT_FALSE(harness.has_work(two));
  harness.restart();
  EXPECT_NE(harness.has_work(one), harness.has_work(two));
  EXPECT_EQ(harness.limit_of(harness.has_work(one) ? two : one)["name"], "key keyed/m");
}

TEST(CoreLimits, WhatABudgetHasSpentSurvivesARestart) {
  LimitsHarness harness;
  const JobId one = harness.submit("gpu");
  harness.begin(one);
  harness.finish(one, seconds(9));
  const JobId two = harness.submit("gpu");
  harness.begin(two);
  harness.finish(two, seconds(9));
  harness.restart();
  EXPECT_EQ(harness.core().jobs().queue().budget_of("local")->left("units", harness.now().wall), 7'000u);
  const JobId three = harness.submit("gpu");
  EXPECT_FALSE(harness.has_work(three));
  const json limit = harness.limit_of(three);
  EXPECT_EQ(limit["kind"], "budget");
  EXPECT_EQ(limit["used"], 18);
  EXPECT_EQ(limit["max"], 25);
  harness.advance(seconds(101));
  EXPECT_TRUE(harness.has_work(three)) << "the next window";
}

TEST(CoreLimits, AResourceIsFreeAgainWhenTheAttemptHasEnded) {
  LimitsHarness harness;
  const JobId one = harness.submit("gpu");
  const auto& resources = harness.core().jobs().queue().resources();
  EXPECT_EQ(resources.used("gpu:0"), 10u);
  harness.begin(one);
  harness.cancel(one);
  EXPECT_EQ(resources.used("gpu:0"), 10u) << "it may run still";
  harness.fail_with(one, ErrorCode::kCancelled);
  EXPECT_EQ(resources.used("gpu:0"), 0u);
}

TEST(CoreLimits, ThereIsABoundOnConcurrencyKeysOfLiveJobs) {
  LimitsHarness harness(4, 2);
  const auto call = [&](std::string_view key) {
    return harness.ask(Verb::kCall, json::object(),
                       {.id = harness.fresh_id(),
                        .budget_ms = 0,
                        .tool = "keyed",
                        .options = {{"concurrency_key", key}, {"delay_ms", 60'000}}});
  };
  const Reply first = call("a");
  call("b");
  EXPECT_EQ(call("c").error(), "over_quota") << "though none of them is queued yet";
  EXPECT_EQ(call("b").body["state"], "scheduled");
  harness.ask(Verb::kCancel, {{"job_id", first.body["job_id"]}});
  EXPECT_EQ(call("c").body["state"], "scheduled");
  harness.restart();
  EXPECT_EQ(call("d").error(), "over_quota");
  json calls = json::array();
  for (const char* key : {"b", "e"}) {
    calls.push_back({{"id", to_hex(harness.fresh_id())}, {"tool", "keyed"}, {"options", {{"concurrency_key", key}}}});
  }
  EXPECT_EQ(harness.ask(Verb::kSubmitBatch, {{"calls", calls}, {"atomic", true}}).error(), "over_quota");
}

TEST(CoreLimits, WhatRanWhenTheBrokerDiedHasSpentWhatTheLogTells) {
  LimitsHarness harness;
  const JobId id = harness.submit("gpu");
  harness.begin(id);
  harness.advance(seconds(9));
  harness.report(id, jobs::Progressed{.percent = 90, .message = "nearly"});
  harness.restart();
  const jobs::Budget& budget = *harness.core().jobs().queue().budget_of("local");
  EXPECT_EQ(budget.left("units", harness.now().wall), 16'000u);
  EXPECT_EQ(harness.core().jobs().queue().resources().used("gpu:0"), 0u);
}

}  // namespace
}  // namespace yard::broker
