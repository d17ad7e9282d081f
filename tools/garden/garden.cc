#include "tools/garden/garden.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace yard::tools {
namespace {

constexpr std::array<std::string_view, 3> kStates = {"stopped", "playing", "paused"};
constexpr std::array<std::string_view, 2> kBehaviors = {"latent", "content"};

bool is_beat(double beat) { return std::isfinite(beat) && beat >= 0 && beat <= Garden::kBeatMax; }

Status check_beat(double beat, std::string_view name) {
  if (is_beat(beat)) return {};
  return fail(ErrorCode::kInvalidArguments, "expected a beat from 0 to 1e9", "/" + std::string(name));
}

std::unexpected<Error> unknown_region(RegionId id) {
  return fail(ErrorCode::kNotFound, "region " + to_hex(id.value()) + " is unknown", "/region_id");
}

}  // namespace

std::string_view name_of(TransportState state) { return kStates[static_cast<std::size_t>(state)]; }
std::string_view name_of(Behavior behavior) { return kBehaviors[static_cast<std::size_t>(behavior)]; }

std::optional<Behavior> behavior_of(std::string_view name) {
  const auto* found = std::ranges::find(kBehaviors, name);
  if (found == kBehaviors.end()) return std::nullopt;
  return static_cast<Behavior>(found - kBehaviors.begin());
}

bool Garden::Slot::operator<(const Slot& other) const {
  if (start != other.start) return start < other.start;
  return region->id < other.region->id;
}

double Garden::position_at(Now now) const {
  if (state_ != TransportState::kPlaying) return anchor_beat_;
  const std::chrono::duration<double> elapsed = now.steady - anchor_time_;
  return std::min(kBeatMax, anchor_beat_ + std::max(0.0, elapsed.count()) * tempo_bpm_ / 60.0);
}

void Garden::anchor(double beat, Now now) {
  anchor_beat_ = beat;
  anchor_time_ = now.steady;
}

GardenStatus Garden::status(Now now) const {
  return {.state = state_,
          .position_beats = position_at(now),
          .tempo_bpm = tempo_bpm_,
          .region_count = regions_.size(),
          .emergency = emergency_};
}

void Garden::play(Now now) {
  anchor(position_at(now), now);
  state_ = TransportState::kPlaying;
  emergency_ = false;
}

void Garden::pause(Now now) {
  if (state_ != TransportState::kPlaying) return;
  anchor(position_at(now), now);
  state_ = TransportState::kPaused;
}

void Garden::stop(Now now) {
  anchor(0, now);
  state_ = TransportState::kStopped;
  emergency_ = false;
}

void Garden::emergency_pause(Now now) {
  pause(now);
  emergency_ = true;
}

Status Garden::seek(double beat, Now now) {
  YARD_TRY_STATUS(check_beat(beat, "beat"));
  anchor(beat, now);
  return {};
}

Status Garden::set_tempo(double bpm, Now now) {
  if (!(bpm >= kTempoMin && bpm <= kTempoMax)) {
    return fail(ErrorCode::kInvalidArguments, "expected 20 to 999 beats a minute", "/bpm");
  }
  anchor(position_at(now), now);
  tempo_bpm_ = bpm;
  return {};
}

Status Garden::create_region(Region region) {
  YARD_TRY_STATUS(check_beat(region.position, "position"));
  if (!is_beat(region.duration) || region.duration <= 0) {
    return fail(ErrorCode::kInvalidArguments, "expected more than 0 and at most 1e9 beats", "/duration");
  }
  if (region.content_id.size() > kContentIdBytesMax) {
    return fail(ErrorCode::kInvalidArguments, "expected at most 256 bytes", "/content_id");
  }
  if (!region.id) return fail(ErrorCode::kInvalidArguments, "expected an id other than zero", "/region_id");
  if (regions_.contains(region.id)) {
    return fail(ErrorCode::kConflict, "region " + to_hex(region.id.value()) + " exists already", "/region_id");
  }
  if (regions_.size() >= kRegionsMax) return fail(ErrorCode::kOverQuota, "the timeline holds its 100000 regions");
  const RegionId id = region.id;
  insert_slot(regions_.emplace(id, std::move(region)).first->second);
  return {};
}

Status Garden::delete_region(RegionId id) {
  const auto found = regions_.find(id);
  if (found == regions_.end()) return unknown_region(id);
  erase_slot(found->second);
  regions_.erase(found);
  return {};
}

Status Garden::move_region(RegionId id, double new_position) {
  YARD_TRY_STATUS(check_beat(new_position, "new_position"));
  const auto found = regions_.find(id);
  if (found == regions_.end()) return unknown_region(id);
  erase_slot(found->second);
  found->second.position = new_position;
  insert_slot(found->second);
  return {};
}

void Garden::insert_slot(const Region& region) {
  const Slot slot{.start = region.position, .end = region.position + region.duration, .region = &region};
  order_.insert(std::lower_bound(order_.begin(), order_.end(), slot), slot);
}

void Garden::erase_slot(const Region& region) {
  const Slot slot{.start = region.position, .end = 0, .region = &region};
  order_.erase(std::lower_bound(order_.begin(), order_.end(), slot));
}

Garden::Found Garden::regions(const Bounds& bounds, std::size_t limit) const {
  Found found;
  for (const Slot& slot : order_) {
    if (slot.start >= bounds.end) break;
    if (slot.end <= bounds.start) continue;
    ++found.total;
    if (found.regions.size() < limit) found.regions.push_back(slot.region);
  }
  return found;
}

}  // namespace yard::tools
