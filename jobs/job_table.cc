#include "jobs/job_table.h"

namespace yard::jobs {

JobTable::~JobTable() {
  index_.each([this](std::uint32_t number) { slab_.erase(number); });
}

Job* JobTable::find(JobId id) const {
  const auto number = index_.find(id, id_at());
  return number ? &slab_[*number] : nullptr;
}

Job& JobTable::insert(const JobOrder& order) {
  const Slab<Job>::Number number = slab_.emplace(order, names_);
  index_.insert(order.id, number, id_at());
  return slab_[number];
}

void JobTable::erase(const Job& job) { slab_.erase(index_.erase(job.id, id_at())); }

}  // namespace yard::jobs
