// Admin: what administrators do, and the record of it.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "broker/core/gate.h"
#include "broker/core/job_desk.h"
#include "broker/core/streams.h"
#include "jobs/broker_records.h"

namespace yard::broker {

// What is paused begins nothing, accepts everything, and stays paused through restarts. Each action is recorded
// beside its effect, kept for kAuditKept actions, and told on the stream l.
// Threads: one.
class Admin {
 public:
  // All must outlive it.
  Admin(JobDesk& desk, Gate& gate, Streams& streams) : desk_(desk), gate_(gate), streams_(streams) {}

  // `entry` says who, which target and why. Pausing what is paused changes nothing.
  // Errors: kOverQuota when too much is paused.
  [[nodiscard]] Status pause(jobs::AuditEntry entry, Now now);

  // Errors: kNotFound where no pause has this very target.
  [[nodiscard]] Status resume(jobs::AuditEntry entry, Now now);

  // Cancels a part of what waits; see JobDesk::purge. `from` null: from the newest job on.
  // Errors: kBadRequest for an empty target.
  [[nodiscard]] Result<JobDesk::Purged> purge(jobs::AuditEntry entry, jobs::Job* from, Now now);

  // Records an action that somebody else carries out.
  void audit(jobs::AuditEntry entry, Now now);

  // Takes up a record of the time before this start. Errors: kBadFrame.
  [[nodiscard]] Status restore(const jobs::Record& record);

  [[nodiscard]] const std::vector<jobs::Target>& pauses() const { return pauses_; }
  [[nodiscard]] const std::deque<jobs::AuditEntry>& entries() const { return entries_; }  // oldest first

 private:
  void keep(jobs::AuditEntry entry);
  void record_pauses(Now now);

  JobDesk& desk_;
  Gate& gate_;
  Streams& streams_;
  std::vector<jobs::Target> pauses_;
  std::deque<jobs::AuditEntry> entries_;
  Bytes record_;  // scratch
};

}  // namespace yard::broker
