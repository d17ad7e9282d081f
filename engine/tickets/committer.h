// Committer: one batch of tickets, computed by all workers and committed in order.
#pragma once

#include <vector>

#include "engine/tickets/effects.h"
#include "engine/tickets/ledger_state.h"
#include "engine/tickets/pipeline.h"
#include "engine/tickets/ticket.h"
#include "engine/tickets/witnesses.h"

namespace yard::tickets {

// Observations; nothing depends on them.
struct LedgerCounters {
  std::uint64_t batches = 0;
  std::uint64_t tickets = 0;
  std::uint64_t recomputed = 0;
  std::uint64_t skipped = 0;
  std::uint64_t failed = 0;
  std::uint64_t denied = 0;  // budget requests
  std::uint64_t broken = 0;  // invariants
  std::uint64_t deferred = 0;
};

// All steps of a batch read the state as it is when the batch begins. A commit checks in the order of the ids whether
// that is still what the step would see: where an earlier ticket of the batch wrote something that it read, or left a
// budget's answer different, the step is computed again with the same id and seed. So the outcome is that of one step
// after the other, and who computed what when does not show.
//
// Threads: one; its steps run on the pool's.
class Committer {
 public:
  // `definition` and `pool` must outlive it.
  Committer(const Definition& definition, WorkerPool& pool, RecordSink* sink)
      : definition_(definition), pool_(pool), witnesses_(definition, sink), tickets_(kBatchMax) {}

  void redirect(RecordSink* sink) { witnesses_.redirect(sink); }

  // Takes the next batch, gives its tickets ids from `next_event_id` on, and applies what they committed. True if an
  // invariant broke and all of it has to go back: then only effects that were asked for before have been opened.
  //
  // Errors: those of the sink; the state has gone on all the same.
  [[nodiscard]] Result<bool> run(LedgerState& state, Effects& effects, std::uint64_t& next_event_id);

  [[nodiscard]] const LedgerCounters& counters() const { return counters_; }

 private:
  void schedule(std::uint64_t& next_event_id);
  void compute(Ticket& ticket);
  void compute(Ticket& ticket, const StateView& view);
  void commit(Ticket& ticket);
  [[nodiscard]] bool is_current(const StepResult& result);
  void count_denials(const Ticket& ticket);
  [[nodiscard]] Status check_room(const StepResult& result);
  [[nodiscard]] const Invariant* broken_invariant(const Ticket& ticket) const;
  void accept(Ticket& ticket);
  void skip(Ticket& ticket, std::string_view reason);
  void apply();
  void apply_events(const Ticket& ticket);
  void open_effects(const Ticket& ticket);
  [[nodiscard]] const EntityTable::Entry& entity(const Ticket& ticket) const { return state_->table[ticket.slot]; }

  const Definition& definition_;
  WorkerPool& pool_;
  UnitCost cost_;
  Witnesses witnesses_;
  LedgerCounters counters_;

  // Of the batch at hand.
  LedgerState* state_ = nullptr;
  Effects* effects_ = nullptr;
  std::vector<Ticket> tickets_;
  std::uint32_t count_ = 0;
  std::vector<ReadyQueue::Taken> taken_;
  std::vector<Slot> deferred_;
  Changes changes_;
  std::vector<std::uint64_t> wanted_;  // scratch: budgets while requests are checked
  std::size_t new_events_ = 0;
  std::size_t new_effects_ = 0;
  bool rolls_back_ = false;
};

}  // namespace yard::tickets
