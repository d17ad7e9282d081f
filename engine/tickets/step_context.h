// StepContext: all that a step knows, and all that it can do.
#pragma once

#include "engine/base/random.h"
#include "engine/tickets/definition.h"
#include "engine/tickets/ready_queue.h"
#include "engine/tickets/state_view.h"

namespace yard::tickets {

// Which step it is.
struct StepSubject {
  std::uint64_t event_id = 0;
  std::uint64_t seed = 0;  // H(event_id, reducer, key)
  Slot slot = kNoSlot;
  EntityName name;
  const Event* event = nullptr;
};

// What an effect should do outside. Borrowed.
struct EffectSpec {
  std::string_view kind;
  BytesView params;  // one msgpack value
  std::string_view cap = {};
  BytesView business = {};  // what makes the same effect the same, beside the ticket and the effect's place in it
};

// A step reads the values as they were before it and does not see what it writes. Nothing of what it does happens
// before its commit, and nothing at all if it fails. After the first thing that is refused (kTooLarge: kStepBytesMax,
// kStepItemsMax; kInvalidArguments) everything else is, and the step fails with it.
//
// Threads: one a context.
class StepContext {
 public:
  StepContext(const Definition& definition, const StepSubject& subject, const StateView& view, StepResult& result)
      : definition_(definition), subject_(subject), view_(view), result_(result) {}

  [[nodiscard]] std::uint64_t event_id() const { return subject_.event_id; }
  [[nodiscard]] BytesView key() const { return subject_.name.key; }
  [[nodiscard]] const Event& event() const { return *subject_.event; }
  [[nodiscard]] std::uint64_t seed() const { return subject_.seed; }

  // The step's random numbers: the same whenever and wherever it is computed.
  [[nodiscard]] SeededRandom random() const { return SeededRandom(subject_.seed); }

  // The entity's own state, that of others, and what all share; each valid until the step returns. Empty: never
  // written.
  [[nodiscard]] BytesView state() { return read_slot(subject_.slot); }
  [[nodiscard]] BytesView read(const EntityName& name);
  [[nodiscard]] BytesView read(CellId cell);

  void write(BytesView state) { write_slot(subject_.slot, state); }
  void write(CellId cell, BytesView value);

  // An event for any entity, which is made if there is none.
  void emit(const EntityName& name, BytesView payload, std::uint8_t priority = 0);

  // Something to be done outside, once. Its receipt comes to this entity as an event.
  void effect(const EffectSpec& spec);

  // Takes from a budget. False: there is not enough left; steps with lower ids come first.
  [[nodiscard]] bool request(BudgetId budget, std::uint64_t amount);

  // The entity takes no more events: those that wait and those that come are skipped.
  void end() { result_.ended = true; }

 private:
  [[nodiscard]] bool is_cell(CellId cell);
  [[nodiscard]] bool may_add(std::size_t items, std::size_t bytes);
  void refuse(ErrorCode code, std::string message);
  BytesView read_slot(Slot slot);
  void write_slot(Slot slot, BytesView value);

  const Definition& definition_;
  const StepSubject& subject_;
  const StateView& view_;
  StepResult& result_;
};

// Runs the step of `subject`; `result` is cleared first.
void compute_step(const Definition& definition, const StepSubject& subject, const StateView& view, StepResult& result);

}  // namespace yard::tickets
