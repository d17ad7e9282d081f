// The road beside raw libzmq.
#pragma once

#include <vector>

#include "tests/bench/measure.h"

namespace yard::bench {

// Immediate and job round trips, pipelined Immediate calls and jobs.
[[nodiscard]] std::vector<Comparison> road_comparisons();

// Events to 1, 10 and 100 subscribers.
[[nodiscard]] std::vector<Comparison> iopub_comparisons();

// Jobs that a remote worker runs, beside a relay of raw libzmq.
[[nodiscard]] std::vector<Comparison> relay_comparisons();

// Jobs at each grade beside what the disk and the memory allow, and a restart beside reading the log.
[[nodiscard]] std::vector<Comparison> durable_comparisons();

// Loading a graph beside reading its text.
[[nodiscard]] std::vector<Comparison> graph_comparisons();

// Propagation through graphs beside loops by hand.
[[nodiscard]] std::vector<Comparison> engine_comparisons();

// Interaction nets beside reducers by hand. inpla, the public runtime, is no Debian package, so it stands in no table.
[[nodiscard]] std::vector<Comparison> nets_comparisons();

// Generated code beside loops by hand and kernels.
[[nodiscard]] std::vector<Comparison> aot_comparisons();

// Reactive values beside alien-signals, where it is installed.
[[nodiscard]] std::vector<Comparison> reactive_comparisons();

// Tickets on two workers beside two threads written for them, and beside a loop.
[[nodiscard]] std::vector<Comparison> tickets_comparisons();

// Hops from port to port beside function pointers and a ring by hand, and beside the receive of a cast.
[[nodiscard]] std::vector<Comparison> ports_comparisons();

// Jobs and their memory beside Redis, beanstalkd and gearmand, where they are installed.
[[nodiscard]] std::vector<Comparison> peer_comparisons();

}  // namespace yard::bench
