// REPLAY, welcome, beacon, values, the log stream, subscriptions.
#include <gtest/gtest.h>

#include "engine/base/base64.h"
#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

using std::chrono::seconds;

constexpr char kNul = '\0';

// Events of a REPLAY answer, decoded.
std::vector<Published> events_in(const Reply& reply) {
  std::vector<Published> events;
  for (const json& element : reply.body["events"]) {
    const auto frame = from_base64(element.get<std::string>());
    EXPECT_TRUE(frame);
    const auto event = iopub::decode_event(*frame);
    EXPECT_TRUE(event);
    if (event) events.push_back({std::string(event->topic), event->header, {}});
  }
  return events;
}

void subscribe(Harness& harness, std::string_view prefix) {
  harness.core().on_subscription(harness.now(), '\x01' + std::string(prefix));
  harness.settle();
}

void unsubscribe(Harness& harness, std::string_view prefix) {
  harness.core().on_subscription(harness.now(), '\0' + std::string(prefix));
  harness.settle();
}

// ---- replay

TEST(CoreReplay, GivesAJobsHistoryInOrder) {
  Harness harness;
  const JobId id = harness.submit();
  harness.run(id);
  const Reply reply = harness.ask(Verb::kReplay, {{"stream", topic_of(id)}, {"from", 2}});
  EXPECT_EQ(reply.body["stream"], topic_of(id));
  EXPECT_EQ(reply.body["epoch"], 1);
  EXPECT_EQ(reply.body["last"], 3);
  EXPECT_EQ(reply.body["oldest"], 1);
  EXPECT_EQ(reply.body["next"], 4);
  EXPECT_EQ(reply.body["truncated"], false);
  EXPECT_FALSE(reply.body.contains("snapshot"));
  const auto events = events_in(reply);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].topic, topic_of(id));
  EXPECT_EQ(events[0].header.seq, 2u);
  EXPECT_EQ(events[1].header.kind, iopub::EventKind::kComplete);
}

TEST(CoreReplay, IsWhatWasPublished) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  for (int i = 0; i < 20; ++i) harness.report(id, jobs::Chunked{std::to_string(i)});
  harness.succeed(id);
  for (const std::string& topic : {topic_of(id), std::string("t.local")}) {
    const auto replayed = events_in(harness.ask(Verb::kReplay, {{"stream", topic}}));
    const auto live = harness.events_of(topic);
    ASSERT_EQ(replayed.size(), live.size());
    for (std::size_t i = 0; i < live.size(); ++i) EXPECT_EQ(replayed[i].header, live[i].header);
  }
}

TEST(CoreReplay, ComesInPagesThatKeepToMaxBytes) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  for (int i = 0; i < 50; ++i) harness.report(id, jobs::Chunked{Bytes(100, 'x')});
  std::uint64_t from = 1;
  std::uint64_t expected = 1;
  int pages = 0;
  for (std::uint64_t last = 1; from <= last; ++pages) {
    const Reply reply = harness.ask(Verb::kReplay, {{"stream", topic_of(id)}, {"from", from}, {"max_bytes", 1'000}});
    std::size_t bytes = 0;
    for (const json& element : reply.body["events"]) bytes += from_base64(element.get<std::string>())->size();
    EXPECT_LE(bytes, 1'000u);
    for (const Published& event : events_in(reply)) EXPECT_EQ(event.header.seq, expected++);
    last = reply.body["last"];
    EXPECT_GT(reply.body["next"], from);
    from = reply.body["next"];
  }
  EXPECT_EQ(expected, 53u);
  EXPECT_GT(pages, 7);
}

TEST(CoreReplay, GivesAtLeastOneEventAPage) {
  Harness harness;
  const JobId id = harness.submit();
  const Reply reply = harness.ask(Verb::kReplay, {{"stream", topic_of(id)}, {"max_bytes", 1}});
  EXPECT_EQ(reply.body["events"].size(), 1u);
}

TEST(CoreReplay, SaysWhatIsGoneAndShowsTheJobInstead) {
  CoreOptions options;
  options.limits.job_stream_bytes = 1'000;
  Harness harness(options);
  const JobId id = harness.submit();
  harness.begin(id);
  for (int i = 0; i < 20; ++i) harness.report(id, jobs::Chunked{Bytes(100, 'x')});
  const Reply reply = harness.ask(Verb::kReplay, {{"stream", topic_of(id)}, {"from", 1}});
  EXPECT_EQ(reply.body["truncated"], true);
  EXPECT_EQ(reply.body["last"], 22);
  const std::uint64_t oldest = reply.body["oldest"];
  EXPECT_GT(oldest, 10u);
  EXPECT_EQ(events_in(reply).front().header.seq, oldest);
  EXPECT_EQ(events_in(reply).back().header.seq, 22u);
  EXPECT_EQ(reply.body["snapshot"]["job_id"], hex_of(id));
  EXPECT_EQ(reply.body["snapshot"]["state"], "running");
}

TEST(CoreReplay, BeyondTheEndIsEmpty) {
  Harness harness;
  const JobId id = harness.submit();
  const Reply reply = harness.ask(Verb::kReplay, {{"stream", topic_of(id)}, {"from", 100}});
  EXPECT_EQ(reply.body["events"], json::array());
  EXPECT_EQ(reply.body["next"], 100);
  EXPECT_EQ(reply.body["last"], 1);
  EXPECT_EQ(reply.body["truncated"], false);
}

TEST(CoreReplay, UnknownStreamsAreNotFound) {
  Harness harness;
  for (const std::string& stream : {std::string("j.") + std::string(32, 'a'), std::string("v.nothing"),
                                    std::string("t.nobody"), std::string("b."), std::string()})
    EXPECT_EQ(harness.ask(Verb::kReplay, {{"stream", stream}}).error(), "not_found") << stream;
  EXPECT_EQ(harness.ask(Verb::kReplay, {{"stream", "l."}}).verb(), Verb::kData);
  EXPECT_EQ(harness.ask(Verb::kReplay, {{"stream", "t.local"}}).verb(), Verb::kData)
      << "there from the first session on";
}

// ---- subscriptions

TEST(CoreSubscription, NobodyListensNothingIsSentAndAllIsKept) {
  Harness harness;
  unsubscribe(harness, "");
  const JobId id = harness.submit();
  harness.run(id);
  EXPECT_TRUE(harness.events.empty());
  EXPECT_EQ(harness.ask(Verb::kReplay, {{"stream", topic_of(id)}}).body["events"].size(), 3u);
}

TEST(CoreSubscription, FollowsThePrefix) {
  Harness harness({.executor_slots = 4});
  unsubscribe(harness, "");
  const JobId first = harness.submit();
  const JobId second = harness.submit();
  subscribe(harness, topic_of(first) + kNul);
  harness.run(first);
  harness.run(second);
  EXPECT_EQ(harness.kinds_of(topic_of(first)), (std::vector<std::string>{"welcome", "running", "complete"}));
  EXPECT_TRUE(harness.events_of(topic_of(second)).empty());
  EXPECT_TRUE(harness.events_of("t.local").empty());
}

TEST(CoreSubscription, ExactOnesAreWelcomedWithTheNewestSeq) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  harness.events.clear();
  subscribe(harness, topic_of(id) + kNul);
  ASSERT_EQ(harness.events.size(), 1u);
  EXPECT_EQ(harness.events[0].header.kind, iopub::EventKind::kWelcome);
  EXPECT_EQ(harness.events[0].header.seq, 0u) << "it takes none";
  EXPECT_EQ(harness.events[0].body, json({{"last", 2}}));
  subscribe(harness, std::string("t.local") + kNul);
  EXPECT_EQ(harness.events.back().body, json({{"last", 2}}));
  subscribe(harness, std::string("l.") + kNul);
  EXPECT_EQ(harness.events.back().body, json({{"last", 0}}));
  const std::size_t before = harness.events.size();
  subscribe(harness, topic_of(id));
  subscribe(harness, iopub::job_topic(harness.fresh_id()) + kNul);
  EXPECT_EQ(harness.events.size(), before) << "a prefix is not one stream, and an unknown one has nothing to tell";
}

TEST(CoreSubscription, WhatPeersSendUpstreamIsIgnored) {
  Harness harness;
  for (const std::string& message :
       {std::string(), std::string("\x02x"), std::string("hello"), '\x01' + std::string(300, 'x')})
    harness.core().on_subscription(harness.now(), message);
  EXPECT_EQ(harness.ask(Verb::kStats).body["gauges"]["subscriptions"], 1);
}

TEST(Subscriptions, ArePrefixes) {
  Subscriptions subscriptions(100);
  EXPECT_FALSE(subscriptions.wanted("j.1"));
  EXPECT_FALSE(subscriptions.any('j'));
  subscriptions.add("j.1");
  subscriptions.add("j.1");
  EXPECT_EQ(subscriptions.size(), 1u);
  EXPECT_TRUE(subscriptions.wanted("j.1"));
  EXPECT_TRUE(subscriptions.wanted("j.123"));
  EXPECT_FALSE(subscriptions.wanted("j."));
  EXPECT_FALSE(subscriptions.wanted("j.2"));
  EXPECT_TRUE(subscriptions.any('j'));
  EXPECT_FALSE(subscriptions.any('t'));
  subscriptions.add("");
  EXPECT_TRUE(subscriptions.wanted("anything"));
  EXPECT_TRUE(subscriptions.any('t'));
  subscriptions.remove("");
  subscriptions.remove("never added");
  EXPECT_FALSE(subscriptions.wanted("anything"));
  subscriptions.remove("j.1");
  EXPECT_FALSE(subscriptions.wanted("j.1"));
  EXPECT_EQ(subscriptions.size(), 0u);
}

TEST(Subscriptions, BeyondTheirBoundEverythingIsWanted) {
  Subscriptions subscriptions(2);
  for (const char* prefix : {"a", "b", "c"}) subscriptions.add(prefix);
  EXPECT_EQ(subscriptions.size(), 2u);
  EXPECT_TRUE(subscriptions.wanted("z"));
  EXPECT_TRUE(subscriptions.any('z'));
}

// ---- beacon

TEST(CoreBeacon, TellsTheNewestSeqOfWhatChanged) {
  Harness harness;
  const JobId id = harness.submit();
  harness.begin(id);
  harness.advance(Millis(300));
  const auto beacons = harness.events_of("b.");
  ASSERT_FALSE(beacons.empty());
  EXPECT_EQ(beacons.back().header.kind, iopub::EventKind::kBeacon);
  EXPECT_EQ(beacons.back().header.seq, 0u);
  EXPECT_EQ(beacons.back().body["streams"], json({{topic_of(id), 2}, {"t.local", 2}}));
}

TEST(CoreBeacon, IsRepeatedAFewTimesAndThenRests) {
  Harness harness;
  harness.run(harness.submit());
  harness.advance(seconds(10));
  const std::size_t told = harness.events_of("b.").size();
  EXPECT_GE(told, 2u) << "a lost one is repaired by the next";
  EXPECT_LE(told, 10u);
  harness.advance(seconds(10));
  EXPECT_EQ(harness.events_of("b.").size(), told);
}

TEST(CoreBeacon, IsBounded) {
  CoreOptions options;
  options.limits.beacon_topics_max = 3;
  Harness harness(options);
  for (int i = 0; i < 10; ++i) harness.submit();
  harness.advance(Millis(300));
  EXPECT_EQ(harness.events_of("b.").back().body["streams"].size(), 3u);
  EXPECT_GT(harness.core().counters().beacon_overflow, 0u);
}

// ---- values

void publish(Harness& harness, int n, const char* key = "key") {
  harness.ask(Verb::kCall, {{"n", n}, {"key", key}}, {.tool = "publish"});
}

TEST(CoreValue, TheNewestReplacesWhatNobodySawYet) {
  Harness harness;
  publish(harness, 1);
  for (int n = 2; n <= 10; ++n) publish(harness, n);
  EXPECT_EQ(harness.events_of("v.key").size(), 1u) << "the first at once";
  harness.advance(Millis(20));
  const auto events = harness.events_of("v.key");
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].body, 1);
  EXPECT_EQ(events[1].body, 10);
  EXPECT_EQ(events[1].header.seq, 2u) << "seq counts what was sent";
  EXPECT_EQ(harness.core().counters().values_conflated, 8u);
  harness.advance(seconds(1));
  EXPECT_EQ(harness.events_of("v.key").size(), 2u);
}

TEST(CoreValue, ReplayGivesTheValueAsASnapshot) {
  Harness harness;
  publish(harness, 7);
  const Reply reply = harness.ask(Verb::kReplay, {{"stream", "v.key"}});
  EXPECT_EQ(reply.body["snapshot"], 7);
  EXPECT_EQ(reply.body["last"], 1);
  EXPECT_EQ(reply.body["truncated"], true) << "there is no history";
  EXPECT_EQ(reply.body["events"], json::array());
  EXPECT_GT(reply.body["next"], reply.body["last"]);
  subscribe(harness, std::string("v.key") + kNul);
  EXPECT_EQ(harness.events.back().body, json({{"last", 1}}));
}

TEST(CoreValue, AreBounded) {
  CoreOptions options;
  options.limits.values_max = 2;
  Harness harness(options);
  for (const char* key : {"a", "b", "c"}) publish(harness, 1, key);
  EXPECT_EQ(harness.events_of("v.b").size(), 1u);
  EXPECT_EQ(harness.events_of("v.c").size(), 0u);
  EXPECT_EQ(harness.ask(Verb::kReplay, {{"stream", "v.c"}}).error(), "not_found");
}

// ---- log

TEST(CoreLog, IsRateLimitedAndCountsTheRest) {
  CoreOptions options;
  options.limits.log_events_per_second = 5;
  Harness harness(options);
  for (int i = 0; i < 20; ++i) harness.post(Verb::kCast, json::object(), {.tool = "nope"});
  EXPECT_EQ(harness.events_of("l.").size(), 5u);
  EXPECT_EQ(harness.logs.size(), 5u);
  EXPECT_EQ(harness.core().counters().logs_suppressed, 15u);
  harness.advance(seconds(1));
  harness.post(Verb::kCast, json::object(), {.tool = "nope"});
  const auto events = harness.events_of("l.");
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(events.back().header.seq, 6u) << "what was suppressed takes no seq";
}

// Whatever of a job is kept, the same is told of it.
TEST(CoreStreams, OfAJobAreTheSameForEachGrade) {
  Harness harness;
  for (const char* grade : {"volatile", "buffered", "synced"}) {
    const JobId id = harness.submit("work", {{"grade", grade}, {"delay_ms", 1'000}});
    harness.advance(std::chrono::seconds(1));
    harness.run(id);
    EXPECT_EQ(harness.status(id)["grade"], grade);
    EXPECT_EQ(harness.kinds_of(topic_of(id)), (std::vector<std::string>{"scheduled", "queued", "running", "complete"}));
    std::vector<std::string> states;
    for (const Published& event : harness.events_of("t.local")) {
      if (event.header.job == id.value()) states.push_back(event.body["state"]);
    }
    EXPECT_EQ(states, (std::vector<std::string>{"scheduled", "queued", "running", "succeeded"})) << grade;
  }
}

}  // namespace
}  // namespace yard::broker
