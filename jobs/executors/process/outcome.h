// What became of an attempt, from how its process ended and what it had said.
#pragma once

#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "jobs/executors/process/command_spec.h"

namespace yard::jobs {

struct Ending {
  int wait_status = 0;               // as waitpid() has it
  Nanos cpu{};                       // user and system time of the leader and of the children it waited for
  bool stop_asked = false;           // by stop()
  bool term_sent = false;            // SIGTERM, by us
  bool kill_sent = false;            // SIGKILL, by us, after term_grace
  std::optional<Error> fault = {};   // it broke the protocol
  std::optional<Error> error = {};   // what it said of its own failure
  std::optional<Bytes> result = {};  // the last one it gave
  std::string stderr_tail = {};
};

// In this order:
//   it broke the protocol         kToolFailed, and which line
//   it was asked to stop          its result if it exited with 0 and gave one; else kCancelled,
//                                 "stopped by SIGTERM" or "stopped by SIGKILL after 2000 ms"
//   it said that it failed        that error
//   a signal that nobody sent     kWorkerLost, with the signal: it died, or the machine ran out of memory
//   a limit, or an exit not 0     kToolFailed, with the limit or the status. Both with the end of stderr
//   else                          its result; an empty map if it gave none
[[nodiscard]] Result<Bytes> outcome_of(Ending ending, const CommandSpec& spec);

}  // namespace yard::jobs
