#include "engine/tickets/ledger_state.h"

namespace yard::tickets {
namespace {

void save_entry(PackWriter& out, const EntityTable::Entry& entry) {
  out.natural(entry.reducer.value());
  out.binary(entry.key);
  out.binary(entry.value);
  out.natural(entry.version);
  out.boolean(entry.ended);
}

void load_entry(PackSequence& in, const Definition& definition, EntityTable& table, Slot expected) {
  const ReducerId reducer(static_cast<std::uint32_t>(in.natural()));
  const BytesView key = in.binary();
  const bool is_cell = expected < definition.cells.size();
  if (!in.ok() || (is_cell ? reducer != kCellReducer || key != definition.cells[expected].name
                           : reducer.value() >= definition.reducers.size()))
    return in.refuse();
  const Slot slot = is_cell ? expected : table.find_or_add({reducer, key});
  if (slot != expected) return in.refuse();
  EntityTable::Entry& entry = table[slot];
  entry.value = in.binary();
  entry.version = in.natural();
  entry.ended = in.boolean();
}

}  // namespace

LedgerState LedgerState::initial(const Definition& definition) {
  LedgerState state{.table = EntityTable(definition.cells, definition.options.lanes)};
  for (const Budget& budget : definition.budgets) state.budgets.push_back(budget.amount);
  return state;
}

Bytes LedgerState::save() const {
  Bytes bytes;
  PackWriter out(bytes);
  out.natural(table.size());
  for (Slot slot = 0; slot < table.size(); ++slot) save_entry(out, table[slot]);
  out.natural(budgets.size());
  for (const std::uint64_t left : budgets) out.natural(left);
  queue.save(out);
  return bytes;
}

Result<LedgerState> LedgerState::load(const Definition& definition, BytesView bytes) {
  PackSequence in(bytes);
  LedgerState state = initial(definition);
  const std::uint64_t entries = in.natural();
  for (std::uint64_t slot = 0; slot < entries && in.ok(); ++slot)
    load_entry(in, definition, state.table, static_cast<Slot>(slot));
  if (in.natural() != state.budgets.size()) in.refuse();
  for (std::uint64_t& left : state.budgets) left = in.natural();
  YARD_TRY(state.queue, ReadyQueue::load(in, state.table.size()));
  YARD_TRY_STATUS(in.finish("snapshot"));
  return state;
}

}  // namespace yard::tickets
