// JobTable: every job that is known, by id.
#pragma once

#include <cstdint>
#include <vector>

#include "jobs/job.h"
#include "jobs/slab.h"

namespace yard::jobs {

// Jobs live in a slab; beside it an index of eight bytes a job: open addressing with linear probing, so that
// a search, hit or miss, mostly touches one cache line of the index. Peers choose ids: `seed` keeps them from
// choosing ids that meet in one place.
// Threads: one.
class JobTable {
 public:
  explicit JobTable(std::uint64_t seed) : seed_(seed), index_(kSmallest) {}
  ~JobTable();
  JobTable(const JobTable&) = delete;
  JobTable& operator=(const JobTable&) = delete;

  // Null where unknown.
  [[nodiscard]] Job* find(JobId id) const;

  // `order.id` is not in it.
  Job& insert(const JobOrder& order);

  // The job is in no list any more.
  void erase(const Job& job);

  [[nodiscard]] std::size_t size() const { return size_; }

  // In no particular order. visit(Job&) must not insert or erase.
  template <typename Visit>
  void each(Visit&& visit) const {
    for (const Entry& entry : index_) {
      if (entry.used()) visit(slab_[entry.number()]);
    }
  }

 private:
  static constexpr std::size_t kSmallest = 1'024;

  struct Entry {
    std::uint32_t hash = 0;  // of the id
    std::uint32_t number_plus_one = 0;
    [[nodiscard]] bool used() const { return number_plus_one != 0; }
    [[nodiscard]] Slab<Job>::Number number() const { return number_plus_one - 1; }
  };

  [[nodiscard]] std::uint32_t hash_of(JobId id) const;
  [[nodiscard]] std::size_t mask() const { return index_.size() - 1; }
  // Its entry, or the empty one where the search ends.
  [[nodiscard]] std::size_t place_of(JobId id, std::uint32_t hash) const;
  void grow();

  const std::uint64_t seed_;
  NameTable names_;
  Slab<Job> slab_;
  std::vector<Entry> index_;  // its size is a power of two
  std::size_t size_ = 0;
};

}  // namespace yard::jobs
