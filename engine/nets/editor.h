// Editor: changes to a net that no rule makes, one port at a time. Whatever meets by them is queued.
#pragma once

#include "engine/base/result.h"
#include "engine/nets/state.h"

namespace yard::nets {

// Borrows the state. Ids are those of live agents, ports those that their symbols have: checked by who asks.
class Editor {
 public:
  explicit Editor(State& state) : state_(state) {}

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] graph::Cell value(AgentId agent) const { return state_.heap.value(agent); }

  // Errors: kTooLarge beyond kAgentsMax.
  [[nodiscard]] Result<AgentId> add(SymbolId symbol, graph::Cell value = {});
  // Its wires end in nothing.
  void remove(AgentId agent);
  // Both ports must be connected to nothing.
  void connect(Wire a, Wire b);
  // Both ends of the wire are connected to nothing after it.
  void disconnect(Wire at);
  // A pair that was stuck is tried again.
  void set_value(AgentId agent, graph::Cell value);

 private:
  void forget(Wire at);

  State& state_;
};

}  // namespace yard::nets
