#include "engine/tickets/ledger.h"

namespace yard::tickets {
namespace {

// What results depend on, beside the steps themselves.
std::uint64_t definition_hash(const Definition& definition) {
  Bytes bytes;
  PackWriter out(bytes);
  for (const Reducer& reducer : definition.reducers) out.string(reducer.name);
  out.nil();
  for (const Cell& cell : definition.cells) out.string(cell.name);
  out.nil();
  for (const Budget& budget : definition.budgets) out.string(budget.name);
  out.nil();
  for (const Invariant& invariant : definition.invariants) out.string(invariant.name);
  const LedgerOptions& options = definition.options;
  for (const std::uint64_t option : {std::uint64_t{options.lanes}, std::uint64_t{options.roll_back_on_breach},
                                     std::uint64_t{options.events_max}, std::uint64_t{options.entities_max},
                                     std::uint64_t{options.open_intents_max}, std::uint64_t{options.defer_above}})
    out.natural(option);
  return hash64(bytes);
}

void save_effect(PackWriter& out, const Effect& effect) {
  out.natural(effect.intent.high);
  out.natural(effect.intent.low);
  out.natural(effect.event_id);
  out.natural(effect.index);
  out.natural(effect.reducer.value());
  for (const Bytes* bytes : {&effect.entity, &effect.kind, &effect.params, &effect.cap, &effect.key})
    out.binary(*bytes);
}

Effect load_effect(PackSequence& in, const Definition& definition) {
  Effect effect;
  effect.intent.high = in.natural();
  effect.intent.low = in.natural();
  effect.event_id = in.natural();
  effect.index = static_cast<std::uint32_t>(in.natural());
  effect.reducer = ReducerId(static_cast<std::uint32_t>(in.below(definition.reducers.size())));
  for (Bytes* bytes : {&effect.entity, &effect.kind, &effect.params, &effect.cap, &effect.key}) *bytes = in.binary();
  return effect;
}

}  // namespace

Bytes Ledger::save() const {
  Bytes bytes;
  PackWriter out(bytes);
  out.natural(definition_hash(definition_));
  out.natural(next_event_id_);
  out.binary(state_.save());
  out.binary(check_point_);
  out.natural(effects_.size());
  for (const auto& [intent, effect] : effects_.all()) save_effect(out, effect);
  return bytes;
}

Status Ledger::load(BytesView snapshot) {
  PackSequence in(snapshot);
  if (in.natural() != definition_hash(definition_))
    return fail(ErrorCode::kConflict, "the snapshot is of a ledger that is defined in another way");
  const std::uint64_t next_event_id = in.natural();
  YARD_TRY(LedgerState state, LedgerState::load(definition_, in.binary()));
  const BytesView check_point = in.binary();
  if (const auto state_then = LedgerState::load(definition_, check_point); !state_then)
    return std::unexpected(state_then.error());
  Effects effects;
  const std::uint64_t count = in.natural();
  for (std::uint64_t i = 0; i < count && in.ok(); ++i) effects.open(load_effect(in, definition_));
  YARD_TRY_STATUS(in.finish("snapshot"));
  state_ = std::move(state);
  effects_ = std::move(effects);
  check_point_ = check_point;
  next_event_id_ = next_event_id;
  return {};
}

}  // namespace yard::tickets
