// Cell: where a node keeps its value, and the handles that read it.
#pragma once

#include <optional>

#include "engine/base/result.h"
#include "engine/reactive/failure.h"
#include "engine/reactive/graph.h"
#include "engine/reactive/value.h"

namespace yard::reactive {

template <typename T>
class Cell : public State {
 public:
  Cell(std::optional<T> initial, Same<T> same)
      : State(initial ? compared(same) : Compared::kWithNothing, compared(same)), same_(same) {
    if (initial) value_ = *std::move(initial);
  }

  Outcome store(T&& next) {
    if (compared_ != Compared::kByEquality) [[unlikely]]
      return store_otherwise(std::move(next));
    T& value = place();
    if (is_same(value, next)) return Outcome::kSame;
    value = std::move(next);
    return Outcome::kChanged;
  }

  // There is one.
  [[nodiscard]] const T& value() const { return const_cast<Cell*>(this)->place(); }

 private:
  static Compared compared(Same<T> same) { return same == nullptr ? Compared::kByEquality : Compared::kByFunction; }

  [[gnu::noinline]] Outcome store_otherwise(T&& next) {
    const bool begins = compared_ == Compared::kWithNothing;
    if (!begins && same_(place(), next)) return Outcome::kSame;
    value_ = std::move(next);
    return begins ? Outcome::kBegun : Outcome::kChanged;
  }

  static constexpr bool kStartsEmpty = !std::default_initializable<T>;

  T& place() {
    if constexpr (kStartsEmpty)
      return *value_;
    else
      return value_;
  }

  std::conditional_t<kStartsEmpty, std::optional<T>, T> value_{};
  Same<T> same_;
};

// A node with a value. Handles are small, are copied freely and don't keep anything alive.
// The graph's scheduler must outlive them. Threads: the scheduler's.
template <typename T>
class Readable {
 public:
  Readable() = default;

  // The value, up to date. An action that reads it depends on it.
  //
  // Lifetime: until the node runs, is set or is disposed of.
  // Errors:   throws Failure: the node's own error; kGone if it was disposed of; kUnavailable on a cycle, if nobody
  //           said what it is before it ran. An action need not catch it.
  const T& get() const { return cell_of(graph_->read(ref_)).value(); }

  // The same as a value, for who wants to go on without it.
  [[nodiscard]] Result<T> result() const {
    try {
      return get();
    } catch (const Failure& failure) {
      return std::unexpected(failure.error());
    }
  }

  // The value as it is: neither brought up to date nor depended upon. Errors: as get().
  [[nodiscard]] const T& value_in(const Graph& graph) const { return cell_of(graph.peek(ref_)).value(); }

  [[nodiscard]] NodeRef ref() const { return ref_; }

 protected:
  Readable(Graph& graph, NodeRef ref) : graph_(&graph), ref_(ref) {}
  [[nodiscard]] Graph& graph() const { return *graph_; }

 private:
  static const Cell<T>& cell_of(const Node& node) { return *static_cast<const Cell<T>*>(node.state); }

  Graph* graph_ = nullptr;
  NodeRef ref_;
};

}  // namespace yard::reactive
