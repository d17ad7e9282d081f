#include "tools/garden/garden.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "engine/base/random.h"

namespace yard::tools {
namespace {

using std::chrono::seconds;

Now at(double after_seconds) {
  const auto nanos = Nanos(static_cast<std::int64_t>(after_seconds * 1e9));
  return {.steady = SteadyTime{std::chrono::hours(5)} + nanos, .wall = WallTime{} + nanos};
}

Region region(std::uint8_t id, double position, double duration) {
  return {.id = RegionId(Uuid{.octets = {id}}), .position = position, .duration = duration};
}

TEST(GardenTransport, StandsStillUntilItPlays) {
  Garden garden;
  EXPECT_EQ(garden.status(at(100)).position_beats, 0);
  EXPECT_EQ(garden.status(at(100)).state, TransportState::kStopped);
}

TEST(GardenTransport, PlaysAtItsTempo) {
  Garden garden;
  garden.play(at(0));
  EXPECT_DOUBLE_EQ(garden.status(at(3)).position_beats, 6);  // 120 a minute
}

TEST(GardenTransport, PauseKeepsThePositionAndPlayGoesOn) {
  Garden garden;
  garden.play(at(0));
  garden.pause(at(1));
  EXPECT_EQ(garden.status(at(9)).state, TransportState::kPaused);
  EXPECT_DOUBLE_EQ(garden.status(at(9)).position_beats, 2);
  garden.play(at(10));
  EXPECT_DOUBLE_EQ(garden.status(at(11)).position_beats, 4);
}

TEST(GardenTransport, StopReturnsToTheStart) {
  Garden garden;
  garden.play(at(0));
  garden.stop(at(1));
  EXPECT_EQ(garden.status(at(2)).state, TransportState::kStopped);
  EXPECT_EQ(garden.status(at(2)).position_beats, 0);
  garden.play(at(3));
  EXPECT_DOUBLE_EQ(garden.status(at(4)).position_beats, 2);
}

TEST(GardenTransport, PlayingTwiceDoesNotJump) {
  Garden garden;
  garden.play(at(0));
  garden.play(at(1));
  EXPECT_DOUBLE_EQ(garden.status(at(2)).position_beats, 4);
}

TEST(GardenTransport, PauseOfAStoppedOneStaysStopped) {
  Garden garden;
  garden.pause(at(0));
  EXPECT_EQ(garden.status(at(0)).state, TransportState::kStopped);
}

TEST(GardenTransport, ATempoChangeDoesNotMoveThePosition) {
  Garden garden;
  garden.play(at(0));
  ASSERT_TRUE(garden.set_tempo(60, at(2)));
  EXPECT_DOUBLE_EQ(garden.status(at(2)).position_beats, 4);
  EXPECT_DOUBLE_EQ(garden.status(at(4)).position_beats, 6);
}

TEST(GardenTransport, SeekWorksInEveryState) {
  Garden garden;
  ASSERT_TRUE(garden.seek(8, at(0)));
  EXPECT_EQ(garden.status(at(5)).position_beats, 8);
  garden.play(at(5));
  EXPECT_DOUBLE_EQ(garden.status(at(6)).position_beats, 10);
  ASSERT_TRUE(garden.seek(0, at(6)));
  EXPECT_DOUBLE_EQ(garden.status(at(7)).position_beats, 2);
  EXPECT_EQ(garden.status(at(7)).state, TransportState::kPlaying);
}

TEST(GardenTransport, RefusesImpossibleValuesAndKeepsThePossibleOnes) {
  Garden garden;
  const double nan = std::nan("");
  for (const double beat : {-1.0, -1e-9, nan, HUGE_VAL, 2e9}) EXPECT_FALSE(garden.seek(beat, at(0))) << beat;
  for (const double bpm : {0.0, 19.9, 999.1, nan, HUGE_VAL, -120.0}) EXPECT_FALSE(garden.set_tempo(bpm, at(0))) << bpm;
  EXPECT_TRUE(garden.set_tempo(20, at(0)));
  EXPECT_TRUE(garden.set_tempo(999, at(0)));
  EXPECT_EQ(garden.status(at(0)).position_beats, 0);
}

TEST(GardenTransport, AnEmergencyPausesAndIsFlaggedUntilPlayOrStop) {
  Garden garden;
  garden.play(at(0));
  garden.emergency_pause(at(1));
  EXPECT_EQ(garden.status(at(1)).state, TransportState::kPaused);
  EXPECT_TRUE(garden.status(at(1)).emergency);
  EXPECT_DOUBLE_EQ(garden.status(at(9)).position_beats, 2);
  garden.play(at(9));
  EXPECT_FALSE(garden.status(at(9)).emergency);
  garden.emergency_pause(at(10));
  garden.stop(at(11));
  EXPECT_FALSE(garden.status(at(11)).emergency);
}

TEST(GardenRegions, OverlapIsHalfOpen) {
  Garden garden;
  ASSERT_TRUE(garden.create_region(region(1, 4, 4)));  // [4, 8)
  const auto count = [&](const Garden::Bounds& bounds) { return garden.regions(bounds, 10).total; };
  EXPECT_EQ(count({}), 1u);
  EXPECT_EQ(count({.start = 7.9}), 1u);
  EXPECT_EQ(count({.start = 8}), 0u);
  EXPECT_EQ(count({.end = 4}), 0u);
  EXPECT_EQ(count({.end = 4.1}), 1u);
  EXPECT_EQ(count({.start = 5, .end = 6}), 1u);
}

TEST(GardenRegions, ComeByPositionThenId) {
  Garden garden;
  for (const auto& [id, position] : {std::pair{3, 1.0}, {1, 2.0}, {2, 1.0}}) {
    ASSERT_TRUE(garden.create_region(region(static_cast<std::uint8_t>(id), position, 1)));
  }
  std::vector<int> ids;
  for (const Region* found : garden.regions({}, 10).regions) ids.push_back(found->id.value().octets[0]);
  EXPECT_EQ(ids, (std::vector<int>{2, 3, 1}));
  EXPECT_EQ(garden.regions({}, 2).regions.size(), 2u);
  EXPECT_EQ(garden.regions({}, 2).total, 3u);
}

TEST(GardenRegions, MoveAndDelete) {
  Garden garden;
  ASSERT_TRUE(garden.create_region(region(1, 0, 1)));
  ASSERT_TRUE(garden.move_region(region(1, 0, 1).id, 10));
  EXPECT_EQ(garden.regions({.start = 10, .end = 11}, 10).total, 1u);
  EXPECT_EQ(garden.regions({.end = 10}, 10).total, 0u);
  ASSERT_TRUE(garden.delete_region(region(1, 0, 1).id));
  EXPECT_EQ(garden.regions({}, 10).total, 0u);
}

TEST(GardenRegions, UnknownOnesAreNotFoundAndDoublesConflict) {
  Garden garden;
  EXPECT_EQ(garden.delete_region(region(1, 0, 1).id).error().code, ErrorCode::kNotFound);
  EXPECT_EQ(garden.move_region(region(1, 0, 1).id, 1).error().code, ErrorCode::kNotFound);
  ASSERT_TRUE(garden.create_region(region(1, 0, 1)));
  EXPECT_EQ(garden.create_region(region(1, 5, 1)).error().code, ErrorCode::kConflict);
  EXPECT_EQ(garden.regions({}, 10).regions[0]->position, 0);
}

TEST(GardenRegions, RefusesImpossiblePlaces) {
  Garden garden;
  EXPECT_FALSE(garden.create_region(region(1, -1, 1)));
  EXPECT_FALSE(garden.create_region(region(1, 0, 0)));
  EXPECT_FALSE(garden.create_region(region(1, 0, -1)));
  EXPECT_FALSE(garden.create_region(region(1, std::nan(""), 1)));
  EXPECT_FALSE(garden.create_region(region(1, 0, HUGE_VAL)));
  EXPECT_FALSE(garden.create_region(region(0, 0, 1)));
  EXPECT_EQ(garden.status(at(0)).region_count, 0u);
}

TEST(GardenRegions, AreBounded) {
  Garden garden;
  SeededRandom random(1);
  Region next = region(1, 0, 1);
  // From the back, the worst order for the packed list.
  for (std::size_t i = 0; i < Garden::kRegionsMax; ++i) {
    next.id = RegionId(make_uuid(random));
    next.position = static_cast<double>(i);
    ASSERT_TRUE(garden.create_region(next));
  }
  next.id = RegionId(make_uuid(random));
  EXPECT_EQ(garden.create_region(next).error().code, ErrorCode::kOverQuota);
}

// Every operation against a list that is searched naively.
TEST(GardenRegions, AgreeWithAPlainList) {
  std::mt19937 random(20260301);
  Garden garden;
  std::vector<Region> plain;
  for (int step = 0; step < 5'000; ++step) {
    const auto id = static_cast<std::uint8_t>(1 + random() % 60);
    const double position = static_cast<double>(random() % 40) / 4;
    const auto known = std::ranges::find(plain, region(id, 0, 1).id, &Region::id);
    switch (random() % 3) {
      case 0: {
        const Region created = region(id, position, 0.25 + static_cast<double>(random() % 8) / 4);
        EXPECT_EQ(garden.create_region(created).has_value(), known == plain.end());
        if (known == plain.end()) plain.push_back(created);
        break;
      }
      case 1:
        EXPECT_EQ(garden.move_region(region(id, 0, 1).id, position).has_value(), known != plain.end());
        if (known != plain.end()) known->position = position;
        break;
      default:
        EXPECT_EQ(garden.delete_region(region(id, 0, 1).id).has_value(), known != plain.end());
        if (known != plain.end()) plain.erase(known);
    }
    const Garden::Bounds bounds{.start = position, .end = position + static_cast<double>(random() % 12) / 4};
    const auto overlaps = [&](const Region& r) {
      return r.position < bounds.end && r.position + r.duration > bounds.start;
    };
    EXPECT_EQ(garden.regions(bounds, 1'000).total, static_cast<std::size_t>(std::ranges::count_if(plain, overlaps)));
    EXPECT_EQ(garden.status(at(0)).region_count, plain.size());
  }
}

}  // namespace
}  // namespace yard::tools
