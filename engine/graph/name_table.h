// Names to dense numbers, for loading: each name is hashed once and nothing is allocated a name.
#pragma once

#include <bit>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/hash.h"

namespace yard::graph {

// The names must outlive the table.
class NameTable {
 public:
  static constexpr std::uint32_t kNone = UINT32_MAX;

  explicit NameTable(std::size_t count) : slots_(std::bit_ceil(count * 2 + 1)) { names_.reserve(count); }

  // The number of `name`, which is new if it is as large as size() was.
  std::uint32_t add(std::string_view name) {
    Slot& slot = find_slot(name);
    if (slot.number == kNone) {
      slot.number = static_cast<std::uint32_t>(names_.size());
      names_.push_back(name);
    }
    return slot.number;
  }
  // Takes a number without a name.
  void skip() { names_.emplace_back(); }

  [[nodiscard]] std::uint32_t find(std::string_view name) { return find_slot(name).number; }
  [[nodiscard]] std::size_t size() const { return names_.size(); }
  [[nodiscard]] std::string_view name(std::uint32_t number) const { return names_[number]; }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = kNone;
  };

  Slot& find_slot(std::string_view name) {
    const std::uint64_t hash = hash64(name);
    const auto high = static_cast<std::uint32_t>(hash >> 32);
    for (std::size_t at = hash;; ++at) {
      Slot& slot = slots_[at & (slots_.size() - 1)];
      if (slot.number == kNone) {
        slot.hash = high;
        return slot;
      }
      if (slot.hash == high && names_[slot.number] == name) return slot;
    }
  }

  std::vector<Slot> slots_;  // at most half full
  std::vector<std::string_view> names_;
};

}  // namespace yard::graph
