// CAST: no reply, ever; dropped and counted when it is too old, too late or wrong.
#include <gtest/gtest.h>

#include "tests/broker/core/harness.h"

namespace yard::broker {
namespace {

class CoreCast : public testing::Test {
 protected:
  // Casts tool `note`; whether it was carried out.
  bool cast(Asking asking, const json& body = json::object()) {
    if (asking.tool.empty()) asking.tool = "note";
    const int before = harness_.noted;
    harness_.post(Verb::kCast, body, std::move(asking));
    EXPECT_TRUE(harness_.replies.empty()) << "a cast has no reply";
    return harness_.noted > before;
  }

  [[nodiscard]] const Counters& counters() { return harness_.core().counters(); }
  [[nodiscard]] std::string last_log() const { return harness_.events_of("l.").back().body["message"]; }
  [[nodiscard]] std::uint64_t ns_ago(Millis ago) const { return to_ns(harness_.now().steady - ago); }

  Harness harness_;
};

TEST_F(CoreCast, IsCarriedOutAtOnce) {
  EXPECT_TRUE(cast({}));
  EXPECT_EQ(counters().casts, 1u);
}

TEST_F(CoreCast, HasATimeToLive) {
  EXPECT_TRUE(cast({.sent_ns = ns_ago(Millis(250))}));
  EXPECT_FALSE(cast({.sent_ns = ns_ago(Millis(251))})) << "250 ms where it says nothing";
  EXPECT_TRUE(cast({.budget_ms = 1'000, .sent_ns = ns_ago(Millis(900))}));
  EXPECT_FALSE(cast({.budget_ms = 1'000, .sent_ns = ns_ago(Millis(1'001))}));
  EXPECT_FALSE(cast({.budget_ms = 0, .sent_ns = ns_ago(Millis(1))}));
  EXPECT_TRUE(cast({.budget_ms = 0, .sent_ns = 0})) << "its age is not checked";
  EXPECT_EQ(counters().casts_expired, 3u);
  EXPECT_EQ(harness_.events_of("l.").size(), 3u);
  EXPECT_NE(last_log().find("expired"), std::string::npos);
}

TEST_F(CoreCast, FromTheFutureOrTheBeginningOfTimeIsHandled) {
  for (const std::uint64_t sent_ns :
       {std::uint64_t{1}, std::uint64_t{INT64_MAX}, std::uint64_t{INT64_MAX} + 1, UINT64_MAX}) {
    cast({.sent_ns = sent_ns});
    cast({.budget_ms = wire::kBudgetOfClass - 1, .sent_ns = sent_ns});
  }
  EXPECT_EQ(counters().casts + counters().casts_expired, 8u);
}

TEST_F(CoreCast, AnOlderGenerationOfItsGroupIsStale) {
  EXPECT_TRUE(cast({.group = 1, .fence = 5}));
  EXPECT_FALSE(cast({.group = 1, .fence = 4})) << "an old play never fires after a newer stop";
  EXPECT_TRUE(cast({.group = 1, .fence = 5})) << "the same generation may say more";
  EXPECT_TRUE(cast({.group = 2, .fence = 1})) << "groups are apart";
  EXPECT_TRUE(cast({.group = 1, .fence = 0})) << "none: not checked";
  EXPECT_EQ(counters().casts_stale, 1u);
  EXPECT_NE(last_log().find("stale"), std::string::npos);
}

TEST_F(CoreCast, GenerationsAreOfTheirSession) {
  EXPECT_TRUE(cast({.group = 1, .fence = 5}));
  harness_.hello();
  EXPECT_TRUE(cast({.group = 1, .fence = 1}));
}

TEST_F(CoreCast, GroupsAreBounded) {
  for (std::uint32_t group = 0; group < 64; ++group) EXPECT_TRUE(cast({.group = group, .fence = 1}));
  EXPECT_FALSE(cast({.group = 64, .fence = 1}));
  EXPECT_TRUE(cast({.group = 63, .fence = 2}));
  EXPECT_TRUE(cast({.group = 64, .fence = 0}));
  EXPECT_NE(last_log().find("over_quota"), std::string::npos);
}

TEST_F(CoreCast, WhatIsWrongWithItIsToldOnTheLogStream) {
  for (const auto& [asking, why] : {std::pair{Asking{.tool = "nope"}, "unknown_tool"},
                                    {Asking{.session = 1}, "no_session"},
                                    {Asking{.tool = "job_status"}, "bad_request"},
                                    {Asking{.tool = "fails"}, "tool_failed"},
                                    {Asking{.tool = "work"}, "bad_request"}}) {
    cast(asking);
    EXPECT_NE(last_log().find(why), std::string::npos) << last_log();
  }
  EXPECT_EQ(counters().casts_refused, 5u);
  EXPECT_EQ(counters().casts, 0u);
}

TEST_F(CoreCast, AnAckThatFailsIsToldOnce) {
  EXPECT_TRUE(cast({}, {{"fail", true}}));
  EXPECT_EQ(harness_.events_of("l.").size(), 1u);
  EXPECT_EQ(counters().acks_failed, 1u);
}

TEST_F(CoreCast, MaySubmitAJob) {
  const JobId id(harness_.fresh_id());
  cast({.id = id.value(), .tool = "work"});
  EXPECT_TRUE(harness_.has_work(id));
  harness_.run(id);
  EXPECT_TRUE(harness_.replies.empty());
}

TEST_F(CoreCast, KeepsItsOrder) {
  for (int n = 1; n <= 3; ++n) cast({.tool = "publish"}, {{"n", n}});
  harness_.advance(Millis(20));
  EXPECT_EQ(harness_.events_of("v.key").back().body, 3);
}

}  // namespace
}  // namespace yard::broker
