#include "engine/tickets/committer.h"

#include <utility>

#include "engine/tickets/identity.h"

namespace yard::tickets {

Result<bool> Committer::run(LedgerState& state, Effects& effects, std::uint64_t& next_event_id) {
  state_ = &state;
  effects_ = &effects;
  schedule(next_event_id);
  run_ordered(
      pool_, count_, [this](std::uint32_t unit, unsigned) { compute(tickets_[unit]); },
      [this](std::uint32_t unit) { commit(tickets_[unit]); }, {.cost = &cost_});
  apply();
  YARD_TRY_STATUS(witnesses_.finish());
  return rolls_back_;
}

void Committer::schedule(std::uint64_t& next_event_id) {
  state_->queue.take(kBatchMax, definition_.options.defer_above, taken_, deferred_);
  for (const Slot slot : deferred_) witnesses_.deferred(state_->table[slot], next_event_id);
  count_ = static_cast<std::uint32_t>(taken_.size());
  for (std::uint32_t i = 0; i < count_; ++i) {
    Ticket& ticket = tickets_[i];
    ticket.event_id = next_event_id++;
    ticket.slot = taken_[i].slot;
    ticket.event = std::move(taken_[i].event);
    ticket.verdict = Verdict::kSkipped;
    ticket.recomputed = false;
  }
  ++counters_.batches;
  counters_.tickets += count_;
  counters_.deferred += deferred_.size();
  changes_.begin(state_->table.size(), state_->budgets);
  new_events_ = 0;
  new_effects_ = 0;
  rolls_back_ = false;
}

void Committer::compute(Ticket& ticket) {
  if (!entity(ticket).ended) compute(ticket, StateView(state_->table, state_->budgets));
}

void Committer::compute(Ticket& ticket, const StateView& view) {
  const EntityTable::Entry& of = entity(ticket);
  const StepSubject subject{.event_id = ticket.event_id,
                            .seed = step_seed(ticket.event_id, definition_.reducers[of.reducer.value()].name, of.key),
                            .slot = ticket.slot,
                            .name = of.name(),
                            .event = &ticket.event};
  compute_step(definition_, subject, view, ticket.result);
}

void Committer::commit(Ticket& ticket) {
  witnesses_.scheduled(ticket, entity(ticket));
  if (entity(ticket).ended) return skip(ticket, "ended");
  if (rolls_back_) return skip(ticket, "rolled back");
  if (!is_current(ticket.result)) {
    compute(ticket, StateView(state_->table, changes_.budgets(), &changes_));
    ticket.recomputed = true;
    ++counters_.recomputed;
  }
  count_denials(ticket);
  if (ticket.result.status) ticket.result.status = check_room(ticket.result);
  if (!ticket.result.status) {
    ticket.verdict = Verdict::kFailed;
    ++counters_.failed;
    return witnesses_.failed(ticket, entity(ticket));
  }
  if (const Invariant* invariant = broken_invariant(ticket); invariant != nullptr) {
    ticket.verdict = Verdict::kBroken;
    ++counters_.broken;
    rolls_back_ = definition_.options.roll_back_on_breach;
    return witnesses_.broken(ticket, entity(ticket), invariant->name);
  }
  accept(ticket);
}

void Committer::skip(Ticket& ticket, std::string_view reason) {
  ++counters_.skipped;
  witnesses_.skipped(ticket, entity(ticket), reason);
}

// Whether the step would see again what it saw.
bool Committer::is_current(const StepResult& result) {
  for (const StepResult::Read& read : result.reads)
    if (changes_.find(read.slot) != nullptr) return false;
  if (result.requests.empty()) return true;
  wanted_ = changes_.budgets();
  for (const StepResult::Request& request : result.requests) {
    std::uint64_t& left = wanted_[request.budget.value()];
    if ((request.amount <= left) != request.granted) return false;
    if (request.granted) left -= request.amount;
  }
  return true;
}

void Committer::count_denials(const Ticket& ticket) {
  for (const StepResult::Request& request : ticket.result.requests) {
    if (request.granted) continue;
    ++counters_.denied;
    witnesses_.denied(ticket, entity(ticket), request, changes_.budgets()[request.budget.value()]);
  }
}

Status Committer::check_room(const StepResult& result) {
  const LedgerOptions& options = definition_.options;
  if (state_->queue.events() + new_events_ + result.emits.size() > options.events_max)
    return fail(ErrorCode::kQueueFull, "emit: " + std::to_string(options.events_max) + " events wait");
  // Each emit may be for an entity that isn't there yet; telling which is not worth a look-up each.
  if (!result.emits.empty() && state_->table.size() + new_events_ + result.emits.size() > options.entities_max)
    return fail(ErrorCode::kQueueFull, "emit: " + std::to_string(options.entities_max) + " entities");
  if (effects_->size() + new_effects_ + result.effects.size() > options.open_intents_max)
    return fail(ErrorCode::kQueueFull, "effect: " + std::to_string(options.open_intents_max) + " have no receipt yet");
  return {};
}

const Invariant* Committer::broken_invariant(const Ticket& ticket) const {
  const StateView after(state_->table, changes_.budgets(), &changes_, &ticket.result);
  for (const Invariant& invariant : definition_.invariants)
    if (!invariant.holds(after, entity(ticket).name())) return &invariant;
  return nullptr;
}

void Committer::accept(Ticket& ticket) {
  ticket.verdict = Verdict::kCommitted;
  const StepResult& result = ticket.result;
  const StateView now(state_->table, changes_.budgets(), &changes_);
  for (const StepResult::Write& write : result.writes) {
    const BytesView value = result.view(write.value);
    if (now.value(write.slot) != value) changes_.set({.slot = write.slot, .version = ticket.event_id, .value = value});
  }
  for (const StepResult::Request& request : result.requests)
    if (request.granted) changes_.budget(request.budget) -= request.amount;
  new_events_ += result.emits.size();
  new_effects_ += result.effects.size();
  witnesses_.committed(ticket, state_->table);
}

void Committer::apply() {
  for (std::uint32_t i = 0; i < count_; ++i)
    if (tickets_[i].verdict == Verdict::kCommitted) open_effects(tickets_[i]);
  if (rolls_back_) return;
  for (const Changes::Change& change : changes_.list()) {
    EntityTable::Entry& entry = state_->table[change.slot];
    entry.value = change.value;
    entry.version = change.version;
  }
  state_->budgets = changes_.budgets();
  for (std::uint32_t i = 0; i < count_; ++i)
    if (tickets_[i].verdict == Verdict::kCommitted) apply_events(tickets_[i]);
}

void Committer::apply_events(const Ticket& ticket) {
  const StepResult& result = ticket.result;
  if (result.ended) state_->table[ticket.slot].ended = true;
  for (const StepResult::Emit& emit : result.emits) {
    const Slot slot =
        emit.slot != kNoSlot ? emit.slot : state_->table.find_or_add({emit.reducer, result.view(emit.key)});
    state_->queue.push(slot, {.payload = Bytes(result.view(emit.payload)), .priority = emit.priority});
  }
}

void Committer::open_effects(const Ticket& ticket) {
  const StepResult& result = ticket.result;
  std::uint32_t index = 0;
  for (const StepResult::Effect& effect : result.effects) {
    effects_->open({.intent = effect.intent,
                    .event_id = ticket.event_id,
                    .index = index++,
                    .reducer = entity(ticket).reducer,
                    .entity = entity(ticket).key,
                    .kind = Bytes(result.view(effect.kind)),
                    .params = Bytes(result.view(effect.params)),
                    .cap = Bytes(result.view(effect.cap)),
                    .key = Bytes(result.view(effect.key))});
  }
}

}  // namespace yard::tickets
