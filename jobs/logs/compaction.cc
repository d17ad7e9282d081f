#include "jobs/logs/compaction.h"

#include <algorithm>
#include <deque>
#include <unordered_map>
#include <utility>

#include "engine/journal/entry_reader.h"
#include "jobs/broker_records.h"
#include "jobs/logs/entry.h"

namespace yard::jobs {
namespace {

constexpr std::size_t kChunkBytes = 1u << 20;

using EntryVisit = std::function<Status(const Entry&)>;

Status each_entry(journal::Disk& disk, const CompactionSource& source, const std::stop_token& stop,
                  const EntryVisit& visit) {
  const auto visit_bytes = [&](BytesView bytes) -> Status {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "compaction: the log is being closed");
    YARD_TRY(const Entry entry, read_entry(bytes));
    return visit(entry);
  };
  if (source.snapshot != 0) YARD_TRY_STATUS(journal::read_snapshot(disk, source.snapshot, visit_bytes));
  for (const std::uint64_t first : source.segments) {
    YARD_TRY_STATUS(
        journal::read_segment(disk, first, [&](const journal::EntryView& entry) { return visit_bytes(entry.body); }));
  }
  return {};
}

using Forgotten = std::unordered_map<JobId, LogPosition>;

// The position from which on there are at most `count_max` of them.
LogPosition oldest_of_newest(const Forgotten& forgotten, std::size_t count_max) {
  if (forgotten.size() <= count_max) return 0;
  std::vector<LogPosition> positions;
  positions.reserve(forgotten.size());
  for (const auto& [job, position] : forgotten) positions.push_back(position);
  const auto oldest = positions.end() - static_cast<std::ptrdiff_t>(count_max);
  if (oldest == positions.end()) return UINT64_MAX;
  std::ranges::nth_element(positions, oldest);
  return *oldest;
}

// Gathers records into chunks.
class Chunks {
 public:
  explicit Chunks(journal::SnapshotWriter& to) : to_(to) {}

  Status add(const Entry& entry, BytesView record) {
    if (chunk_.empty()) begin_entry(chunk_, entry.epoch);
    chunk_.append(record);
    set_entry_last(chunk_, entry.last);
    return chunk_.size() < kChunkBytes ? Status{} : flush();
  }

  Status flush() {
    if (chunk_.empty()) return {};
    const journal::DiskStatus written = to_.append(chunk_);
    chunk_.clear();
    return written ? Status{} : Status(std::unexpected(journal::to_error(written.error())));
  }

 private:
  journal::SnapshotWriter& to_;
  Bytes chunk_;
};

// Which records are still needed.
class Needed {
 public:
  explicit Needed(std::size_t tombstones_max) : tombstones_max_(tombstones_max) {}

  // Every record, in order.
  void look_at(const RecordHead& head) {
    switch (head.kind) {
      case RecordKind::kForgotten: forgotten_[head.job] = head.lsn; break;
      case RecordKind::kPaused: paused_ = head.lsn; break;
      case RecordKind::kSpent: spent_[head.job] = head.lsn; break;
      case RecordKind::kScheduled: schedules_[head.job] = {.scheduled = head.lsn}; break;
      case RecordKind::kFired: schedules_[head.job].fired = head.lsn; break;
      case RecordKind::kUnscheduled: schedules_.erase(head.job); break;
      case RecordKind::kAudited:
        audited_.push_back(head.lsn);
        if (audited_.size() > kAuditKept) audited_.pop_front();
        break;
      default: break;
    }
  }

  // After the last one.
  void close() { oldest_tombstone_ = oldest_of_newest(forgotten_, tombstones_max_); }

  // After close().
  [[nodiscard]] bool contains(const RecordHead& head) const {
    switch (head.kind) {
      case RecordKind::kPaused: return head.lsn == paused_;
      case RecordKind::kSpent: return head.lsn == spent_.at(head.job);
      case RecordKind::kScheduled:
      case RecordKind::kFired:
      case RecordKind::kUnscheduled: {
        const auto schedule = schedules_.find(head.job);
        return schedule != schedules_.end() &&
               (head.lsn == schedule->second.scheduled || head.lsn == schedule->second.fired);
      }
      case RecordKind::kAudited: return head.lsn >= audited_.front();
      default: break;
    }
    const auto gone = forgotten_.find(head.job);
    if (gone == forgotten_.end() || head.lsn > gone->second) return true;
    return head.lsn == gone->second && head.lsn >= oldest_tombstone_;
  }

 private:
  // The newest records of a schedule.
  struct OfSchedule {
    LogPosition scheduled = 0;
    LogPosition fired = 0;
  };

  const std::size_t tombstones_max_;
  LogPosition oldest_tombstone_ = 0;
  // An id may be used again once its job is forgotten: what lies behind is another job's.
  Forgotten forgotten_;
  LogPosition paused_ = 0;
  std::unordered_map<JobId, LogPosition> spent_;
  std::unordered_map<JobId, OfSchedule> schedules_;
  std::deque<LogPosition> audited_;
};

}  // namespace

Status compact(journal::Disk& disk, const CompactionSource& source, journal::SnapshotWriter& to,
               std::size_t tombstones_max, const std::stop_token& stop) {
  Needed needed(tombstones_max);
  YARD_TRY_STATUS(each_entry(disk, source, stop, [&](const Entry& entry) {
    return each_record(entry.records, [&](const Record& record) -> Status {
      needed.look_at(record.head);
      return {};
    });
  }));
  needed.close();
  Chunks chunks(to);
  YARD_TRY_STATUS(each_entry(disk, source, stop, [&](const Entry& entry) {
    return each_record(entry.records, [&](const Record& record) -> Status {
      return needed.contains(record.head) ? chunks.add(entry, record.whole) : Status{};
    });
  }));
  YARD_TRY_STATUS(chunks.flush());
  const journal::DiskStatus sealed = to.seal();
  return sealed ? Status{} : Status(std::unexpected(journal::to_error(sealed.error())));
}

}  // namespace yard::jobs
