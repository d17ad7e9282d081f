// Lane: queued jobs that are limited by the same things.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <string>
#include <vector>

#include "jobs/group.h"
#include "jobs/intrusive_list.h"
#include "jobs/job.h"
#include "jobs/scheduling.h"

namespace yard::jobs {

inline constexpr std::size_t kBands = 4;

struct Share;

struct LaneKey {
  std::string tenant;
  std::string tool;
  ExecutorKind executor = ExecutorKind::kThreads;
  std::uint32_t concurrency_max = 0;  // of the tool, when the job was made
  std::string concurrency_key;

  auto operator<=>(const LaneKey&) const = default;
};

// The jobs of one tenant and tool, and of one concurrency key where they have one.
struct Lane : ListHook<Lane> {
  Share* share = nullptr;  // where it takes its turn
  const LaneKey* key = nullptr;
  std::array<IntrusiveList<Job>, kBands> bands;
  std::size_t queued = 0;
  std::size_t held = 0;         // assigned or running
  std::uint32_t overtaken = 0;  // by jobs behind its first one, which took of what that lacks
  bool paused = false;
  bool limited = false;        // by any of these:
  std::vector<Group*> groups;  // each must have room
  ToolNeeds needs;             // a copy, as tools may come and go; resources among them
  Budget* budget = nullptr;    // where its tenant has one and its tool spends

  [[nodiscard]] bool idle() const { return queued == 0 && held == 0; }
};

// One tenant's place in the round of one executor.
struct Share : ListHook<Share> {
  IntrusiveList<Lane> lanes;  // with queued jobs
  std::uint32_t weight = 1;
  std::uint32_t credit = 0;  // of its turn: what is left; gone when nothing is queued
  bool has_turn = false;     // it got the credit of this round
};

}  // namespace yard::jobs
