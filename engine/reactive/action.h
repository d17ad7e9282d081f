// Actions: what nodes run, with the types that their callers gave them. The one place that catches what they throw.
#pragma once

#include <tuple>
#include <type_traits>

#include "engine/reactive/signal.h"

namespace yard::reactive {

// A value computed from others.
template <typename T>
class Computed : public Readable<T> {
 public:
  Computed() = default;
  Computed(Graph& graph, NodeRef ref) : Readable<T>(graph, ref) {}
};

template <typename R>
struct UnwrapResult {
  using Type = R;
};
template <typename T>
struct UnwrapResult<Result<T>> {
  using Type = T;
};

// What a computation's function returns: itself, or what it returns in a Result.
template <typename F, typename... Inputs>
using ValueOf = typename UnwrapResult<std::decay_t<std::invoke_result_t<F&, const Inputs&...>>>::Type;

// The new value of node `id`, or its error.
template <typename T>
Outcome conclude(Graph& graph, NodeId id, Cell<T>& cell, std::type_identity_t<T> value) {
  if ((graph.node(id).marks & (kFailed | kEmpty)) != 0) [[unlikely]] {
    graph.recover(id);
    graph.node(id).marks &= ~kEmpty;
    cell.begin(std::move(value));
    return Outcome::kChanged;
  }
  return cell.store(std::move(value)) ? Outcome::kChanged : Outcome::kSame;
}
template <typename T>
Outcome conclude(Graph& graph, NodeId id, Cell<T>& cell, Result<T> result) {
  if (!result) return graph.fail(id, std::move(result).error());
  return conclude(graph, id, cell, std::move(*result));
}

// A computation that finds out what it reads by reading.
template <typename T, typename F>
class DeriveCell final : public Cell<T> {
 public:
  DeriveCell(F function, std::optional<T> initial, Same<T> same)
      : Cell<T>(std::move(initial), same), function_(std::move(function)) {}

  static Outcome run(Graph& graph, NodeId id, void* state) {
    auto& self = *static_cast<DeriveCell*>(static_cast<State*>(state));
    try {
      return conclude(graph, id, self, self.function_());
    } catch (...) {
      return graph.caught(id);
    }
  }

 private:
  F function_;
};

// A computation of inputs that are declared once and for all.
template <typename T, typename F, typename... Inputs>
class LiftCell final : public Cell<T> {
 public:
  LiftCell(F function, Same<T> same, const Readable<Inputs>&... inputs)
      : Cell<T>(std::nullopt, same), function_(std::move(function)), inputs_(inputs...) {}

  static Outcome run(Graph& graph, NodeId id, void* state) {
    auto& self = *static_cast<LiftCell*>(static_cast<State*>(state));
    try {
      return conclude(
          graph, id, self,
          std::apply([&](const auto&... input) { return self.function_(input.value_in(graph)...); }, self.inputs_));
    } catch (...) {
      return graph.caught(id);
    }
  }

 private:
  F function_;
  std::tuple<Readable<Inputs>...> inputs_;
};

// An action without a value: an effect, or a computation that writes sources. Returns nothing, or a Status.
template <typename F>
class ActionState final : public State {
 public:
  explicit ActionState(F function) : function_(std::move(function)) {}

  static Outcome run(Graph& graph, NodeId id, void* state) {
    auto& self = *static_cast<ActionState*>(static_cast<State*>(state));
    const Outcome outcome = self.attempt(graph, id);
    if (outcome == Outcome::kAbandoned) return outcome;
    if ((graph.node(id).marks & kFailed) != 0) graph.fail_written(id);
    return Outcome::kSame;
  }

 private:
  Outcome attempt(Graph& graph, NodeId id) {
    try {
      if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
        function_();
      } else if (Status status = function_(); !status) {
        return graph.fail(id, std::move(status).error());
      }
    } catch (...) {
      return graph.caught(id);
    }
    if ((graph.node(id).marks & kFailed) != 0) [[unlikely]] {
      graph.recover(id);
      graph.recover_written(id);
    }
    return Outcome::kSame;
  }

  F function_;
};

}  // namespace yard::reactive
