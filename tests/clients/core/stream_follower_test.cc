#include "clients/core/stream_follower.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/base/random.h"

namespace yard::client {
namespace {

constexpr std::uint64_t kEpoch = 7;
const std::string kTopic = "j.00000000000000000000000000000001";

Bytes frame(std::uint64_t seq, std::uint64_t epoch = kEpoch, iopub::EventKind kind = iopub::EventKind::kChunk) {
  Bytes body;
  PackWriter writer(body);
  PackMap(writer).natural("n", seq);
  Bytes bytes;
  iopub::encode_event(bytes, kTopic, {.kind = kind, .epoch = epoch, .seq = seq}, body);
  return bytes;
}

Bytes welcome(std::uint64_t last, std::uint64_t epoch = kEpoch) {
  Bytes body;
  PackWriter writer(body);
  PackMap(writer).natural("last", last);
  Bytes bytes;
  iopub::encode_event(bytes, kTopic, {.kind = iopub::EventKind::kWelcome, .epoch = epoch}, body);
  return bytes;
}

// What a broker with events `oldest` to `last` answers to a replay from `from`, `most` events at a time.
Bytes replay(std::uint64_t from, std::uint64_t last, std::uint64_t oldest = 1, std::uint64_t most = 1'000) {
  Bytes body;
  PackWriter writer(body);
  PackMap map(writer);
  map.natural("epoch", kEpoch).natural("last", last).natural("oldest", oldest).boolean("truncated", from < oldest);
  PackArray events = map.array("events");
  for (std::uint64_t seq = std::max(from, oldest); seq <= last && most > 0; ++seq, --most) events.binary(frame(seq));
  return body;
}

struct Heard {
  std::vector<std::uint64_t> seqs;
  std::vector<iopub::EventKind> kinds;
  StreamFollower::Deliver deliver() {
    return [this](const iopub::Event& event) {
      seqs.push_back(event.header.seq);
      kinds.push_back(event.header.kind);
    };
  }
};

std::vector<std::uint64_t> up_to(std::uint64_t last) {
  std::vector<std::uint64_t> all;
  for (std::uint64_t seq = 1; seq <= last; ++seq) all.push_back(seq);
  return all;
}

TEST(StreamFollower, AsksForReplayAtFirstAndOnlyOnce) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  EXPECT_EQ(follower.wants_replay(), 1u);
  EXPECT_EQ(follower.wants_replay(), std::nullopt);
}

TEST(StreamFollower, IsContentWithAnEmptyStream) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  ASSERT_TRUE(follower.wants_replay());
  ASSERT_TRUE(follower.on_replay(PackView(replay(1, 0))));
  EXPECT_EQ(follower.wants_replay(), std::nullopt);
}

TEST(StreamFollower, DeliversLiveEventsInOrder) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  for (std::uint64_t seq = 1; seq <= 3; ++seq) ASSERT_TRUE(follower.on_live(frame(seq)));
  EXPECT_EQ(heard.seqs, up_to(3));
}

TEST(StreamFollower, LateJoinerGetsHistoryBeforeLiveEvents) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  ASSERT_EQ(follower.wants_replay(), 1u);
  ASSERT_TRUE(follower.on_live(frame(5)));
  EXPECT_TRUE(heard.seqs.empty());
  ASSERT_TRUE(follower.on_replay(PackView(replay(1, 5))));
  EXPECT_EQ(heard.seqs, up_to(5));
}

TEST(StreamFollower, FillsAGapThatALiveEventShows) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  ASSERT_TRUE(follower.wants_replay());
  ASSERT_TRUE(follower.on_replay(PackView(replay(1, 2))));
  ASSERT_TRUE(follower.on_live(frame(6)));
  EXPECT_EQ(follower.wants_replay(), 3u);
  ASSERT_TRUE(follower.on_replay(PackView(replay(3, 6))));
  EXPECT_EQ(heard.seqs, up_to(6));
  EXPECT_EQ(follower.wants_replay(), std::nullopt);
}

TEST(StreamFollower, FillsALostTailThatOnlyABeaconShows) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  ASSERT_TRUE(follower.wants_replay());
  ASSERT_TRUE(follower.on_replay(PackView(replay(1, 2))));
  follower.on_tail(kEpoch, 4);
  EXPECT_EQ(follower.wants_replay(), 3u);
}

TEST(StreamFollower, GoesOnWhereAReplayWasCut) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  for (std::uint64_t from = 1; from <= 10; from += 3) {
    ASSERT_EQ(follower.wants_replay(), from);
    ASSERT_TRUE(follower.on_replay(PackView(replay(from, 10, 1, 3))));
  }
  EXPECT_EQ(heard.seqs, up_to(10));
}

TEST(StreamFollower, TellsTruncatedHistoryByASnapshot) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  ASSERT_TRUE(follower.wants_replay());
  ASSERT_TRUE(follower.on_replay(PackView(replay(1, 9, 8))));
  EXPECT_EQ(heard.seqs, (std::vector<std::uint64_t>{7, 8, 9}));
  EXPECT_EQ(heard.kinds.front(), iopub::EventKind::kSnapshot);
}

TEST(StreamFollower, StartsAfreshInANewEpoch) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  for (std::uint64_t seq = 1; seq <= 3; ++seq) ASSERT_TRUE(follower.on_live(frame(seq)));
  ASSERT_TRUE(follower.on_live(frame(1, kEpoch + 1)));
  EXPECT_EQ(heard.seqs, (std::vector<std::uint64_t>{1, 2, 3, 1}));
}

TEST(StreamFollower, DropsWhatStillArrivesOfAnEpochThatIsOver) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  ASSERT_TRUE(follower.on_live(frame(1, kEpoch + 1)));
  ASSERT_TRUE(follower.on_live(frame(1, kEpoch)));
  ASSERT_TRUE(follower.on_live(frame(2, kEpoch + 1)));
  EXPECT_EQ(heard.seqs, (std::vector<std::uint64_t>{1, 2}));
}

TEST(StreamFollower, GoesOnAskingWhenAReplayBringsANewEpoch) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  for (std::uint64_t seq = 1; seq <= 9; ++seq) ASSERT_TRUE(follower.on_live(frame(seq, kEpoch - 1)));
  follower.on_tail(kEpoch - 1, 10);
  ASSERT_EQ(follower.wants_replay(), 10u);
  ASSERT_TRUE(follower.on_replay(PackView(replay(1, 6, 1, 3))));
  EXPECT_EQ(follower.wants_replay(), 4u);
}

TEST(StreamFollower, WaitsForSignsOfLifeOfAStreamThatIsNotThere) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  ASSERT_TRUE(follower.wants_replay());
  follower.on_no_stream();
  EXPECT_EQ(follower.wants_replay(), std::nullopt);
  follower.on_tail(kEpoch, 2);
  EXPECT_EQ(follower.wants_replay(), 1u);
}

TEST(StreamFollower, AsksAgainWhenAReplayFailed) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  ASSERT_TRUE(follower.wants_replay());
  follower.on_replay_failed();
  EXPECT_EQ(follower.wants_replay(), 1u);
}

TEST(StreamFollower, TakesAWelcomeAsTheTail) {
  Heard heard;
  StreamFollower follower(kTopic, 4, heard.deliver());
  ASSERT_EQ(follower.wants_replay(), 4u);
  ASSERT_TRUE(follower.on_replay(PackView(replay(4, 3))));
  EXPECT_EQ(follower.wants_replay(), std::nullopt);
  ASSERT_TRUE(follower.on_live(welcome(4)));
  EXPECT_EQ(follower.wants_replay(), 4u);
}

TEST(StreamFollower, SkipsToTheNewestOfAValue) {
  Heard heard;
  StreamFollower follower("v.garden.transport", 1, heard.deliver());
  ASSERT_TRUE(follower.on_live(frame(3)));
  ASSERT_TRUE(follower.on_live(frame(9)));
  ASSERT_TRUE(follower.on_live(frame(4)));
  EXPECT_EQ(heard.seqs, (std::vector<std::uint64_t>{3, 9}));
  EXPECT_EQ(follower.wants_replay(), std::nullopt);
}

TEST(StreamFollower, RefusesTornFrames) {
  Heard heard;
  StreamFollower follower(kTopic, 1, heard.deliver());
  const Bytes whole = frame(1);
  for (std::size_t size = 0; size < kTopic.size() + 1 + iopub::kEventHeaderBytes; ++size) {
    EXPECT_FALSE(follower.on_live(BytesView(whole).substr(0, size)).has_value()) << size;
  }
  EXPECT_TRUE(heard.seqs.empty());
}

// Live frames are lost, doubled and held back at random; the follower still delivers each event once, in order.
TEST(StreamFollower, DeliversEachOnceWhateverTheNetworkDoes) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SeededRandom random(seed);
    Heard heard;
    StreamFollower follower(kTopic, 1, heard.deliver());
    constexpr std::uint64_t kEvents = 300;
    std::vector<std::uint64_t> held;
    std::uint64_t published = 0;
    while (published < kEvents) {
      ++published;
      if (random.next() % 3 != 0) held.push_back(published);
      if (random.next() % 8 == 0) held.push_back(published);
      while (!held.empty() && random.next() % 3 != 0) {
        const auto pick = static_cast<std::ptrdiff_t>(random.next() % held.size());
        ASSERT_TRUE(follower.on_live(frame(held[static_cast<std::size_t>(pick)])));
        held.erase(held.begin() + pick);
      }
      if (random.next() % 5 == 0) {
        if (const auto from = follower.wants_replay()) {
          ASSERT_TRUE(follower.on_replay(PackView(replay(*from, published, 1, 1 + random.next() % 40))));
        }
      }
    }
    follower.on_tail(kEpoch, kEvents);
    while (const auto from = follower.wants_replay())
      ASSERT_TRUE(follower.on_replay(PackView(replay(*from, kEvents, 1, 50))));
    EXPECT_EQ(heard.seqs, up_to(kEvents));
  }
}

}  // namespace
}  // namespace yard::client
