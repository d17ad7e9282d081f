// What the graph is made of: nodes, and the links from what is read to who reads it.
#pragma once

#include <cstdint>

namespace yard::reactive {

class Graph;
class State;

// Places in the graph's arenas. 0 is none.
using NodeId = std::uint32_t;
using LinkId = std::uint32_t;

// How a run of a node ended.
enum class Outcome : std::uint8_t {
  kSame,       // its value is what it was
  kChanged,    // its readers have to run
  kBegun,      // it has a value, where there was none or an error
  kAbandoned,  // it met a value that has to be computed first (see Graph::pull); it will be run again
};

// Runs the action of the node that `graph` says is running, whose typed part is `state`. Throws what the action does.
using RunFn = Outcome (*)(Graph& graph, State& state);

// Marks of a node.
enum Mark : std::uint32_t {
  kInvalid = 1 << 0,     // never ran, or something that it read has changed since
  kQueued = 1 << 1,      // lies in a queue; what happened since may have made that pointless
  kRunning = 1 << 2,     // its action is on the stack
  kLive = 1 << 3,        // is an effect, or read by a live node
  kFresh = 1 << 4,       // valid whenever nothing below its height is invalid: live, or a source that nobody computes
  kRoot = 1 << 5,        // live by itself
  kEffect = 1 << 6,      // runs for what it does, after all live computations
  kSource = 1 << 7,      // has a value and no action
  kGated = 1 << 8,       // the policy hears of every change of its inputs
  kHeld = 1 << 9,        // must not run for now; the policy lets it go
  kFailed = 1 << 10,     // its value is an error
  kEmpty = 1 << 11,      // has no value yet
  kOwns = 1 << 12,       // made nodes that go when it runs again
  kOwned = 1 << 13,      // was made by another node
  kStatic = 1 << 14,     // reads what it was declared to read, nothing else
  kUnfit = 1 << 15,      // read what is not below it
  kWrote = 1 << 16,      // changed a source
  kDead = 1 << 17,       // disposed of
  kWrites = 1 << 18,     // its value are the sources that it declared to write
  kRaised = 1 << 19,     // lies in the queue at a height that it had before
  kWatched = 1 << 20,    // the policy runs it
  kCyclic = 1 << 21,     // read what depends on it
  kDisturbed = 1 << 22,  // its run cannot be sure any more of what it has read
};

// What the hot path touches of a node: one cache line. The rest is in `Graph::Cold`.
struct alignas(64) Node {
  std::uint32_t marks = 0;
  std::uint32_t height = 0;  // above everything that it reads, unless they form a cycle
  LinkId deps = 0;           // what it reads, in the order of its last run
  LinkId subs = 0;           // who reads it, in the order of coming
  NodeId next_queued = 0;
  std::uint32_t readable = 0;    // the generation of this place, if reading it can need no more than a link; or 0
  std::uint32_t wave = 0;        // of the last run
  std::uint32_t wave_runs = 0;   // in that wave
  std::uint64_t read_stamp = 0;  // of the run that read it last
  std::uint64_t runs = 0;
  RunFn run = nullptr;
  State* state = nullptr;
};
static_assert(sizeof(Node) == 64);

// `sub` reads `dep`. In two lists: dep's readers, and sub's inputs.
struct Link {
  NodeId dep = 0;
  NodeId sub = 0;
  LinkId prev_sub = 0;
  LinkId next_sub = 0;
  LinkId prev_dep = 0;
  LinkId next_dep = 0;
  std::uint64_t stamp = 0;  // of the run of `sub` that read `dep` last
};
static_assert(sizeof(Link) == 32);

}  // namespace yard::reactive
