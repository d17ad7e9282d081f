// From exceptions to errors, and how errors spread.
#include "engine/reactive/failure.h"

#include "engine/reactive/graph.h"

namespace yard::reactive {

Outcome Graph::caught(NodeId id) {
  if (abandoning_) return Outcome::kAbandoned;
  try {
    throw;
  } catch (const Failure& failure) {
    return fail(id, failure.error());
  } catch (const std::exception& exception) {
    return fail(id, {.code = ErrorCode::kToolFailed, .message = name_of(id) + " threw: " + exception.what()});
  } catch (...) {
    return fail(id, {.code = ErrorCode::kToolFailed, .message = name_of(id) + " threw what is no std::exception"});
  }
}

Outcome Graph::fail(NodeId id, Error error) {
  Node& one = node(id);
  if ((one.marks & kFailed) != 0 && errors_.at(id) == error) return Outcome::kSame;
  set_marks(one, id, kFailed, 0);
  one.state->forget();
  errors_.insert_or_assign(id, std::move(error));
  return Outcome::kChanged;
}

bool Graph::recover(NodeId id) {
  Node& one = node(id);
  one.state->recall();
  const bool failed = (one.marks & kFailed) != 0;
  set_marks(one, id, 0, kFailed | kEmpty);
  if (failed) errors_.erase(id);
  return failed;
}

void Graph::throw_unreadable(NodeRef ref) const {
  if (!is_alive(ref)) throw Failure({.code = ErrorCode::kGone, .message = "read after its end"});
  if ((node(ref.id).marks & kFailed) != 0) throw Failure(error_of(ref.id));
  throw Failure(
      {.code = ErrorCode::kUnavailable, .message = name_of(ref.id) + " depends on itself and has no initial value"});
}

void Graph::fail_written(NodeId writer) {
  for (LinkId at = node(writer).subs; at != 0; at = arena_.link(at).next_sub) {
    const NodeId source = arena_.link(at).sub;
    if (fail(source, errors_.at(writer)) == Outcome::kChanged) mark_readers(source);
  }
}

void Graph::recover_written(NodeId writer) {
  for (LinkId at = node(writer).subs; at != 0; at = arena_.link(at).next_sub) {
    const NodeId source = arena_.link(at).sub;
    if (recover(source)) mark_readers(source);
  }
}

}  // namespace yard::reactive
