// Actions: what nodes run, with the types that their callers gave them.
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

// The new value of the running node, or its error.
template <typename T>
Outcome conclude(Graph&, Cell<T>& cell, std::type_identity_t<T> value) {
  return cell.store(std::move(value));
}
template <typename T>
Outcome conclude(Graph& graph, Cell<T>& cell, Result<T> result) {
  if (!result) return graph.fail(graph.frame().running, std::move(result).error());
  return cell.store(std::move(*result));
}

// A computation that finds out what it reads by reading.
template <typename T, typename F>
class DeriveCell final : public Cell<T> {
 public:
  DeriveCell(F function, std::optional<T> initial, Same<T> same)
      : Cell<T>(std::move(initial), same), function_(std::move(function)) {}

  static Outcome run(Graph& graph, State& state) {
    auto& self = static_cast<DeriveCell&>(state);
    return conclude<T>(graph, self, self.function_());
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

  static Outcome run(Graph& graph, State& state) {
    auto& self = static_cast<LiftCell&>(state);
    return conclude<T>(
        graph, self,
        std::apply([&](const auto&... input) { return self.function_(input.value_in(graph)...); }, self.inputs_));
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

  static Outcome run(Graph& graph, State& state) {
    auto& self = static_cast<ActionState&>(state);
    if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
      self.function_();
    } else if (Status status = self.function_(); !status) {
      return graph.fail(graph.frame().running, std::move(status).error());
    }
    return self.succeeded();
  }

 private:
  F function_;
};

}  // namespace yard::reactive
