#include "engine/tickets/entity_table.h"

#include "engine/tickets/identity.h"

namespace yard::tickets {

EntityTable::EntityTable(const std::vector<Cell>& cells, std::uint32_t lanes) : lanes_(lanes) {
  for (const Cell& cell : cells) entries_.push_back({.reducer = kCellReducer, .key = cell.name, .value = cell.value});
}

Slot EntityTable::find(const EntityName& name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? kNoSlot : found->second;
}

Slot EntityTable::find_or_add(const EntityName& name) {
  if (const Slot found = find(name); found != kNoSlot) return found;
  const auto slot = static_cast<Slot>(entries_.size());
  const Entry& entry =
      entries_.emplace_back(Entry{.reducer = name.reducer, .key = Bytes(name.key), .lane = lane_of(name.key, lanes_)});
  by_name_.emplace(entry.name(), slot);
  return slot;
}

}  // namespace yard::tickets
