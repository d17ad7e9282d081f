// The seam between the core, which decides, and executors, which run.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/clock.h"
#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "jobs/job_context.h"
#include "jobs/job_id.h"
#include "jobs/stop_means.h"

namespace yard::jobs {

// One attempt at a job: enough to run it anywhere, and again.
struct Work {
  JobId id;
  std::uint64_t fence = 0;
  std::string tool;
  std::uint32_t tool_version = 1;
  std::string principal;
  Bytes arguments;
};

// Binds work to a handler. Writes one msgpack map. May throw.
using Runner = std::function<Status(const Work& work, JobContext& context, PackWriter& result)>;

// What an executor tells of an attempt, in order: Started, then any of the middle ones, then Finished.
struct Started {};
struct Progressed {
  double percent = 0;
  std::string message;
};
struct Chunked {
  Bytes data;
};
struct ArtifactCreated {
  Bytes packed;
};
struct Logged {
  std::string level;
  std::string message;
};
struct Finished {
  Result<Bytes> outcome;                        // the packed result, or where it is kept
  Nanos busy{};                                 // how long the handler ran; zero if it never did
  StopMeans stopped = StopMeans::kCooperative;  // where it was told to stop
  bool by_reference = false;                    // the outcome is a reference to the result
};

struct Report {
  JobId id;
  std::uint64_t fence = 0;
  std::uint64_t number = 0;  // a remote worker's count of its reports, from 1; zero: of an executor of this process
  std::variant<Started, Progressed, Chunked, ArtifactCreated, Logged, Finished> what;
};

// Threads: the core's own; reports come from the executor's threads through a ReportQueue.
class Executor {
 public:
  virtual ~Executor() = default;

  // Takes the work (the vector is empty afterwards). Never blocks and never refuses: the core hands
  // over no more than it was admitted for.
  virtual void start(std::vector<Work>& work) = 0;

  // Asks an attempt to stop; its Finished still comes. One that it doesn't have is none of its business.
  virtual void stop(JobId id) = 0;

  // How many attempts run at the same time.
  [[nodiscard]] virtual std::size_t slots() const = 0;
};

}  // namespace yard::jobs
