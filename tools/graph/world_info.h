// What is known of the worlds that are loaded, without asking them.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/id.h"
#include "engine/base/mutex.h"
#include "engine/world/world.h"

namespace yard::tools {

enum class WorldPhase : std::uint8_t {
  kLoading,   // its graph is read, or its journal replayed
  kResting,   // nothing is left to run
  kRunning,   // it is at work
  kStalled,   // its journal can't be written: it goes on when it can
  kFailed,    // it could not be loaded
  kUnloaded,  // it is gone
};
std::string_view name_of(WorldPhase phase);

struct CallInfo {
  Uuid job_id;
  std::string node;
  std::string tool;
};

struct WorldInfo {
  std::string name;
  std::string principal;
  Uuid id;
  WorldPhase phase = WorldPhase::kLoading;
  std::string problem;                             // of a stalled or failed one
  std::shared_ptr<const graph::Image> image = {};  // shared with the world; none while it loads
  graph::WorldStats stats = {};
  std::uint32_t epoch = 0;
  std::uint64_t event_id = 0;
  std::int64_t now_ns = 0;
  std::vector<CallInfo> calls = {};  // open ones, kCallsShown at most

  static constexpr std::size_t kCallsShown = 32;
};

// The newest info of one world. Threads: any.
class WorldBoard {
 public:
  void put(WorldInfo info) YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    info_ = std::make_shared<const WorldInfo>(std::move(info));
  }
  [[nodiscard]] std::shared_ptr<const WorldInfo> get() const YARD_EXCLUDES(mutex_) {
    const MutexLock lock(mutex_);
    return info_;
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const WorldInfo> info_ YARD_GUARDED_BY(mutex_);  // shared with who reads it
};

}  // namespace yard::tools
