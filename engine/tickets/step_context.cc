#include "engine/tickets/step_context.h"

#include "engine/tickets/identity.h"

namespace yard::tickets {

BytesView StepContext::read(const EntityName& name) {
  // One that isn't there can't come to be before this step commits: entities are made between batches.
  const Slot slot = view_.find(name);
  return slot == kNoSlot ? BytesView() : read_slot(slot);
}

BytesView StepContext::read(CellId cell) { return is_cell(cell) ? read_slot(cell.value()) : BytesView(); }

void StepContext::write(CellId cell, BytesView value) {
  if (is_cell(cell)) write_slot(cell.value(), value);
}

bool StepContext::is_cell(CellId cell) {
  if (cell.value() < definition_.cells.size()) return true;
  refuse(ErrorCode::kInvalidArguments, "cell " + std::to_string(cell.value()) + " is not defined");
  return false;
}

BytesView StepContext::read_slot(Slot slot) {
  if (!may_add(result_.reads.size(), 0)) return {};
  result_.reads.push_back({.slot = slot, .version = view_.version(slot)});
  return view_.value(slot);
}

void StepContext::write_slot(Slot slot, BytesView value) {
  if (may_add(result_.writes.size(), value.size()))
    result_.writes.push_back({.slot = slot, .value = result_.keep(value)});
}

void StepContext::emit(const EntityName& name, BytesView payload, std::uint8_t priority) {
  if (name.reducer.value() >= definition_.reducers.size() || priority >= kPriorities || name.key.size() > kKeyBytesMax)
    return refuse(ErrorCode::kInvalidArguments, "emit: no such reducer or priority, or too long a key");
  if (!may_add(result_.emits.size(), name.key.size() + payload.size())) return;
  const StepResult::Piece key = result_.keep(name.key);
  result_.emits.push_back({.reducer = name.reducer,
                           .slot = view_.find(name),
                           .key = key,
                           .payload = result_.keep(payload),
                           .priority = priority});
}

void StepContext::effect(const EffectSpec& spec) {
  if (const Status checked = check_pack(spec.params); !checked)
    return refuse(ErrorCode::kInvalidArguments, "effect: params: " + checked.error().message);
  const auto index = static_cast<std::uint32_t>(result_.effects.size());
  const std::size_t size = spec.kind.size() + spec.params.size() + spec.cap.size() + spec.business.size();
  if (!may_add(index, size)) return;
  const Bytes key = idempotency_key(subject_.event_id, index, spec.business);
  result_.effects.push_back(
      {.intent = intent_hash({.kind = spec.kind, .params = spec.params, .cap = spec.cap, .key = key}),
       .kind = result_.keep(spec.kind),
       .params = result_.keep(spec.params),
       .cap = result_.keep(spec.cap),
       .key = result_.keep(key)});
}

bool StepContext::request(BudgetId budget, std::uint64_t amount) {
  if (budget.value() >= definition_.budgets.size()) {
    refuse(ErrorCode::kInvalidArguments, "request: no such budget");
    return false;
  }
  if (!may_add(result_.requests.size(), 0)) return false;
  std::uint64_t left = view_.budget(budget);
  for (const StepResult::Request& earlier : result_.requests)
    if (earlier.granted && earlier.budget == budget) left -= earlier.amount;
  result_.requests.push_back({.budget = budget, .amount = amount, .granted = amount <= left});
  return result_.requests.back().granted;
}

bool StepContext::may_add(std::size_t items, std::size_t bytes) {
  if (!result_.status) return false;
  if (items < kStepItemsMax && bytes <= kStepBytesMax && result_.bytes.size() <= kStepBytesMax - bytes) return true;
  refuse(ErrorCode::kTooLarge, "step: more than " + std::to_string(kStepItemsMax) + " items of a sort or " +
                                   std::to_string(kStepBytesMax) + " bytes");
  return false;
}

void StepContext::refuse(ErrorCode code, std::string message) {
  if (result_.status) result_.status = fail(code, std::move(message));
}

void compute_step(const Definition& definition, const StepSubject& subject, const StateView& view, StepResult& result) {
  result.clear();
  result.seed = subject.seed;
  StepContext context(definition, subject, view, result);
  const Status status = definition.reducers[subject.name.reducer.value()].step(context);
  if (result.status) result.status = status;
}

}  // namespace yard::tickets
