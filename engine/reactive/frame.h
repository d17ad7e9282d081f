// Frame: what one run of an action knows about itself.
#pragma once

#include <utility>

#include "engine/reactive/node.h"

namespace yard::reactive {

// Lies on the stack of who runs; frames are chained from the innermost run to the host.
struct Frame {
  static constexpr std::uint64_t kCareful = UINT64_MAX;  // no run's stamp

  std::uint64_t again = kCareful;  // the stamp of this run, while whatever it has read is still valid
  LinkId next = 0;                 // the input that it reads now, if it does as the run before, and that is valid
  NodeId scope = 0;                // with whom goes what is made; 0: with `running`
  NodeId running = 0;              // whose action runs; 0: the host's code
  bool untracked = false;          // reads are nobody's inputs
  Frame* outer = nullptr;
  std::uint64_t careful_stamp = 0;  // what `again` and `next` were to be, while nothing is sure
  LinkId careful_next = 0;

  [[nodiscard]] bool is_careful() const { return again == kCareful; }
  [[nodiscard]] std::uint64_t stamp() const { return is_careful() ? careful_stamp : again; }
  // The input that it reads now, if it does as the run before; 0: it has read all of them.
  [[nodiscard]] LinkId& position() { return is_careful() ? careful_next : next; }

  // Nothing is sure any more: every read has to be looked at.
  void be_careful() {
    if (is_careful()) return;
    careful_stamp = std::exchange(again, kCareful);
    careful_next = std::exchange(next, 0);
  }

  [[nodiscard]] NodeId owner() const { return scope != 0 ? scope : running; }
};

}  // namespace yard::reactive
