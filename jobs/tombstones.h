// Tombstones: what stays of jobs whose results are no longer kept.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "jobs/id_index.h"
#include "jobs/job_id.h"
#include "jobs/name.h"
#include "jobs/state.h"

namespace yard::jobs {

// How a job ended: enough to answer who asks late, and to know its id when it comes again.
struct Tombstone {
  JobId id;
  std::uint64_t digest = 0;
  Name tool;
  Name principal;
  WallTime created{};
  WallTime ended{};
  WallTime dropped{};  // when its result was
  JobState state = JobState::kSucceeded;
  ErrorCode error{};  // 0: none
};
static_assert(sizeof(Tombstone) <= 80, "a million of them are kept");

// The newest `count_max`; the oldest gives its place to the next. With its share of the index one costs less than
// a hundred bytes.
// Threads: one.
class Tombstones {
 public:
  Tombstones(std::size_t count_max, std::uint64_t seed) : count_max_(count_max), index_(seed) {}

  // A later one of the same id replaces the earlier. `tool` and `principal` are copied.
  void add(Tombstone tombstone, std::string_view tool, std::string_view principal);

  // Null where unknown. Valid until the next add().
  [[nodiscard]] const Tombstone* find(JobId id) const;

  [[nodiscard]] std::size_t size() const { return index_.size(); }

 private:
  [[nodiscard]] auto id_at() const {
    return [this](std::uint32_t number) { return all_[number].id; };
  }

  const std::size_t count_max_;
  NameTable names_;
  std::vector<Tombstone> all_;  // a ring once it is full
  std::size_t oldest_ = 0;
  IdIndex index_;
};

}  // namespace yard::jobs
