// Frame: what one run of an action knows about itself.
#pragma once

#include "engine/reactive/node.h"

namespace yard::reactive {

// Lies on the stack of who runs; frames are chained from the innermost run to the host.
struct Frame {
  std::uint64_t stamp = 0;  // of this run
  LinkId next = 0;          // the input that it reads now, if it does as the run before; 0: it has read all of them
  NodeId scope = 0;         // with whom goes what is made; 0: with `running`
  NodeId running = 0;       // whose action runs; 0: the host's code
  bool untracked = false;   // reads are nobody's inputs
  Frame* outer = nullptr;

  [[nodiscard]] NodeId owner() const { return scope != 0 ? scope : running; }
};

}  // namespace yard::reactive
