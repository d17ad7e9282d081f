// A ledger of one reducer with a journal of everything.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "tests/engine/tickets/journaled.h"

namespace yard::tickets {

inline constexpr ReducerId kActor{0};
inline constexpr CellId kCell{0};
inline constexpr BudgetId kBudget{0};

using Step = std::function<Status(StepContext&)>;

// One reducer, one cell, one budget of 3, and a journal of everything.
inline Definition one_reducer(Step step, LedgerOptions options = {}) {
  options.level = JournalLevel::kFull;
  return {.reducers = {{"actor", std::move(step)}},
          .cells = {{"cell", "old"}},
          .budgets = {{"budget", 3}},
          .options = options};
}

struct Fixture {
  explicit Fixture(const Definition& definition, unsigned workers = 1)
      : pool({.workers = workers, .perturb_seed = workers > 1 ? 5u : 0u}), world(definition, pool) {}
  explicit Fixture(Step step) : Fixture(one_reducer(std::move(step))) {}

  void deliver(BytesView key, BytesView payload = "go") { expect_ok(ledger().deliver({kActor, key}, payload)); }
  Settled settle() {
    const auto settled = ledger().settle();
    EXPECT_TRUE(settled.has_value());
    world.sync();
    return settled.value_or(Settled());
  }
  Ledger& ledger() { return world.ledger; }
  [[nodiscard]] Bytes state(BytesView key) const { return Bytes(world.ledger.view().state({kActor, key})); }
  [[nodiscard]] Bytes cell() const { return Bytes(world.ledger.view().cell(kCell)); }
  [[nodiscard]] std::map<std::string, int> kinds() const { return kinds_of(records_of(*world.journal)); }

  WorkerPool pool;
  Journaled world;
};

// Appends the event to the state.
inline Status remember(StepContext& step) {
  step.write(Bytes(step.state()).append(step.event().payload));
  return {};
}

// Asks for one thing outside and remembers what became of it.
inline Status ask(StepContext& step) {
  if (step.event().is_receipt) {
    step.write(Bytes(step.event().succeeded ? "yes " : "no ").append(step.event().payload));
  } else {
    step.effect({.kind = "tool", .params = pack_map([](PackMap& map) { map.integer("n", 1); }), .business = "order 7"});
  }
  return {};
}

}  // namespace yard::tickets
