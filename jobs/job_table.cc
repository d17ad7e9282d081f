#include "jobs/job_table.h"

#include <utility>

#include "engine/base/hash.h"

namespace yard::jobs {

JobTable::~JobTable() {
  for (const Entry& entry : index_) {
    if (entry.used()) slab_.erase(entry.number());
  }
}

std::uint32_t JobTable::hash_of(JobId id) const {
  const auto& octets = id.value().octets;
  return static_cast<std::uint32_t>(hash64({reinterpret_cast<const char*>(octets.data()), octets.size()}, seed_));
}

std::size_t JobTable::place_of(JobId id, std::uint32_t hash) const {
  std::size_t at = hash & mask();
  while (index_[at].used() && !(index_[at].hash == hash && slab_[index_[at].number()].id == id)) {
    at = (at + 1) & mask();
  }
  return at;
}

Job* JobTable::find(JobId id) const {
  const Entry& entry = index_[place_of(id, hash_of(id))];
  return entry.used() ? &slab_[entry.number()] : nullptr;
}

Job& JobTable::insert(const JobOrder& order) {
  if ((size_ + 1) * 8 > index_.size() * 7) grow();
  const std::uint32_t hash = hash_of(order.id);
  Entry& entry = index_[place_of(order.id, hash)];
  YARD_CHECK(!entry.used());
  const Slab<Job>::Number number = slab_.emplace(order, names_);
  entry = {.hash = hash, .number_plus_one = number + 1};
  ++size_;
  return slab_[number];
}

void JobTable::erase(const Job& job) {
  std::size_t hole = place_of(job.id, hash_of(job.id));
  YARD_CHECK(index_[hole].used());
  slab_.erase(index_[hole].number());
  index_[hole] = {};
  --size_;
  // Entries behind the hole that would no longer be found move into it.
  for (std::size_t at = (hole + 1) & mask(); index_[at].used(); at = (at + 1) & mask()) {
    const std::size_t home = index_[at].hash & mask();
    if (((at - home) & mask()) < ((at - hole) & mask())) continue;
    index_[hole] = std::exchange(index_[at], {});
    hole = at;
  }
}

void JobTable::grow() {
  std::vector<Entry> old(index_.size() * 2);
  std::swap(old, index_);
  for (const Entry& entry : old) {
    if (!entry.used()) continue;
    std::size_t at = entry.hash & mask();
    while (index_[at].used()) at = (at + 1) & mask();
    index_[at] = entry;
  }
}

}  // namespace yard::jobs
