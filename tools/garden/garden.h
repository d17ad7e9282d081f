// Garden: a timeline in memory, with a transport and regions.
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/id.h"
#include "engine/base/result.h"

namespace yard::tools {

using RegionId = StrongId<struct RegionIdTag, Uuid>;

enum class TransportState : std::uint8_t { kStopped, kPlaying, kPaused };

// What a region does when the transport reaches it.
enum class Behavior : std::uint8_t {
  kLatent,   // its content is still being made
  kContent,  // plays its content
};

[[nodiscard]] std::string_view name_of(TransportState state);
[[nodiscard]] std::string_view name_of(Behavior behavior);
[[nodiscard]] std::optional<Behavior> behavior_of(std::string_view name);

struct Region {
  RegionId id;
  double position = 0;  // beats, at least 0
  double duration = 1;  // beats, above 0
  Behavior behavior = Behavior::kContent;
  std::string content_id;  // what plays, or what makes it: opaque here
  WallTime created_at = {};
};

struct GardenStatus {
  TransportState state = TransportState::kStopped;
  double position_beats = 0;
  double tempo_bpm = 120;
  std::size_t region_count = 0;
  bool emergency = false;  // since an emergency pause, until play or stop
};

// The transport. Its position is not counted but derived from an anchor, so that it neither drifts
// nor needs a thread: position = anchor + (now - anchor time) * tempo. What changes the rate or
// the position sets a new anchor.
//
//                play                    pause, emergency_pause
//   stopped ─────────────► playing ─────────────────────────────► paused
//      ▲                    │   ▲                                   │ │
//      └────── stop ────────┘   └──────────────── play ─────────────┘ │
//      └───────────────────────────── stop ───────────────────────────┘
//
// stop returns to beat 0, pause stays where it is; play always goes on from the current position.
//
// Pure: time comes in with each call and must not go back. Threads: one at a time.
class Garden {
 public:
  static constexpr double kTempoMin = 20;  // beats a minute
  static constexpr double kTempoMax = 999;
  static constexpr double kBeatMax = 1e9;  // two years at the highest tempo; a position stays exact to a microbeat
  static constexpr std::size_t kRegionsMax = 100'000;
  static constexpr std::size_t kContentIdBytesMax = 256;

  // Both open: everything.
  struct Bounds {
    double start = 0;
    double end = std::numeric_limits<double>::infinity();
  };

  struct Found {
    std::vector<const Region*> regions;  // valid until the garden changes
    std::size_t total = 0;               // without the limit
  };

  [[nodiscard]] GardenStatus status(Now now) const;

  void play(Now now);
  void pause(Now now);
  void stop(Now now);
  void emergency_pause(Now now);

  // Errors: kInvalidArguments outside 0 to kBeatMax.
  [[nodiscard]] Status seek(double beat, Now now);

  // Errors: kInvalidArguments outside kTempoMin to kTempoMax.
  [[nodiscard]] Status set_tempo(double bpm, Now now);

  // Errors: kConflict for an id in use, kInvalidArguments for a bad place, kOverQuota at kRegionsMax.
  [[nodiscard]] Status create_region(Region region);
  [[nodiscard]] Status delete_region(RegionId id);                     // Errors: kNotFound.
  [[nodiscard]] Status move_region(RegionId id, double new_position);  // Errors: kNotFound, kInvalidArguments.

  // Those that overlap [start, end), by position and then id, at most `limit`.
  [[nodiscard]] Found regions(const Bounds& bounds, std::size_t limit) const;

 private:
  // Regions in order of position, packed so that a scan of all of them is a fraction of a millisecond.
  struct Slot {
    double start;
    double end;
    const Region* region;  // in regions_, whose nodes don't move
    bool operator<(const Slot& other) const;
  };

  [[nodiscard]] double position_at(Now now) const;
  void anchor(double beat, Now now);
  void insert_slot(const Region& region);
  void erase_slot(const Region& region);

  TransportState state_ = TransportState::kStopped;
  double anchor_beat_ = 0;
  SteadyTime anchor_time_ = {};
  double tempo_bpm_ = 120;
  bool emergency_ = false;

  std::unordered_map<RegionId, Region> regions_;
  std::vector<Slot> order_;  // sorted
};

}  // namespace yard::tools
