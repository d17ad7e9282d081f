// Blocker: the limit that a queued job waits for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"

namespace yard::jobs {

struct Blocker {
  enum class Kind : std::uint8_t {
    kTurn,         // none: its turn has not come
    kPause,        // an administrator's
    kConcurrency,  // as many of a group run as may
    kRate,         // a group's
    kResource,     // others hold it
    kBudget,       // of its tenant
  };
  Kind kind = Kind::kTurn;
  std::string name;        // of the pause's target, the group, the resource or the unit
  std::uint64_t used = 0;  // of `limit`
  std::uint64_t limit = 0;
  std::uint64_t needed = 0;          // by this job
  Nanos wait{};                      // until a rate or a budget lets it go on, if nobody is ahead
  std::vector<std::string> holders;  // tools whose jobs hold a resource, e.g. "2 x render"
  std::string kept_for;              // the tool for whose job what is free of a resource is kept; see kOvertakenMax
};

// "concurrency", as on the wire.
[[nodiscard]] std::string_view name_of(Blocker::Kind kind);

}  // namespace yard::jobs
