// Starting a program from a process that has threads.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "engine/base/fd.h"
#include "engine/base/result.h"
#include "jobs/executors/process/command_spec.h"
#include "jobs/executors/process/sandbox.h"

namespace yard::jobs {

// What is to be run. All of it is prepared before there is a child.
struct Launch {
  std::string program;                   // a path; relative ones count from `folder`
  std::vector<std::string> argv;         // with the program's name in front
  std::vector<std::string> environment;  // "NAME=value", and nothing else is inherited
  std::string folder;
  CommandLimits limits = {};
  const SeccompFilter* filter = nullptr;  // with no_new_privs; nullptr: neither
};

// A program that runs, as leader of a session and of a process group of its own.
struct Child {
  pid_t pid = 0;  // of the group, too
  Fd pidfd;       // readable once the leader has exited
  Fd in;          // non-blocking, as are the others
  Fd out;
  Fd err;
};

// Starts it, and returns when it is the new program that runs. Its signals are as at a login, its open files
// are the three pipes, and the kernel kills it when the calling *thread* ends.
//
// No fork: the child borrows this process's memory until it execs (CLONE_VM | CLONE_VFORK, as posix_spawn
// has it), which costs the same however large the broker is, runs no pthread_atfork handlers and leaves
// ZeroMQ's sockets alone. posix_spawn itself can do neither limits nor filters.
//
// Errors:  "cannot run PATH: No such file or directory"; kUnavailable where the machine lacks room for
//          another process or file, kUnsupported where the kernel refuses the filter, else kToolFailed.
// Threads: any whose signals are all blocked; blocks for as long as exec takes.
[[nodiscard]] Result<Child> spawn(const Launch& launch);

// Where in the PATH of `environment` there is an executable file called `name`; a name with a slash is a path
// already.
//
// Errors: kToolFailed.
[[nodiscard]] Result<std::string> find_program(const std::string& name, const std::vector<std::string>& environment);

}  // namespace yard::jobs
