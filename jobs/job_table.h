// JobTable: every job that is known, by id.
#pragma once

#include <cstdint>

#include "jobs/id_index.h"
#include "jobs/job.h"
#include "jobs/slab.h"

namespace yard::jobs {

// Jobs live in a slab, where they don't move, and are found through an index of eight bytes a job.
// Threads: one.
class JobTable {
 public:
  explicit JobTable(std::uint64_t seed) : index_(seed) {}
  ~JobTable();
  JobTable(const JobTable&) = delete;
  JobTable& operator=(const JobTable&) = delete;

  // Null where unknown.
  [[nodiscard]] Job* find(JobId id) const;

  // `order.id` is not in it.
  Job& insert(const JobOrder& order);

  // The job is in no list any more.
  void erase(const Job& job);

  [[nodiscard]] std::size_t size() const { return index_.size(); }

  // In no particular order. visit(Job&) must not insert or erase.
  template <typename Visit>
  void each(Visit&& visit) const {
    index_.each([&](std::uint32_t number) { visit(slab_[number]); });
  }

 private:
  [[nodiscard]] auto id_at() const {
    return [this](std::uint32_t number) { return slab_[number].id; };
  }

  NameTable names_;
  Slab<Job> slab_;
  IdIndex index_;
};

}  // namespace yard::jobs
