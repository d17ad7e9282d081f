// What a running job may do beside returning a result.
#pragma once

#include <stop_token>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/clock.h"
#include "jobs/job_id.h"

namespace yard::jobs {

// Handed to a job's handler by the executor that runs it; valid until the handler returns.
// Threads: the thread that runs the handler, and threads it started and joins before it returns.
class JobContext {
 public:
  virtual ~JobContext() = default;

  [[nodiscard]] virtual JobId id() const = 0;

  // Whose job it is: what belongs to others is none of its business.
  [[nodiscard]] virtual std::string_view principal() const = 0;

  // Asked to stop (cancelled, past its deadline, or the broker drains). A handler looks at least
  // every 100 ms and returns kCancelled; what it returns otherwise still counts.
  [[nodiscard]] virtual std::stop_token stop() const = 0;

  // Publishes Progress{percent, message} on the job's stream. percent: 0 to 100. Never blocks;
  // more than about 20 a second are conflated, and the last one always gets through.
  virtual void progress(double percent, std::string_view message) = 0;

  // Publishes PartialResult{data} on the job's stream, in order, retained for replay.
  // data: opaque; more than 256 KiB goes out in several chunks.
  virtual void chunk(BytesView data) = 0;

  // Publishes artifact_created on the job's stream and on its principal's. `packed` is the artifact
  // as a msgpack map, as artifact_get answers it.
  virtual void artifact_created(BytesView packed) = 0;

  // Publishes a line on the job's stream. level: "info", "warn" or "error".
  virtual void log(std::string_view level, std::string_view message) = 0;
};

}  // namespace yard::jobs
