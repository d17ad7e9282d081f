// What a kernel is run on: how the nodes are wired, the cells, and the world outside of the graph.
#pragma once

#include <cstdint>

#include "engine/graph/cells.h"

namespace yard::graph {

// Where the state and the settings of a node are, if its kernel has any.
struct NodeExtra {
  std::uint32_t state = 0;     // first word in Cells::state, or the place in Cells::text_state
  std::uint32_t settings = 0;  // place in Wiring::settings
};

// Arrays of an image, by internal node number: nodes are numbered in the order in which they may run. Borrowed.
struct Wiring {
  const std::uint32_t* in_first = nullptr;  // of n + 1: where the node's inputs begin in `drivers`
  const std::uint32_t* drivers = nullptr;   // the cell that each input reads
  const std::uint32_t* out_cell = nullptr;  // of n + 1: the node's first output's cell; the others follow
  const std::uint32_t* extra = nullptr;     // where in `extras`; none for kernels without state and settings
  const NodeExtra* extras = nullptr;
  const void* const* settings = nullptr;
};

// What kernels may ask of who runs them. Threads: those of the run.
class Host {
 public:
  virtual ~Host() = default;
  // Has `node` run when logical time is `at_ns`; instead of what it asked for before.
  virtual void wake(std::uint32_t node, std::int64_t at_ns) = 0;
  // An effect: `value` left the graph at `node`, as `channel`. Texts are at the place that the cell says.
  virtual void effect(std::uint32_t node, std::string_view channel, DataType type, Cell value) = 0;
  // What `node` says must hold does not. With `roll_back` the wave is to be undone, and all since the last check point.
  virtual void breach(std::uint32_t node, std::string_view message, bool roll_back) = 0;
};

struct Frame {
  Wiring wiring;
  Cells& cells;
  Host& host;
  std::int64_t now_ns = 0;  // logical time
};

}  // namespace yard::graph
