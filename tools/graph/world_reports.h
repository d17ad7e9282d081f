// WorldReports: what a world tells of its jobs.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "engine/base/clock.h"
#include "jobs/executors/attempt.h"

namespace yard::tools {

// A job that a world has.
struct WorldJob {
  jobs::Work work;
  SteadyTime began{};
};

// What becomes of jobs waits until the world has kept what they did.
// Threads: the world's.
class WorldReports {
 public:
  // Both must outlive it.
  WorldReports(jobs::ReportSink& sink, const Clock& clock) : sink_(sink), clock_(clock) {}

  [[nodiscard]] WorldJob started(jobs::Work&& work);
  void finished(const WorldJob& job, Result<nlohmann::ordered_json> result);
  // One line of JSON on the job's stream, at once.
  void tell(const WorldJob& job, BytesView line);
  // What has finished could not be kept.
  void refuse(const Error& why);
  // Tells what has finished.
  void flush();

 private:
  jobs::ReportSink& sink_;
  const Clock& clock_;
  std::vector<jobs::Report> finished_;
};

}  // namespace yard::tools
