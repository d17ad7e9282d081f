// Network: a net that is changed, reduced, looked at, kept and taken back.
#pragma once

#include <expected>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/hash.h"
#include "engine/nets/derived.h"
#include "engine/nets/history.h"
#include "engine/nets/operation.h"
#include "engine/nets/reduce.h"
#include "engine/nets/text_pool.h"

namespace yard::nets {

// Whatever changes a network is an Operation, so that it can be recorded, replayed and undone. Agents that an operation
// added have names; those that rules create have none.
//
// Threads: one at a time. Rules in C++ are called on the workers'.
class Network {
 public:
  // `workers`: how many threads reduce; results don't depend on it.
  explicit Network(Discipline discipline, unsigned workers = 1);
  // The net of a document. Errors: every problem of it.
  [[nodiscard]] static std::expected<Network, Problems> make(const NetSpec& spec, unsigned workers = 1);
  // What snapshot() returned. Errors: as load()'s.
  [[nodiscard]] static Result<Network> restore(BytesView snapshot, unsigned workers = 1);

  // ---- changing

  // Nothing has happened if it fails. Errors: kNotFound for names of nothing, kConflict for ports that are connected
  // (connect) or not to each other (disconnect), names and rules that are taken, kInvalidArguments for the rest.
  Status apply(const Operation& operation);
  // All of them or none; derived values are computed once behind them. Errors: of the first that fails, with its index
  // as the pointer. Costs a copy of the state.
  Status batch(std::span<const Operation> operations);
  // One interaction. False: there is none left.
  bool step();
  // At most `max` interactions; exactly so many unless the net is normal before.
  Reduction reduce(std::uint64_t max);

  // Rules in C++ between the principal ports, or those that are named as Type.port. They are no operations: a storyline
  // needs them to be there. `creates`: the most agents that one call creates. Pairs that are connected already meet.
  Status add_function(std::string_view left, std::string_view right, std::string name, std::size_t creates,
                      RuleFunction function);
  // Errors: as add_function's; kUnsupported under Lafont's discipline.
  Status add_action(std::string_view left, std::string_view right, std::string name, ActionFunction action);

  // ---- looking

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] const TextPool& texts() const { return *texts_; }
  // The symbol of a name, for rules in C++. Nothing: there is none.
  [[nodiscard]] std::optional<SymbolId> find_symbol(std::string_view name) const { return state_.book->find(name); }
  [[nodiscard]] Status derive(const DerivedSpec& spec);
  [[nodiscard]] std::span<const Derived> derived() const { return derived_; }
  // nullptr: there is none of that name.
  [[nodiscard]] const Derived* find_derived(std::string_view name) const;
  // Value of a named agent. Nothing: there is no such agent, or it has none.
  [[nodiscard]] std::optional<Value> value_of(const std::string& name) const;

  // ---- keeping

  [[nodiscard]] Bytes snapshot() const;
  [[nodiscard]] Hash128 hash() const { return hash128(snapshot()); }

  // Time travel: states that were kept, in order. Taking one behind an earlier one forgets those after it.
  [[nodiscard]] Result<std::size_t> take_snapshot();  // its index. Errors: kTooLarge beyond kSnapshotsMax
  [[nodiscard]] bool roll_back(std::size_t index);    // false: there is none
  [[nodiscard]] bool travel_backward();               // false: there is none before
  [[nodiscard]] bool travel_forward();                // false: there is none after
  [[nodiscard]] const History& history() const { return history_; }

  // Storylines: operations, under a name.
  Status record(const std::string& name);  // from now on. Errors: kConflict while one is being recorded
  Status stop_recording();                 // Errors: kConflict if none is
  // All its operations, one after the other. Errors: of the first that fails, with its index; the ones before stay.
  Status replay(const std::string& name);
  [[nodiscard]] std::string storyline_json(const std::string& name) const;  // empty: there is none
  Status add_storyline(const std::string& name, std::string_view json);

 private:
  Network(State state, std::unique_ptr<TextPool> texts, unsigned workers);

  Status change(const Operation& operation);
  void keep(const Operation& operation);
  Status add_rule(std::string_view left, std::string_view right, Rule rule);
  void refresh();
  void exchange(const State& state);

  std::unique_ptr<TextPool> texts_;
  State state_;
  std::vector<Derived> derived_;
  History history_;
  std::map<std::string, Storyline> storylines_;
  std::string recording_;  // empty: none
  std::unique_ptr<tickets::WorkerPool> pool_;
};

}  // namespace yard::nets
