// WorldStreams: who follows a world. Each is a job that lasts, and its stream has the world's messages, a line each.
#pragma once

#include <memory>
#include <vector>

#include "engine/world/feed.h"
#include "tools/graph/world_reports.h"

namespace yard::tools {

// Threads: the world's.
class WorldStreams {
 public:
  static constexpr std::size_t kStreamsMax = 256;

  // Must outlive it.
  explicit WorldStreams(WorldReports& reports) : reports_(reports) {}

  // `job` goes on until it is stopped. The world is at rest. Errors: Feed::open's, kOverQuota.
  [[nodiscard]] Status open(WorldJob job, graph::World& world, const graph::FeedOptions& options);
  // Whether it had the job, which has ended then.
  bool stop(JobId id);
  void stop_all(const Error& why);

  // Tells all of what the world has let out, and of what has changed.
  void tell(const graph::World& world, SteadyTime now);
  // When there is something to tell that had to wait.
  [[nodiscard]] SteadyTime next(SteadyTime now) const;
  [[nodiscard]] std::size_t size() const { return streams_.size(); }

 private:
  struct Stream {
    WorldJob job;
    std::unique_ptr<graph::Feed> feed;
    double rate_hz = 0;
  };
  void tell(const Stream& stream, const std::vector<std::pair<std::uint64_t, std::string>>& lines, SteadyTime now);

  WorldReports& reports_;
  std::vector<Stream> streams_;
};

}  // namespace yard::tools
