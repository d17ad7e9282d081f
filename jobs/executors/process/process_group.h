// A process group after its leader.
#pragma once

#include <sys/types.h>

namespace yard::jobs {

// Whether `group`, whose leader is reaped, has no member that still runs. Zombies don't: whoever inherited
// them may take long to reap them, or never do. Our own, which a broker that is a container's first process
// inherits, are reaped here.
//
// Cheap for a group that is empty; else it reads /proc. Without a /proc zombies count as members.
[[nodiscard]] bool group_is_gone(pid_t group);

}  // namespace yard::jobs
