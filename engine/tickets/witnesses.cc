#include "engine/tickets/witnesses.h"

#include <utility>

namespace yard::tickets {

template <typename Fill>
void Witnesses::write(RecordKind kind, std::uint64_t event_id, std::uint16_t lane, Fill&& fill) {
  body_.clear();
  PackWriter writer(body_);
  {
    PackMap map(writer);
    fill(map);
  }
  append_record(records_, {.kind = kind, .lane = lane, .event_id = event_id}, body_);
  ++count_;
  if (records_.size() >= kEntryBytesAbout) hand_on();
}

std::string_view Witnesses::reducer(const EntityTable::Entry& entity) const {
  return definition_.reducers[entity.reducer.value()].name;
}

void Witnesses::deferred(const EntityTable::Entry& entity, std::uint64_t next_event_id) {
  if (!full()) return;
  write(RecordKind::kDeferred, next_event_id, entity.lane,
        [&](PackMap& map) { map.string("reducer", reducer(entity)).binary("key", entity.key); });
}

void Witnesses::scheduled(const Ticket& ticket, const EntityTable::Entry& entity) {
  if (!full()) return;
  write(RecordKind::kStepScheduled, ticket.event_id, entity.lane, [&](PackMap& map) {
    map.string("reducer", reducer(entity)).binary("key", entity.key);
    map.string("event", ticket.event.is_receipt ? "receipt" : "deliver");
    map.natural("payload_hash", hash64(ticket.event.payload));
  });
}

void Witnesses::denied(const Ticket& ticket, const EntityTable::Entry& entity, const StepResult::Request& request,
                       std::uint64_t left) {
  if (!full()) return;
  write(RecordKind::kBudgetDenied, ticket.event_id, entity.lane, [&](PackMap& map) {
    map.string("budget", definition_.budgets[request.budget.value()].name);
    map.natural("amount", request.amount).natural("left", left);
  });
}

void Witnesses::committed(const Ticket& ticket, const EntityTable& table) {
  const EntityTable::Entry& entity = table[ticket.slot];
  if (full()) {
    write(RecordKind::kStepCommitted, ticket.event_id, entity.lane, [&](PackMap& map) {
      map.natural("seed", ticket.result.seed).boolean("recomputed", ticket.recomputed);
      map.boolean("ended", ticket.result.ended);
      write_changes(map.array("writes"), ticket, table);
      write_emits(map.array("emits"), ticket);
      map.natural("effects", ticket.result.effects.size());
    });
  }
  if (sink_ == nullptr || definition_.options.level == JournalLevel::kOff) return;
  for (const StepResult::Effect& effect : ticket.result.effects) effect_queued(ticket, entity, effect);
}

void Witnesses::write_changes(PackArray array, const Ticket& ticket, const EntityTable& table) const {
  for (const StepResult::Write& write : ticket.result.writes) {
    const EntityTable::Entry& entry = table[write.slot];
    PackMap map = array.map();
    map.string("of", entry.reducer == kCellReducer ? "" : reducer(entry)).binary("key", entry.key);
    map.natural("value_hash", hash64(ticket.result.view(write.value)));
  }
}

void Witnesses::write_emits(PackArray array, const Ticket& ticket) const {
  for (const StepResult::Emit& emit : ticket.result.emits) {
    PackMap map = array.map();
    map.string("to", definition_.reducers[emit.reducer.value()].name).binary("key", ticket.result.view(emit.key));
    map.natural("payload_hash", hash64(ticket.result.view(emit.payload))).natural("priority", emit.priority);
  }
}

void Witnesses::effect_queued(const Ticket& ticket, const EntityTable::Entry& entity,
                              const StepResult::Effect& effect) {
  const StepResult& result = ticket.result;
  write(RecordKind::kEffectQueued, ticket.event_id, entity.lane, [&](PackMap& map) {
    map.string("intent", to_hex(effect.intent)).string("kind", result.view(effect.kind));
    map.raw("params", result.view(effect.params)).string("cap", result.view(effect.cap));
    map.binary("key", result.view(effect.key));
  });
}

void Witnesses::failed(const Ticket& ticket, const EntityTable::Entry& entity) {
  if (!full()) return;
  const Error& error = ticket.result.status.error();
  write(RecordKind::kStepFailed, ticket.event_id, entity.lane,
        [&](PackMap& map) { map.string("error", error_name(error.code)).string("message", error.message); });
}

void Witnesses::skipped(const Ticket& ticket, const EntityTable::Entry& entity, std::string_view reason) {
  if (!full()) return;
  write(RecordKind::kStepSkipped, ticket.event_id, entity.lane, [&](PackMap& map) { map.string("reason", reason); });
}

void Witnesses::broken(const Ticket& ticket, const EntityTable::Entry& entity, std::string_view invariant) {
  if (!full()) return;
  write(RecordKind::kInvariantBroken, ticket.event_id, entity.lane,
        [&](PackMap& map) { map.string("invariant", invariant); });
}

void Witnesses::hand_on() {
  if (count_ > 0 && status_) status_ = sink_->append(records_, count_);
  records_.clear();
  count_ = 0;
}

Status Witnesses::finish() {
  hand_on();
  return std::exchange(status_, {});
}

}  // namespace yard::tickets
