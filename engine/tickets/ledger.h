// Ledger: entities with state that react to events, many at once, as if they had done so one after the other.
#pragma once

#include <vector>

#include "engine/tickets/committer.h"

namespace yard::tickets {

struct Settled {
  std::uint64_t batches = 0;
  bool quiescent = false;    // nothing is left to do
  bool rolled_back = false;  // a broken invariant took all back to the last check point, and stopped it there
};

// What comes from outside is a cause. Causes are checked, journaled and queued; settle() then runs steps, batch after
// batch, until there is nothing left to do:
//
//   deliver, receipt, set_* ──► ready queue ──► tickets ──► steps on all workers ──► commits in order ──┐
//                                    ▲                                                                  │
//                                    └──────────────────────── emitted events ◄────────────────────────┘
//                                       effects ──► take_effects() ──► the host ──► receipt()
//
// State, journal and snapshots are a function of the definition and the causes: neither the number of workers nor any
// schedule shows in them. Replay: replay.h.
//
// Errors of causes: kInvalidArguments (no such reducer, cell, budget; too large), kQueueFull (what options bound),
//          kNotFound. Refused causes leave no trace. A sink's error ends the ledger: every further change is answered
//          with it, because the state may be ahead of the journal. Recover from that.
// Threads: one at a time.
class Ledger {
 public:
  // `pool` must outlive it; `sink` too, where there is one.
  Ledger(Definition definition, WorkerPool& pool, RecordSink* sink = nullptr);
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // An event for an entity, which is made if there is none.
  [[nodiscard]] Status deliver(const EntityName& name, BytesView payload, std::uint8_t priority = 0);

  // What became of an effect: an event for the entity that asked, once. kNotFound the second time.
  [[nodiscard]] Status receipt(const Hash128& intent, bool succeeded, BytesView payload);

  [[nodiscard]] Status set_cell(CellId cell, BytesView value);
  [[nodiscard]] Status set_budget(BudgetId budget, std::uint64_t left);

  // Remembers the state, one at a time; first it is the initial one.
  [[nodiscard]] Status check_point();

  // Brings the last check point back: cells, entities, budgets, waiting events. Ids go on, open effects stay open.
  [[nodiscard]] Status roll_back();

  // Takes a cause from a journal, as if it came now. Errors: kBadFrame too, for what is no cause's body.
  [[nodiscard]] Status take_cause(const Record& record);

  // Runs at most `batches_max` batches.
  [[nodiscard]] Result<Settled> settle(std::uint64_t batches_max = UINT64_MAX);

  // Effects that came since the last call; after load() all that are open. Nothing may be done about one before what
  // the sink got for it is durable.
  [[nodiscard]] std::vector<Effect> take_effects() { return effects_.take_new(); }

  // What is needed to go on from here; equal ledgers are equal bytes. load() replaces everything.
  // Errors: kConflict (of another definition), kBadFrame.
  [[nodiscard]] Bytes save() const;
  [[nodiscard]] Status load(BytesView snapshot);

  // Where records go from now on; none: nowhere.
  void redirect(RecordSink* sink);

  [[nodiscard]] StateView view() const { return {state_.table, state_.budgets}; }
  [[nodiscard]] std::uint64_t next_event_id() const { return next_event_id_; }
  [[nodiscard]] std::size_t events_waiting() const { return state_.queue.events(); }
  [[nodiscard]] const LedgerCounters& counters() const { return committer_.counters(); }
  [[nodiscard]] const Definition& definition() const { return definition_; }

 private:
  [[nodiscard]] Status check_room(const EntityName& name) const;
  template <typename Fill>
  [[nodiscard]] Status record(RecordKind kind, std::uint16_t lane, Fill&& fill);
  [[nodiscard]] Status restore();
  void push(const EntityName& name, Event event);
  [[nodiscard]] Status take_delivery(PackView body);
  [[nodiscard]] Status take_receipt(PackView body);
  [[nodiscard]] Status take_set(PackView body);

  const Definition definition_;
  RecordSink* sink_;
  LedgerState state_;
  Effects effects_;
  Bytes check_point_;
  std::uint64_t next_event_id_ = 1;
  Status failed_;
  Committer committer_;
};

}  // namespace yard::tickets
