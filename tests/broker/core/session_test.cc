// HELLO to BYE: who is there, and what is not understood.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

TEST(CoreSession, HelloIsWelcomedWithTheLimits) {
  Harness harness({.version = "9.9", .epoch = 7, .iopub_endpoint = "ipc:///events", .control_endpoint = "ipc:///c"});
  const Reply welcome = harness.hello({{"client", "me"}, {"versions", {1, 3}}});
  ASSERT_EQ(welcome.verb(), Verb::kWelcome);
  EXPECT_NE(welcome.header.session, 0u);
  EXPECT_EQ(welcome.to.routing_id, "peer");
  EXPECT_EQ(welcome.body["version"], 1);
  EXPECT_EQ(welcome.body["broker"], "switchyard 9.9");
  EXPECT_EQ(welcome.body["epoch"], 7);
  EXPECT_EQ(welcome.body["principal"], "local");
  EXPECT_EQ(welcome.body["session_ttl_ms"], 60'000);
  EXPECT_EQ(welcome.body["iopub"], "ipc:///events");
  EXPECT_EQ(welcome.body["control"], "ipc:///c");
  EXPECT_EQ(welcome.body["limits"]["frame_bytes"], 4u << 20);
  for (const char* limit :
       {"pack_depth", "pack_nodes", "sessions", "jobs_live", "jobs_bytes", "ended_count", "ended_ttl_ms", "wait_ids"}) {
    EXPECT_TRUE(welcome.body["limits"].contains(limit)) << limit;
  }
}

TEST(CoreSession, OtherVersionsAreUnsupported) {
  Harness harness;
  for (const json& versions : {json({2, 3}), json({0, 0}), json({1}), json("1"), json({1, 1, 1})}) {
    EXPECT_EQ(harness.hello({{"versions", versions}}).error(), "unsupported") << versions;
  }
  for (const json& versions : {json({1, 1}), json({0, 9})})
    EXPECT_EQ(harness.hello({{"versions", versions}}).verb(), Verb::kWelcome) << versions;
}

TEST(CoreSession, UnknownVerbsVersionsAndFlagsAreNackedWithTheirCorrelation) {
  Harness harness;
  const Bytes good = wire::encode({.verb = Verb::kPing, .correlation = 99, .session = harness.session}, "", "");
  const auto with = [&](std::size_t at, char value) {
    Bytes frame = good;
    frame[at] = value;
    return frame;
  };
  for (const auto& [frame, correlation, error] : {std::tuple{with(4, 77), 99u, "unsupported"},
                                                  {with(5, '\x20'), 99u, "unsupported"},
                                                  {with(6, 4), 99u, "bad_frame"},
                                                  {with(7, 1), 99u, "bad_frame"},
                                                  {with(3, '2'), 0u, "unsupported"},
                                                  {with(0, 'X'), 0u, "bad_frame"},
                                                  {with(4, static_cast<char>(0x81)), 99u, "unsupported"}}) {
    harness.replies.clear();
    harness.post_bytes(frame);
    ASSERT_EQ(harness.replies.size(), 1u);
    EXPECT_EQ(harness.replies[0].error(), error);
    EXPECT_EQ(harness.replies[0].header.correlation, correlation);
  }
}

TEST(CoreSession, EveryShortFrameIsNacked) {
  Harness harness;
  const Bytes good = wire::encode({.verb = Verb::kPing, .correlation = 99}, "", "");
  for (std::size_t length = 0; length < good.size(); ++length) {
    harness.replies.clear();
    harness.post_bytes(BytesView(good).substr(0, length));
    ASSERT_EQ(harness.replies.size(), 1u) << length;
    EXPECT_EQ(harness.replies[0].error(), "bad_frame");
    EXPECT_EQ(harness.replies[0].header.correlation, 0u);
  }
}

TEST(CoreSession, RequestsWithoutASessionAreTold) {
  Harness harness;
  for (const Verb verb : {Verb::kCall, Verb::kStatus, Verb::kList, Verb::kWait, Verb::kCancel, Verb::kWhy,
                          Verb::kReplay, Verb::kTools, Verb::kBye, Verb::kStats, Verb::kDrain}) {
    const Reply reply = harness.ask(verb, json::object(), {.session = harness.session + 1});
    EXPECT_EQ(reply.error(), "no_session") << name_of(verb);
    EXPECT_TRUE(reply.body["retryable"]);
  }
  EXPECT_FALSE(harness.core().draining());
}

TEST(CoreSession, EndsWithBye) {
  Harness harness;
  EXPECT_EQ(harness.ask(Verb::kBye).verb(), Verb::kAck);
  EXPECT_EQ(harness.ask(Verb::kList).error(), "no_session");
}

TEST(CoreSession, EndsAfterItsTimeToLiveOfSilence) {
  Harness harness;
  harness.advance(std::chrono::seconds(59));
  EXPECT_EQ(harness.ask(Verb::kList).verb(), Verb::kData) << "and that counts as a message";
  harness.advance(std::chrono::seconds(59));
  EXPECT_EQ(harness.ask(Verb::kPing).body["session"], true) << "so does PING";
  harness.advance(std::chrono::seconds(62));
  EXPECT_EQ(harness.ask(Verb::kPing).body["session"], false);
  EXPECT_EQ(harness.ask(Verb::kList).error(), "no_session");
  EXPECT_EQ(harness.core().counters().sessions_expired, 1u);
  harness.hello();
  EXPECT_EQ(harness.ask(Verb::kList).verb(), Verb::kData);
}

TEST(CoreSession, JobsOutliveTheSessionThatMadeThem) {
  Harness harness;
  const JobId id = harness.submit();
  harness.advance(std::chrono::seconds(62));
  harness.hello();
  EXPECT_EQ(harness.state(id), "assigned");
}

TEST(CoreSession, AreBounded) {
  CoreOptions options;
  options.limits.sessions_max = 3;
  Harness harness(options);  // one
  EXPECT_EQ(harness.hello().verb(), Verb::kWelcome);
  EXPECT_EQ(harness.hello().verb(), Verb::kWelcome);
  const Reply refused = harness.hello();
  EXPECT_EQ(refused.error(), "over_quota");
  EXPECT_GT(refused.body["retry_after_ms"], 0);
  EXPECT_EQ(harness.ask(Verb::kBye).verb(), Verb::kAck);
  EXPECT_EQ(harness.hello().verb(), Verb::kWelcome);
}

TEST(CoreSession, PingTellsBothClocks) {
  Harness harness;
  const Reply pong = harness.ask(Verb::kPing, json::object(), {.lane = Lane::kControl, .session = 0});
  EXPECT_EQ(pong.verb(), Verb::kPong);
  EXPECT_EQ(pong.to.lane, Lane::kControl) << "an answer leaves by the socket that the question came by";
  EXPECT_EQ(pong.body["steady_ns"], to_ns(harness.now().steady));
  EXPECT_EQ(pong.body["wall_ns"], to_ns(harness.now().wall));
  EXPECT_EQ(pong.body["session"], false);
}

TEST(CoreSession, SocketsHaveTheirVerbs) {
  Harness harness;
  EXPECT_EQ(harness.ask(Verb::kCall, json::object(), {.tool = "echo", .lane = Lane::kControl}).error(), "unsupported");
  EXPECT_EQ(harness.ask(Verb::kReplay, {{"stream", "l."}}, {.lane = Lane::kControl}).error(), "unsupported");
  EXPECT_EQ(harness.ask(Verb::kList, json::object(), {.lane = Lane::kControl}).verb(), Verb::kData);
  EXPECT_EQ(harness.ask(Verb::kDrain).error(), "unauthorized");
  EXPECT_FALSE(harness.core().draining());
}

TEST(CoreSession, TornBodiesAreBadRequests) {
  Harness harness;
  for (const Verb verb : {Verb::kHello, Verb::kStatus, Verb::kList, Verb::kWait, Verb::kReplay, Verb::kStats}) {
    harness.replies.clear();
    harness.post_bytes(wire::encode({.verb = verb, .session = harness.session}, "", "\x81\xa1"));
    ASSERT_EQ(harness.replies.size(), 1u);
    EXPECT_EQ(harness.replies[0].error(), "bad_request") << name_of(verb);
  }
}

}  // namespace
}  // namespace yard::broker
