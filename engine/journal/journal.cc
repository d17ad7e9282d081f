#include "engine/journal/journal.h"

#include <algorithm>
#include <utility>

#include "engine/base/check.h"
#include "engine/journal/recovery.h"

namespace yard::journal {
namespace {

// A queue that was larger gives its memory back.
constexpr std::size_t kQueueKeptBytes = std::size_t{8} << 20;

// For operations after whose failure it is unknown what the disk holds, whatever the reason.
DiskStatus or_unknown(DiskStatus status) {
  if (!status) status.error().kind = DiskError::kFailed;
  return status;
}

template <typename T>
auto as_error(const T& failed) {
  return std::unexpected(to_error(failed.error()));
}

}  // namespace

Result<Journal> Journal::open(Disk& disk, const JournalOptions& options) {
  Recovered found;
  if (const auto recovered = recover(disk, options.owner, found); !recovered) return as_error(recovered);
  Journal journal(disk, options);
  YARD_TRY_STATUS(journal.start(found));
  return journal;
}

Status Journal::start(const Recovered& found) {
  owner_ = found.owner;
  segments_ = found.segments;
  snapshot_ = found.snapshot ? found.snapshot->position : 0;
  written_ = queued_ = {.position = found.position, .chain = found.chain, .sealed = found.sealed};
  durable_ = found.position;
  end_ = found.end;
  if (options_.read_only) {
    failed_ = {.kind = DiskError::kFailed, .message = "the journal was opened for reading only"};
    return {};
  }
  const auto& snapshots = found.folder.snapshots;
  const auto newest = std::ranges::lower_bound(snapshots, snapshot_);
  if (newest != snapshots.begin()) previous_snapshot_ = *std::prev(newest);
  if (const auto status = segments_.empty() ? begin_segment() : continue_segment(found); !status) {
    return as_error(status);
  }
  for (const std::string& name : found.folder.temporaries) static_cast<void>(disk_->remove(name));
  segments_ = found.folder.segments.empty() ? segments_ : found.folder.segments;
  // A snapshot newer than the one that counts is damaged: it stays to be looked at.
  remove_superseded({snapshots.begin(), newest});
  return {};
}

// What was read may be in the kernel's memory only, names included.
DiskStatus Journal::continue_segment(const Recovered& found) {
  YARD_TRY_STATUS(disk_->sync_dir());
  YARD_TRY(file_, disk_->open(file_name(FileKind::kSegment, segments_.back()), OpenMode::kReadWrite));
  if (found.torn_bytes > 0) YARD_TRY_STATUS(file_->truncate(end_));
  return file_->sync();
}

DiskStatus Journal::append(BytesView body, std::uint32_t count) {
  YARD_CHECK(count > 0);
  if (failed_) return std::unexpected(*failed_);
  queue(body, count);
  return {};
}

// A seal is checked against the chain and not part of it: the chain is of the records, however often the journal
// was closed between them.
void Journal::queue(BytesView body, std::uint32_t count) {
  const EntryHead head{.count = count, .durable = durable_, .chain = queued_.chain};
  const std::uint64_t chain = append_entry(queue_, head, body, owner_);
  if (count > 0) queued_.chain = chain;
  queued_.position += count;
  queued_.sealed = count == 0;
}

DiskStatus Journal::write() {
  if (failed_) return std::unexpected(*failed_);
  if (queue_.empty()) return {};
  const DiskStatus status = write_queue();
  if (status) {
    end_ += queue_.size();
    written_ = queued_;
    unsynced_ = true;
  }
  queued_ = written_;
  queue_.clear();
  if (queue_.capacity() > kQueueKeptBytes) queue_ = Bytes();
  return failed(status);
}

DiskStatus Journal::write_queue() {
  // One that holds no record is not left: the next would have its name.
  const bool holds_records = written_.position >= segments_.back();
  if (holds_records && end_ + queue_.size() > options_.segment_bytes) {
    YARD_TRY_STATUS(close_segment());
    YARD_TRY_STATUS(begin_segment());
  }
  DiskStatus status = file_->write(end_, queue_);
  if (!status && status.error().kind == DiskError::kFull) YARD_TRY_STATUS(cut_to_end());
  return status;
}

// Whole entries of a write that was refused may have reached the disk: they must not come back after a crash.
DiskStatus Journal::cut_to_end() {
  YARD_TRY_STATUS(or_unknown(file_->truncate(end_)));
  unsynced_ = true;
  return sync();
}

// Ends the file at its last entry and syncs it, so that only the last segment can ever be torn.
DiskStatus Journal::close_segment() {
  YARD_TRY_STATUS(or_unknown(file_->truncate(end_)));
  unsynced_ = true;
  return sync();
}

// The file gets its name when its header is durable: a segment with that name is never half made.
DiskStatus Journal::begin_segment() {
  const std::uint64_t first = written_.position + 1;
  const std::string temporary = temporary_name(FileKind::kSegment, first);
  const Bytes header =
      encode_file_header({.kind = FileKind::kSegment, .position = first, .chain = written_.chain, .owner = owner_});
  YARD_TRY(auto file, disk_->open(temporary, OpenMode::kCreate));
  if (options_.preallocate) YARD_TRY_STATUS(file->preallocate(options_.segment_bytes));
  YARD_TRY_STATUS(file->write(0, header));
  YARD_TRY_STATUS(or_unknown(file->sync()));
  YARD_TRY_STATUS(disk_->rename(temporary, file_name(FileKind::kSegment, first)));
  YARD_TRY_STATUS(or_unknown(disk_->sync_dir()));
  file_ = std::move(file);
  end_ = header.size();
  segments_.push_back(first);
  return {};
}

DiskStatus Journal::sync() {
  if (failed_) return std::unexpected(*failed_);
  if (!unsynced_) return {};
  YARD_TRY_STATUS(failed(or_unknown(file_->sync())));
  unsynced_ = false;
  durable_ = written_.position;
  return {};
}

// Remembers a failure that is for good.
DiskStatus Journal::failed(DiskStatus status) {
  if (!status && status.error().kind != DiskError::kFull && !failed_) failed_ = status.error();
  return status;
}

DiskStatus Journal::close() {
  if (options_.read_only) return {};
  YARD_TRY_STATUS(write());
  YARD_TRY_STATUS(sync());
  if (!written_.sealed) {
    queue({}, 0);
    YARD_TRY_STATUS(write());
    YARD_TRY_STATUS(sync());
  }
  failed_ = {.kind = DiskError::kFailed, .message = "the journal is closed"};
  return {};
}

Status read_extent(Disk& disk, const Extent& extent, std::uint64_t from, const Visit& visit) {
  if (from > extent.position) return {};
  if (extent.segments.empty() || extent.segments.front() > from) {
    return fail(ErrorCode::kTruncated, "record " + std::to_string(from) + " is no longer in the log");
  }
  for (const std::uint64_t first : segments_from(extent.segments, from)) {
    auto reader = EntryReader::open(disk, file_name(FileKind::kSegment, first));
    if (!reader) return as_error(reader);
    if (first == extent.segments.back()) reader->set_end(extent.end);
    YARD_TRY_STATUS(read_entries(*reader, [&](const EntryView& entry) -> Status {
      return entry.first + entry.count > from ? visit(entry) : Status();
    }));
  }
  return {};
}

Status Journal::read_snapshot(const std::function<Status(BytesView)>& visit) const {
  if (snapshot_ == 0) return fail(ErrorCode::kNotFound, "the journal has no snapshot");
  return journal::read_snapshot(*disk_, snapshot_, visit);
}

// The chain behind the entry that ends at `position`.
Result<std::uint64_t> Journal::chain_at(std::uint64_t position) {
  if (position == written_.position) return written_.chain;
  const std::uint64_t first = segments_from(segments_, position).front();
  auto reader = EntryReader::open(*disk_, file_name(FileKind::kSegment, first));
  if (!reader) return as_error(reader);
  while (reader->position() < position) {
    const auto entry = reader->next();
    if (!entry) return as_error(entry);
    if (!*entry) break;
  }
  if (reader->position() == position) return reader->chain();
  return fail(ErrorCode::kInvalidArguments, "no entry ends at position " + std::to_string(position));
}

Result<SnapshotWriter> Journal::begin_snapshot(std::uint64_t position) {
  if (failed_) return std::unexpected(to_error(*failed_));
  if (position == 0 || position > durable_ || position < snapshot_) {
    return fail(ErrorCode::kInvalidArguments, "a snapshot at position " + std::to_string(position) +
                                                  " is not between the newest one, " + std::to_string(snapshot_) +
                                                  ", and what is durable, " + std::to_string(durable_));
  }
  YARD_TRY(const std::uint64_t chain, chain_at(position));
  auto writer = SnapshotWriter::create(
      *disk_, {.kind = FileKind::kSnapshot, .position = position, .chain = chain, .owner = owner_});
  if (!writer) return as_error(writer);
  return *std::move(writer);
}

DiskStatus Journal::finish_snapshot(SnapshotWriter snapshot) {
  if (failed_) return std::unexpected(*failed_);
  YARD_CHECK(snapshot.position() >= snapshot_);
  YARD_TRY_STATUS(snapshot.publish());
  YARD_TRY_STATUS(failed(or_unknown(disk_->sync_dir())));
  if (snapshot.position() != snapshot_) previous_snapshot_ = snapshot_;
  snapshot_ = snapshot.position();
  const auto folder = list_folder(*disk_);
  if (folder) remove_superseded(folder->snapshots);
  return {};
}

// What cannot be removed now is when the journal is next opened.
void Journal::remove_superseded(const std::vector<std::uint64_t>& snapshots) {
  while (segments_.size() > 1 && segments_[1] <= snapshot_ + 1) {
    static_cast<void>(disk_->remove(file_name(FileKind::kSegment, segments_.front())));
    segments_.erase(segments_.begin());
  }
  for (const std::uint64_t position : snapshots) {
    if (position == snapshot_ || position == previous_snapshot_) continue;
    static_cast<void>(disk_->remove(file_name(FileKind::kSnapshot, position)));
  }
}

std::vector<std::uint64_t> Journal::closed_segments() const {
  if (segments_.empty()) return {};
  return {segments_.begin(), std::prev(segments_.end())};
}

std::uint64_t Journal::closed_position() const { return segments_.size() < 2 ? snapshot_ : segments_.back() - 1; }

}  // namespace yard::journal
