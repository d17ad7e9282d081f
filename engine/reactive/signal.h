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
    if (node.generation != ref.generation || (node.marks & kDead) != 0) [[unlikely]]
      graph.throw_unreadable(ref);
    if (graph.frame().running != 0) check_may_write(graph, ref.id);
    auto& cell = *static_cast<Cell<T>*>(static_cast<State*>(node.state));
    const bool changed = cell.store(std::move(value));
    if ((node.marks & kFailed) != 0) [[unlikely]]
      graph.recover(ref.id);
    else if (!changed)
      return;
    if (graph.frame().running != 0) graph.node(graph.frame().running).marks |= kWrote;
    graph.mark_readers(ref.id);
  }
};

}  // namespace yard::reactive
