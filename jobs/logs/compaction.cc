#include "jobs/logs/compaction.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/journal/entry_reader.h"
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

}  // namespace

Status compact(journal::Disk& disk, const CompactionSource& source, journal::SnapshotWriter& to,
               std::size_t tombstones_max, const std::stop_token& stop) {
  // An id may be used again once its job is forgotten: what lies behind is another job's.
  Forgotten forgotten;
  YARD_TRY_STATUS(each_entry(disk, source, stop, [&](const Entry& entry) {
    return each_record(entry.records, [&](const Record& record) -> Status {
      if (record.head.kind == RecordKind::kForgotten) forgotten[record.head.job] = record.head.lsn;
      return {};
    });
  }));
  const LogPosition oldest_tombstone = oldest_of_newest(forgotten, tombstones_max);
  Chunks chunks(to);
  YARD_TRY_STATUS(each_entry(disk, source, stop, [&](const Entry& entry) {
    return each_record(entry.records, [&](const Record& record) -> Status {
      const auto gone = forgotten.find(record.head.job);
      const bool tombstone =
          gone != forgotten.end() && record.head.lsn == gone->second && gone->second >= oldest_tombstone;
      if (gone != forgotten.end() && record.head.lsn <= gone->second && !tombstone) return {};
      return chunks.add(entry, record.whole);
    });
  }));
  YARD_TRY_STATUS(chunks.flush());
  const journal::DiskStatus sealed = to.seal();
  return sealed ? Status{} : Status(std::unexpected(journal::to_error(sealed.error())));
}

}  // namespace yard::jobs
