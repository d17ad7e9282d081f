// JobDesk: what administrators do to many jobs, and what tenants have spent.
#include "broker/core/job_desk.h"
#include "jobs/broker_records.h"

namespace yard::broker {

using jobs::Job;
using jobs::JobEvent;
using jobs::JobState;
using jobs::RecordKind;

// Nothing waits for one worker only; of it goes what it has.
bool JobDesk::is_purged_by(const jobs::Target& target, const Job& job) const {
  const auto cancelled = next_state(job.state, JobEvent::kCancel);
  if (target.worker.empty()) return cancelled == JobState::kCancelled && target.covers(job);
  if (cancelled != JobState::kCancelling || !is_remote(job)) return false;
  const Worker* worker = workers_.find(job.run->worker);
  return worker != nullptr && worker->name == target.worker;
}

JobDesk::Purged JobDesk::purge(const jobs::Target& target, Job* from, std::string_view reason, Now now) {
  Purged purged;
  std::size_t looked_at = 0;
  Job* job = from;
  // Ending a job may end its children; none of them leaves the list before the next flush.
  for (; job != nullptr && purged.count < limits_.purge_count_max && looked_at < limits_.purge_scan_max;
       job = older(*job), ++looked_at) {
    if (is_purged_by(target, *job) && cancel(*job, reason, now)) ++purged.count;
  }
  if (job != nullptr) purged.next = job->id;
  return purged;
}

void JobDesk::record_spent(std::string_view tenant, Now now) {
  const jobs::Budget& budget = *queue_.budget_of(tenant);
  record_.clear();
  PackWriter writer(record_);
  jobs::write_spent(writer, {.tenant = std::string(tenant), .began = budget.began(), .spent = budget.spent()});
  gate_.append(
      {.kind = RecordKind::kSpent, .grade = jobs::Grade::kBuffered, .job = jobs::subject_of(tenant), .time = now.wall},
      record_);
}

// A tenant that has no budget any more may spend what it likes.
Status JobDesk::restore_spent(const jobs::Record& record) {
  YARD_TRY(jobs::Spent spent, jobs::read_spent(record));
  if (jobs::Budget* budget = queue_.budget_of(spent.tenant)) budget->restore(spent.began, std::move(spent.spent));
  return {};
}

}  // namespace yard::broker
