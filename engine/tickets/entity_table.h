// EntityTable: the values that steps read and write, cells first, then entities in the order of their appearance.
#pragma once

#include <deque>
#include <unordered_map>

#include "engine/base/hash.h"
#include "engine/tickets/definition.h"

namespace yard::tickets {

// A place in the table; the same on every machine, for the same causes.
using Slot = std::uint32_t;
inline constexpr Slot kNoSlot = UINT32_MAX;

// What a cell has in place of a reducer.
inline constexpr ReducerId kCellReducer{UINT32_MAX};

// Threads: any number of readers while nobody writes.
class EntityTable {
 public:
  struct Entry {
    ReducerId reducer;
    Bytes key;
    Bytes value;
    std::uint64_t version = 0;  // the ticket that changed it last; 0: none did
    std::uint16_t lane = 0;
    bool ended = false;  // takes no more events

    [[nodiscard]] EntityName name() const { return {reducer, key}; }
  };

  EntityTable(const std::vector<Cell>& cells, std::uint32_t lanes);
  EntityTable(EntityTable&&) noexcept = default;
  EntityTable& operator=(EntityTable&&) noexcept = default;

  [[nodiscard]] Slot find(const EntityName& name) const;
  Slot find_or_add(const EntityName& name);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& operator[](Slot slot) const { return entries_[slot]; }
  [[nodiscard]] Entry& operator[](Slot slot) { return entries_[slot]; }

 private:
  struct Hash {
    std::size_t operator()(const EntityName& name) const noexcept { return hash64(name.key, name.reducer.value()); }
  };

  std::uint32_t lanes_;
  std::deque<Entry> entries_;                           // which stay where they are: the names below lie in them
  std::unordered_map<EntityName, Slot, Hash> by_name_;  // entities
};

}  // namespace yard::tickets
