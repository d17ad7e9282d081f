#include "tests/sim/sim_log.h"

#include <algorithm>
#include <utility>

#include "jobs/logs/entry.h"

namespace yard::sim {

using jobs::CommitOutcome;

Result<SimLog> SimLog::open(journal::MemoryDisk& disk, Honesty honesty) {
  YARD_TRY(journal::Journal journal, journal::Journal::open(disk, {.segment_bytes = 16u << 10}));
  return SimLog(std::move(journal), honesty);
}

Result<jobs::LogPosition> SimLog::replay(const jobs::RecordVisit& visit) {
  jobs::LogPosition last = 0;
  YARD_TRY_STATUS(journal_.replay(1, [&](const journal::EntryView& view) -> Status {
    YARD_TRY(const jobs::Entry entry, jobs::read_entry(view.body));
    epoch_ = std::max(epoch_, entry.epoch);
    last = entry.last;
    return each_record(entry.records, visit);
  }));
  return last;
}

void SimLog::append(std::uint64_t epoch, jobs::RecordBatch& batch, jobs::LogPosition last) {
  Pending pending{.body = {}, .count = batch.count(), .last = last, .synced = batch.grade() == jobs::Grade::kSynced};
  jobs::begin_entry(pending.body, epoch);
  jobs::set_entry_last(pending.body, last);
  pending.body.append(batch.bytes());
  batch.clear();
  pending_.push_back(std::move(pending));
  if (honesty_ == Honesty::kLiar) decide(CommitOutcome::kCommitted, last);
}

void SimLog::completions(std::vector<jobs::Commit>& out) {
  out.clear();
  std::swap(out, decided_);
}

// Whether the operation succeeded. A full disk is news, any other failure the end.
bool SimLog::take(const journal::DiskStatus& status) {
  if (status) return true;
  const bool full = status.error().kind == journal::DiskError::kFull;
  failed_ = failed_ || !full;
  decide(full ? CommitOutcome::kFull : CommitOutcome::kUnknown, 0);
  return false;
}

bool SimLog::step() {
  if (failed_ || pending_.empty()) return false;
  const auto next = std::ranges::find(pending_, false, &Pending::written);
  if (next != pending_.end()) {
    if (!take(journal_.append(next->body, next->count)) || !take(journal_.write())) return true;
    next->written = true;
  } else {
    if (!take(journal_.sync())) return true;
    durable_ = pending_.back().last;
  }
  commit_what_is_there();
  return true;
}

void SimLog::commit_what_is_there() {
  jobs::LogPosition committed = 0;
  while (!pending_.empty()) {
    const Pending& oldest = pending_.front();
    if (oldest.synced ? oldest.last > durable_ : !oldest.written) break;
    committed = oldest.last;
    pending_.pop_front();
  }
  if (committed != 0 && honesty_ == Honesty::kHonest) decide(CommitOutcome::kCommitted, committed);
}

}  // namespace yard::sim
