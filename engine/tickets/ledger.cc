#include "engine/tickets/ledger.h"

#include "engine/base/check.h"
#include "engine/tickets/identity.h"

namespace yard::tickets {
namespace {

Status too_large(std::string_view what) {
  return fail(ErrorCode::kInvalidArguments, std::string(what) + " is too large");
}

}  // namespace

Ledger::Ledger(Definition definition, WorkerPool& pool, RecordSink* sink)
    : definition_(std::move(definition)),
      sink_(sink),
      state_(LedgerState::initial(definition_)),
      check_point_(state_.save()),
      committer_(definition_, pool, sink) {}

void Ledger::redirect(RecordSink* sink) {
  sink_ = sink;
  committer_.redirect(sink);
}

// Writes a cause. Nothing of it may have been done before.
template <typename Fill>
Status Ledger::record(RecordKind kind, std::uint16_t lane, Fill&& fill) {
  YARD_TRY_STATUS(failed_);
  if (sink_ == nullptr || definition_.options.level == JournalLevel::kOff) return {};
  Bytes bytes;
  append_record(bytes, {.kind = kind, .lane = lane, .event_id = next_event_id_}, pack_map(fill));
  failed_ = sink_->append(bytes, 1);
  return failed_;
}

Status Ledger::check_room(const EntityName& name) const {
  const LedgerOptions& options = definition_.options;
  if (state_.queue.events() >= options.events_max)
    return fail(ErrorCode::kQueueFull, std::to_string(options.events_max) + " events wait");
  if (state_.table.size() >= options.entities_max && state_.table.find(name) == kNoSlot)
    return fail(ErrorCode::kQueueFull, std::to_string(options.entities_max) + " entities");
  return {};
}

void Ledger::push(const EntityName& name, Event event) {
  state_.queue.push(state_.table.find_or_add(name), std::move(event));
}

Status Ledger::deliver(const EntityName& name, BytesView payload, std::uint8_t priority) {
  if (name.reducer.value() >= definition_.reducers.size())
    return fail(ErrorCode::kInvalidArguments, "reducer " + std::to_string(name.reducer.value()) + " is not defined");
  if (name.key.size() > kKeyBytesMax) return too_large("the key");
  if (payload.size() > kStepBytesMax) return too_large("the event");
  if (priority >= kPriorities) return fail(ErrorCode::kInvalidArguments, "there is no such priority");
  YARD_TRY_STATUS(check_room(name));
  YARD_TRY_STATUS(record(RecordKind::kDeliver, lane_of(name.key, definition_.options.lanes), [&](PackMap& map) {
    map.string("reducer", definition_.reducers[name.reducer.value()].name).binary("key", name.key);
    map.binary("payload", payload).natural("priority", priority);
  }));
  push(name, {.payload = Bytes(payload), .priority = priority});
  return {};
}

Status Ledger::receipt(const Hash128& intent, bool succeeded, BytesView payload) {
  const Effect* effect = effects_.find(intent);
  if (effect == nullptr) return fail(ErrorCode::kNotFound, "no open effect has the intent " + to_hex(intent));
  if (payload.size() > kStepBytesMax) return too_large("the receipt");
  const EntityName name{effect->reducer, effect->entity};
  YARD_TRY_STATUS(check_room(name));
  const std::uint16_t lane = lane_of(name.key, definition_.options.lanes);
  YARD_TRY_STATUS(record(RecordKind::kReceiptAppended, lane, [&](PackMap& map) {
    map.natural("intent_high", intent.high).natural("intent_low", intent.low);
    map.boolean("succeeded", succeeded).binary("payload", payload);
  }));
  push(name, {.payload = Bytes(payload), .is_receipt = true, .succeeded = succeeded, .intent = intent});
  effects_.close(intent);
  return {};
}

Status Ledger::set_cell(CellId cell, BytesView value) {
  if (cell.value() >= definition_.cells.size())
    return fail(ErrorCode::kInvalidArguments, "cell " + std::to_string(cell.value()) + " is not defined");
  if (value.size() > kStepBytesMax) return too_large("the value");
  YARD_TRY_STATUS(record(RecordKind::kSet, 0, [&](PackMap& map) {
    map.string("cell", definition_.cells[cell.value()].name).binary("value", value);
  }));
  EntityTable::Entry& entry = state_.table[cell.value()];
  entry.value = value;
  entry.version = next_event_id_;
  return {};
}

Status Ledger::set_budget(BudgetId budget, std::uint64_t left) {
  if (budget.value() >= definition_.budgets.size())
    return fail(ErrorCode::kInvalidArguments, "budget " + std::to_string(budget.value()) + " is not defined");
  YARD_TRY_STATUS(record(RecordKind::kSet, 0, [&](PackMap& map) {
    map.string("budget", definition_.budgets[budget.value()].name).natural("left", left);
  }));
  state_.budgets[budget.value()] = left;
  return {};
}

Status Ledger::check_point() {
  YARD_TRY_STATUS(record(RecordKind::kCheckPoint, 0, [](PackMap&) {}));
  check_point_ = state_.save();
  return {};
}

Status Ledger::roll_back() {
  YARD_TRY_STATUS(record(RecordKind::kRollBack, 0, [](PackMap&) {}));
  return restore();
}

Status Ledger::restore() {
  YARD_TRY(LedgerState state, LedgerState::load(definition_, check_point_));
  state_ = std::move(state);
  return {};
}

Result<Settled> Ledger::settle(std::uint64_t batches_max) {
  YARD_TRY_STATUS(failed_);
  Settled settled;
  while (settled.batches < batches_max && !settled.rolled_back && state_.queue.ready() > 0) {
    const Result<bool> rolls_back = committer_.run(state_, effects_, next_event_id_);
    ++settled.batches;
    if (!rolls_back) {
      failed_ = std::unexpected(rolls_back.error());
      return std::unexpected(rolls_back.error());
    }
    settled.rolled_back = *rolls_back;
    if (settled.rolled_back) YARD_TRY_STATUS(restore());
  }
  settled.quiescent = state_.queue.ready() == 0;
  return settled;
}

}  // namespace yard::tickets
