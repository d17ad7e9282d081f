// Worker: offers tools of this process to a broker, and runs their jobs.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

#include "engine/base/clock.h"
#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "jobs/job_id.h"

namespace yard::client {

// Amounts by name, e.g. "gpu:0" in MiB; the unit is whatever worker and tools mean by it.
using Resources = std::map<std::string, std::uint64_t>;

// What a worker declares of a tool; see PROTOCOL.md, section 10. What is empty or zero is left to the broker.
struct WorkerTool {
  std::string name;  // [a-z][a-z0-9_]*, at most 64 bytes
  std::uint32_t version = 1;
  std::string title;
  std::string description;                          // for people and models
  std::string arguments = R"({"type": "object"})";  // JSON Schema
  std::string result = R"({"type": "object"})";     // JSON Schema
  std::string timeout_class;                        // "short", "medium" or "long"
  std::string grade;                                // "volatile", "buffered" or "synced"
  Millis wait{};                                    // that a caller is held
  Millis timeout{};                                 // of one attempt
  Millis result_ttl{};                              // how long a result is kept
  std::uint32_t concurrency_max = 0;                // jobs at once, of all workers together
  Resources resources;                              // of its worker's, that one job takes while it runs
  bool streams = false;
  bool read_only = false;
  bool idempotent = false;     // may be run again after a worker's death
  bool deterministic = false;  // equal arguments give equal results; needs idempotent
  bool destructive = false;
  bool open_world = false;
};

// What a handler may ask and say while it runs. What it says is kept until the broker has written it; where too much is
// kept, these wait. At once it has at most 4 MiB, and text is UTF-8: else the attempt fails, with kTooLarge or
// kToolFailed. Threads: the handler's.
class WorkerContext {
 public:
  virtual ~WorkerContext() = default;

  [[nodiscard]] virtual JobId job() const = 0;
  [[nodiscard]] virtual std::uint32_t attempt() const = 0;  // 1 for the first

  // Stop was asked for: return soon, with kCancelled.
  [[nodiscard]] virtual std::stop_token stop() const = 0;

  virtual void progress(double percent, std::string_view message = {}) = 0;
  virtual void chunk(BytesView data) = 0;
  virtual void log(std::string_view level, std::string_view message) = 0;
};

// Returns one msgpack map, within the limits of PROTOCOL.md, section 2: else the attempt fails, as above. arguments:
// one map that fits the schema, valid during the call. May throw: kToolFailed.
using WorkerHandler = std::function<Result<Bytes>(PackView arguments, WorkerContext& context)>;

struct WorkerOptions {
  std::string workers;                              // endpoint; empty: default_workers_endpoint()
  std::string name = "worker";                      // for people
  std::size_t concurrency = 4;                      // handlers at the same time, a thread each
  std::size_t prefetch = 0;                         // attempts held beyond that; they begin within a second, or go back
  Resources resources;                              // that there are for its jobs; each tool takes no more
  std::size_t attempt_bytes_max = 4u << 20;         // of one attempt's reports that wait for the broker
  Millis leave_timeout = std::chrono::seconds(10);  // of the broker's silence, where a stop waits for nothing else
};

// Keeps its lease and its reports on the thread that calls run(), so that no handler can miss a renewal. A broker that
// goes away and comes back finds what runs still running.
//
// Threads: one for offer() and run(); handlers run on others.
class Worker {
 public:
  explicit Worker(WorkerOptions options);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // Before run().
  void offer(WorkerTool tool, WorkerHandler handler);

  // Serves until `stop` is requested: then it takes nothing new, finishes what runs, has that acknowledged and says
  // BYE. A broker that isn't there is waited for: for ever, or after a stop until no handler runs and the silence has
  // lasted for leave_timeout. May be called again.
  //
  // Errors: what the broker refuses to register: kConflict, kBadRequest, kTooLarge, kOverQuota. kUnavailable: it left,
  // and the
  //         broker was not there to hear how everything ended.
  [[nodiscard]] Status run(const std::stop_token& stop);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace yard::client
