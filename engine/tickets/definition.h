// Definition: what a ledger is made of, the same on every machine that runs or replays it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/base/id.h"
#include "engine/base/result.h"
#include "engine/tickets/limits.h"

namespace yard::tickets {

// Places in the definition's lists.
using ReducerId = StrongId<struct ReducerIdTag, std::uint32_t>;
using CellId = StrongId<struct CellIdTag, std::uint32_t>;
using BudgetId = StrongId<struct BudgetIdTag, std::uint32_t>;

// An entity: one key of one reducer. Borrowed.
struct EntityName {
  ReducerId reducer;
  BytesView key;

  bool operator==(const EntityName&) const = default;
};

class StepContext;
class StateView;

// What an entity does with an event. `step` is pure: all that it knows comes from its context, all that it does goes
// there; it is called on several threads at once and sometimes twice for one ticket. An error becomes a StepFailed
// record and nothing else of the step happens.
struct Reducer {
  std::string name;
  std::function<Status(StepContext&)> step;
};

// A value that all steps may read and write.
struct Cell {
  std::string name;
  Bytes value;
};

// A counter that steps take from.
struct Budget {
  std::string name;
  std::uint64_t amount = 0;
};

// What has to hold after a step of the entity `changed`; pure, called on the committer. Else the step is refused.
struct Invariant {
  std::string name;
  std::function<bool(const StateView& after, const EntityName& changed)> holds;
};

struct LedgerOptions {
  JournalLevel level = JournalLevel::kCauses;
  std::uint32_t lanes = 1;                               // at most 65,536
  bool roll_back_on_breach = false;                      // a broken invariant takes all back to the last check point
  std::size_t events_max = std::size_t{1} << 20;         // waiting; then causes and steps are refused
  std::size_t entities_max = std::size_t{1} << 20;       // an entity is for ever
  std::size_t open_intents_max = std::size_t{1} << 16;   // effects without a receipt; then steps that ask for one fail
  std::size_t defer_above = std::size_t{8} * kBatchMax;  // entities ready: above it the least urgent ones make room
};

struct Definition {
  std::vector<Reducer> reducers;
  std::vector<Cell> cells;
  std::vector<Budget> budgets;
  std::vector<Invariant> invariants;
  LedgerOptions options;
};

}  // namespace yard::tickets
