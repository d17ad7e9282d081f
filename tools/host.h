// Host: a family of tools that runs its own jobs, and calls other tools as a client would.
//
//   host ── call ──► core ── job ──► whoever runs the tool
//     ◄── answer ──────┘ once its record is committed
#pragma once

#include <functional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/id.h"
#include "engine/base/result.h"
#include "jobs/executor.h"
#include "jobs/executors/attempt.h"

namespace yard::tools {

struct HostCall {
  Uuid id;  // the job's: the same call made again is the same job
  std::string principal;
  std::string tool;
  Bytes arguments;     // one msgpack map
  bool again = false;  // it may have been made before: what is not idempotent is not started a second time
};

struct HostAnswer {
  Uuid id;                    // the call's
  Result<Bytes> outcome;      // the packed result, or where it is kept
  bool by_reference = false;  // it tells where the result is kept
  bool refused = false;       // nothing began: the same call may be made again
};

// Its jobs are those of tools with a HostedHandler. They may wait for anything without holding a thread.
//
// Threads: all of it is called by the broker's loop, and must not block.
class Host : public jobs::Executor {
 public:
  using MakeCall = std::function<void(HostCall&& call)>;  // by any thread

  // Begins to run; calls may be made from then on. `reports` must outlive close().
  virtual void open(jobs::ReportSink& reports, MakeCall call) = 0;

  // What became of a call: once for each.
  virtual void answer(HostAnswer&& answer) = 0;

  // The broker is about to stop: what would go on for ever ends.
  virtual void drain() = 0;

  // Stops; nothing is reported or called from then on. May take until what runs is at a safe place.
  virtual void close() = 0;
};

}  // namespace yard::tools
