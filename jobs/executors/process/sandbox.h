// The system calls that a tool's program may not make.
#pragma once

#include <linux/filter.h>

#include <vector>

#include "engine/base/result.h"

namespace yard::jobs {

using SeccompFilter = std::vector<sock_filter>;

// Builds the filter, for prctl(PR_SET_SECCOMP). It allows what it does not name; it refuses with EPERM what
// no tool needs and what would undo the rest:
//   looking into or taking from other processes, kernel modules, mounts, namespaces, BPF, keys, clocks;
//   setsid and setpgid, so that nothing leaves the process group that stop() ends;
//   io_uring, which makes system calls that no filter sees.
// clone3 fails with ENOSYS, whereupon libc uses clone, whose flags can be looked at. Without `network`
// socket() fails with EACCES for all but AF_UNIX.
//
// A filter is no wall around files, nor around the broker's other processes: same user, same folders.
//
// Errors: kUnsupported where libseccomp can't build it for this machine.
[[nodiscard]] Result<SeccompFilter> make_seccomp_filter(bool network);

}  // namespace yard::jobs
