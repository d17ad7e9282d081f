// WorldCalls: the tools that a world's nodes call.
//
//   open call ── make ──► the broker ── answer ──► receipt
//        ▲                                │
//        └────── later, if refused ───────┘
#pragma once

#include <optional>
#include <unordered_map>

#include "engine/base/clock.h"
#include "engine/world/world.h"
#include "tools/graph/manifest.h"
#include "tools/host.h"

namespace yard::tools {

// The job that a call with this intent becomes: the same for ever, and another in every world.
[[nodiscard]] Uuid job_of(const Manifest& manifest, const Hash128& intent);

// Threads: the world's.
class WorldCalls {
 public:
  WorldCalls(const Manifest& manifest, Host::MakeCall make_call)
      : manifest_(manifest), make_call_(std::move(make_call)) {}

  // `again`: it may have been made before this start.
  void make(const graph::World& world, const Hash128& intent, bool again);
  // All that are open, after a start.
  void make_again(const graph::World& world);

  // The receipt that the world is to take; none: the call waits to be made again.
  [[nodiscard]] std::optional<graph::ReceiptCause> take(HostAnswer&& answer, SteadyTime now);
  // Makes those that have waited long enough.
  void retry(const graph::World& world, SteadyTime now);
  [[nodiscard]] SteadyTime next_retry() const;

 private:
  struct Made {
    Hash128 intent;
    std::uint32_t refusals = 0;
    SteadyTime retry_at = SteadyTime::max();
  };
  void send(const graph::World& world, const Uuid& job, const Hash128& intent, bool again) const;

  const Manifest& manifest_;
  const Host::MakeCall make_call_;
  std::unordered_map<Uuid, Made> made_;  // by job
};

}  // namespace yard::tools
