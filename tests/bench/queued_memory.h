// The memory that queued jobs take, in a process that has held nothing else: what was freed before would hide it.
#pragma once

namespace yard::bench {

// The flag with which `switchyard-bench` measures in its own process and prints MiB.
inline constexpr char kQueuedMemoryFlag[] = "--queued-memory";

// MiB by which `count` queued jobs let a broker grow. Measures in this process.
[[nodiscard]] double measure_queued_mib(int count);

// The same, measured by another process of this program.
[[nodiscard]] double queued_mib(int count);

}  // namespace yard::bench
