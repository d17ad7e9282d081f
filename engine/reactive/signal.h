// Signal: a value that is set from outside, or by the actions that declare so.
#pragma once

#include "engine/reactive/cell.h"

namespace yard::reactive {

// Throws kDenied unless the running action may set source `id`: a computation sets what it declared, nothing else.
void check_may_write(Graph& graph, NodeId id);

template <typename T>
class Signal : public Readable<T> {
 public:
  Signal() = default;
  Signal(Graph& graph, NodeRef ref) : Readable<T>(graph, ref) {}

  // Readers have to run if that is another value; they do when the scheduler settles.
  // Errors: throws Failure: kGone if it was disposed of, kDenied in a computation that did not declare it.
  void set(T value) const {
    Graph& graph = this->graph();
    const NodeRef ref = this->ref();
    Node& node = graph.node(ref.id);
    if (node.readable != ref.generation && !graph.is_alive(ref)) [[unlikely]]
      graph.throw_unreadable(ref);
    const bool from_outside = graph.frame().running == 0;
    if (!from_outside) check_may_write(graph, ref.id);
    const Outcome outcome = static_cast<Cell<T>*>(node.state)->store(std::move(value));
    if (outcome == Outcome::kSame) return;
    if (outcome == Outcome::kBegun) [[unlikely]]
      graph.recover(ref.id);
    if (!from_outside) graph.note_write();
    graph.mark_readers(ref.id);
  }
};

}  // namespace yard::reactive
