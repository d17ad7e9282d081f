// CommandSpec: a tool that is declared as a command line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"

namespace yard::jobs {

// What one attempt may use. Zero: as much as the broker itself may. There is no wall time here: that is
// the job's attempt timeout, which arrives as a stop. Core dumps are always off.
struct CommandLimits {
  std::uint64_t memory_bytes = 0;  // RLIMIT_AS, for each process
  std::uint64_t cpu_seconds = 0;   // RLIMIT_CPU, for each process: SIGXCPU, and SIGKILL one second later
  std::uint64_t file_bytes = 0;    // RLIMIT_FSIZE, for each file
  std::uint64_t open_files = 0;    // RLIMIT_NOFILE, for each process
  std::uint64_t processes = 0;     // RLIMIT_NPROC, of the whole user; the kernel ignores it for root
};

// How to run one tool. README.md has the protocol that the program speaks.
struct CommandSpec {
  // The program and its arguments; no shell. Without a slash the program is looked up in PATH, as the
  // child will see it; with one it counts from the working folder.
  std::vector<std::string> argv;

  // Empty: a new empty folder for each attempt, mode 0700, removed before Finished is reported.
  std::string working_folder = {};

  // On top of PATH, LANG, HOME (the working folder) and SWITCHYARD_JOB_ID, which these may replace.
  // Nothing else is inherited.
  std::map<std::string, std::string> environment = {};

  CommandLimits limits = {};
  Millis term_grace{2'000};                  // from SIGTERM to SIGKILL
  std::size_t line_bytes_max = 1u << 20;     // of one line on stdout; a longer one fails the job
  std::size_t stderr_bytes_max = 64u << 10;  // the end of stderr that is kept for the error's message
  bool sandbox = true;                       // no_new_privs and the system calls of sandbox.h
  bool network = false;                      // sockets other than AF_UNIX; always, where not sandboxed
};

// Finds the command of a tool; nullptr where there is none. What it points to must outlive the executor.
using CommandOf = std::function<const CommandSpec*(std::string_view tool)>;

}  // namespace yard::jobs
