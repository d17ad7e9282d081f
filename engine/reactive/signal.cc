#include "engine/reactive/signal.h"

namespace yard::reactive {

void check_may_write(Graph& graph, NodeId id) {
  const NodeId writer = graph.frame().running;
  if ((graph.node(writer).marks & kEffect) != 0 || graph.declares_write(writer, id)) return;
  // What a computation made itself in this run is its own.
  if (graph.owner_of(id) == writer) return;
  throw Failure({.code = ErrorCode::kDenied,
                 .message = graph.name_of(writer) + " writes " + graph.name_of(id) + ", which it did not declare"});
}

}  // namespace yard::reactive
