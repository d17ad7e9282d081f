#include "broker/core/admin.h"

#include <algorithm>

#include "engine/base/text.h"

namespace yard::broker {

using jobs::AuditEntry;
using jobs::RecordKind;

namespace {

constexpr std::size_t kTextMax = 256;  // of a target or a reason, on the stream

}  // namespace

Status Admin::pause(AuditEntry entry, Now now) {
  if (std::ranges::find(pauses_, entry.target) == pauses_.end()) {
    if (pauses_.size() >= jobs::kPausesMax)
      return fail(ErrorCode::kOverQuota, std::to_string(pauses_.size()) + " targets are paused; resume some");
    pauses_.push_back(entry.target);
    record_pauses(now);
    desk_.pause(pauses_);
  }
  audit(std::move(entry), now);
  return {};
}

Status Admin::resume(AuditEntry entry, Now now) {
  if (std::erase(pauses_, entry.target) == 0)
    return fail(ErrorCode::kNotFound, "no pause of " + printable(to_string(entry.target)) + "; the audit lists them");
  record_pauses(now);
  desk_.pause(pauses_);
  audit(std::move(entry), now);
  return {};
}

Result<JobDesk::Purged> Admin::purge(AuditEntry entry, jobs::Job* from, Now now) {
  if (entry.target.empty()) return fail(ErrorCode::kBadRequest, "a purge names a tool, a tenant, a queue or a worker");
  const std::string reason = "purged by " + entry.principal + (entry.reason.empty() ? "" : ": " + entry.reason);
  const bool first = from == nullptr;
  const JobDesk::Purged purged = desk_.purge(entry.target, first ? desk_.newest() : from, reason, now);
  entry.count = purged.count;
  if (first || purged.count > 0) audit(std::move(entry), now);
  return purged;
}

void Admin::audit(AuditEntry entry, Now now) {
  entry.time = now.wall;
  record_.clear();
  PackWriter writer(record_);
  jobs::write_audited(writer, entry);
  gate_.append({.kind = RecordKind::kAudited, .grade = jobs::Grade::kSynced, .job = {}, .time = now.wall}, record_);
  std::string line = entry.action + " of " + printable(to_string(entry.target), kTextMax) + " by " +
                     printable(entry.principal) + ", jobs: " + std::to_string(entry.count);
  if (!entry.reason.empty()) line += ", because: " + printable(entry.reason, kTextMax);
  streams_.log("info", line, now);
  keep(std::move(entry));
}

void Admin::record_pauses(Now now) {
  record_.clear();
  PackWriter writer(record_);
  jobs::write_paused(writer, pauses_);
  gate_.append({.kind = RecordKind::kPaused, .grade = jobs::Grade::kSynced, .job = {}, .time = now.wall}, record_);
}

void Admin::keep(AuditEntry entry) {
  entries_.push_back(std::move(entry));
  if (entries_.size() > jobs::kAuditKept) entries_.pop_front();
}

Status Admin::restore(const jobs::Record& record) {
  if (record.head.kind == RecordKind::kAudited) {
    YARD_TRY(AuditEntry entry, jobs::read_audited(record));
    keep(std::move(entry));
    return {};
  }
  YARD_TRY(pauses_, jobs::read_paused(record));
  desk_.pause(pauses_);
  return {};
}

}  // namespace yard::broker
