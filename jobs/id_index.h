// IdIndex: where things are by their id of 128 bits.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "jobs/job_id.h"

namespace yard::jobs {

// Eight bytes an entry: open addressing with linear probing, so that a search, hit or miss, mostly touches one
// cache line. The things themselves, which know their ids, are elsewhere, at numbers: `id_at(number)` is asked
// for them. Peers choose ids: `seed` keeps them from choosing ids that meet in one place.
// Threads: one.
class IdIndex {
 public:
  explicit IdIndex(std::uint64_t seed) : seed_(seed), entries_(kSmallest) {}

  template <typename IdAt>
  [[nodiscard]] std::optional<std::uint32_t> find(JobId id, IdAt&& id_at) const {
    const Entry& entry = entries_[place_of(id, hash_of(id), id_at)];
    return entry.used() ? std::optional(entry.number()) : std::nullopt;
  }

  // `id` is not in it.
  template <typename IdAt>
  void insert(JobId id, std::uint32_t number, IdAt&& id_at) {
    if ((size_ + 1) * 8 > entries_.size() * 7) grow();
    const std::uint32_t hash = hash_of(id);
    Entry& entry = entries_[place_of(id, hash, id_at)];
    YARD_CHECK(!entry.used());
    entry = {.hash = hash, .number_plus_one = number + 1};
    ++size_;
  }

  // `id` is in it. Returns its number.
  template <typename IdAt>
  std::uint32_t erase(JobId id, IdAt&& id_at) {
    std::size_t hole = place_of(id, hash_of(id), id_at);
    YARD_CHECK(entries_[hole].used());
    const std::uint32_t number = std::exchange(entries_[hole], {}).number();
    --size_;
    // Entries behind the hole that would no longer be found move into it.
    for (std::size_t at = (hole + 1) & mask(); entries_[at].used(); at = (at + 1) & mask()) {
      const std::size_t home = entries_[at].hash & mask();
      if (((at - home) & mask()) < ((at - hole) & mask())) continue;
      entries_[hole] = std::exchange(entries_[at], {});
      hole = at;
    }
    return number;
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  // In no particular order. visit(number) must not insert or erase.
  template <typename Visit>
  void each(Visit&& visit) const {
    for (const Entry& entry : entries_) {
      if (entry.used()) visit(entry.number());
    }
  }

 private:
  static constexpr std::size_t kSmallest = 1'024;

  struct Entry {
    std::uint32_t hash = 0;  // of the id
    std::uint32_t number_plus_one = 0;
    [[nodiscard]] bool used() const { return number_plus_one != 0; }
    [[nodiscard]] std::uint32_t number() const { return number_plus_one - 1; }
  };

  [[nodiscard]] std::uint32_t hash_of(JobId id) const {
    const auto& octets = id.value().octets;
    return static_cast<std::uint32_t>(hash64({reinterpret_cast<const char*>(octets.data()), octets.size()}, seed_));
  }
  [[nodiscard]] std::size_t mask() const { return entries_.size() - 1; }

  // Its entry, or the empty one where the search ends.
  template <typename IdAt>
  [[nodiscard]] std::size_t place_of(JobId id, std::uint32_t hash, IdAt&& id_at) const {
    std::size_t at = hash & mask();
    while (entries_[at].used() && !(entries_[at].hash == hash && id_at(entries_[at].number()) == id))
      at = (at + 1) & mask();
    return at;
  }

  void grow() {
    std::vector<Entry> old(entries_.size() * 2);
    std::swap(old, entries_);
    for (const Entry& entry : old) {
      if (!entry.used()) continue;
      std::size_t at = entry.hash & mask();
      while (entries_[at].used()) at = (at + 1) & mask();
      entries_[at] = entry;
    }
  }

  const std::uint64_t seed_;
  std::vector<Entry> entries_;  // their number is a power of two
  std::size_t size_ = 0;
};

}  // namespace yard::jobs
