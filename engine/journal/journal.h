// Journal: an append-only log of records, in segments, with snapshots.
//
// The bytes are in FORMAT.md, the rules in README.md.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "engine/journal/entry_reader.h"
#include "engine/journal/snapshot.h"

namespace yard::journal {

struct JournalOptions {
  // A new segment begins when the next write would make one larger than this. A larger write has one to itself.
  std::uint64_t segment_bytes = std::uint64_t{64} << 20;

  // Reserve a segment's space when it begins: a full disk then shows there and not in the middle.
  bool preallocate = false;

  // Whose journal this is: given when it is made, compared when it is opened; 0 at opening: whoever's. Random is
  // best: it keys the checks by which recovery finds entries, so that no body can be made to look like one.
  std::uint64_t owner = 0;

  bool read_only = false;
};

// What is written, at one moment: for readers on other threads.
struct Extent {
  std::uint64_t snapshot = 0;           // position of the newest one; 0: none
  std::vector<std::uint64_t> segments;  // their first positions, oldest first
  std::uint64_t end = 0;                // of the last of them, in bytes
  std::uint64_t position = 0;           // of the last record
};

// Visits the records of `extent` from record `from` on, by whole entries, the first maybe beginning before it.
//
// Errors:  kTruncated (`from` is before the oldest segment, or a segment was removed meanwhile), kBadFrame, kIo, and
//          what `visit` returns.
// Threads: any, beside the writer.
[[nodiscard]] Status read_extent(Disk& disk, const Extent& extent, std::uint64_t from, const Visit& visit);

// Opaque records, numbered from 1. append → write → sync, and a record has survived nothing, the process, the
// power. Records that were appended together are there together or not at all, and if one is there, all before
// it are.
//
//   appended ──write──► written ──sync──► durable
//      ▲                   │
//      └── kFull: gone ────┘ any other failure: failed for good
//
// Errors:  kFull leaves the journal as it was before the appends that the write was for: they are gone, also from
//          the disk, position and chain are those of what is written, and the same may be tried again. (What was
//          written before may have become durable.) After any other failed write and after every failed sync it is
//          unknown what the disk holds: the journal is failed, and every further change is answered with that
//          failure. Open it again to find out.
// Threads: one. Closed segments and a SnapshotWriter may be used by others meanwhile.
class Journal {
 public:
  // Makes the journal if the folder is empty. Else checks every byte after the newest intact snapshot, cuts off
  // what a crash tore, and removes leftovers. `disk` must outlive the journal. Read-only, nothing is changed.
  //
  // Errors: kBadFrame (damaged; the message names file and byte), kTruncated (a segment is missing), kUnsupported
  //         (another format version), kConflict (another owner's), kIo.
  [[nodiscard]] static Result<Journal> open(Disk& disk, const JournalOptions& options);

  // Queues an entry of `count` records, at least one; `body` is at most kBodyBytesMax, framed by the caller.
  [[nodiscard]] DiskStatus append(BytesView body, std::uint32_t count);

  // Hands what is queued to the kernel, in one pwrite. A new segment that this begins is synced, and all before it.
  [[nodiscard]] DiskStatus write();

  // Makes durable what is written. Costs nothing when it is already.
  [[nodiscard]] DiskStatus sync();

  // Writes and syncs everything and seals it, so that later damage to any of it is noticed. Then every change is
  // refused. A journal that is dropped without it is one that crashed.
  [[nodiscard]] DiskStatus close();

  // Visits what is written from record `from` on. Errors: as read_extent.
  [[nodiscard]] Status replay(std::uint64_t from, const Visit& visit) const {
    return read_extent(*disk_, extent(), from, visit);
  }
  [[nodiscard]] Extent extent() const {
    return {.snapshot = snapshot_, .segments = segments_, .end = end_, .position = written_.position};
  }

  [[nodiscard]] std::uint64_t position() const { return queued_.position; }  // the last appended
  [[nodiscard]] std::uint64_t written_position() const { return written_.position; }
  [[nodiscard]] std::uint64_t durable_position() const { return durable_; }
  [[nodiscard]] std::uint64_t chain() const { return queued_.chain; }  // fingerprint of all up to position()
  [[nodiscard]] std::uint64_t owner() const { return owner_; }

  // The position of the newest snapshot, 0 if there is none.
  [[nodiscard]] std::uint64_t snapshot_position() const { return snapshot_; }

  // Visits the newest snapshot's chunks. Errors: kNotFound (there is none), and those of the function below.
  [[nodiscard]] Status read_snapshot(const std::function<Status(BytesView chunk)>& visit) const;

  // Begins a snapshot, one at a time, of everything up to `position`: the end of an entry, durable, and not before the
  // newest snapshot's. If it is not the last position, its segment is read to find it.
  //
  // Errors: kInvalidArguments (no such place), kBadFrame, kIo.
  [[nodiscard]] Result<SnapshotWriter> begin_snapshot(std::uint64_t position);

  // Makes the snapshot the newest, sealing it if that was not done yet. Removes segments that end at or before it
  // and all older snapshots but one.
  //
  // Errors: those of the writer, and kFull, cost the snapshot only; a folder that fails to sync, the journal.
  [[nodiscard]] DiskStatus finish_snapshot(SnapshotWriter snapshot);

  // First positions of the segments that are closed, for read_segment.
  [[nodiscard]] std::vector<std::uint64_t> closed_segments() const;

  // The last position in a closed segment; the newest snapshot's where there is none.
  [[nodiscard]] std::uint64_t closed_position() const;

 private:
  // A place between two entries.
  struct Mark {
    std::uint64_t position = 0;
    std::uint64_t chain = 0;
    bool sealed = true;  // nothing has come since a seal, or at all
  };

  Journal(Disk& disk, const JournalOptions& options) : disk_(&disk), options_(options) {}
  [[nodiscard]] Status start(const struct Recovered& found);
  [[nodiscard]] DiskStatus continue_segment(const Recovered& found);
  [[nodiscard]] DiskStatus begin_segment();
  [[nodiscard]] DiskStatus close_segment();
  [[nodiscard]] DiskStatus write_queue();
  [[nodiscard]] DiskStatus cut_to_end();
  [[nodiscard]] DiskStatus failed(DiskStatus status);
  [[nodiscard]] Result<std::uint64_t> chain_at(std::uint64_t position);
  void queue(BytesView body, std::uint32_t count);
  void remove_superseded(const std::vector<std::uint64_t>& snapshots);

  Disk* disk_;  // must outlive
  JournalOptions options_;
  std::uint64_t owner_ = 0;
  std::vector<std::uint64_t> segments_;  // first positions; the last one is written to
  std::uint64_t snapshot_ = 0;
  std::uint64_t previous_snapshot_ = 0;  // 0: none

  std::unique_ptr<DiskFile> file_;  // of the last segment
  std::uint64_t end_ = 0;           // where it goes on
  Mark written_;
  std::uint64_t durable_ = 0;
  bool unsynced_ = false;

  Bytes queue_;  // entries that are not written yet
  Mark queued_;  // behind them
  std::optional<DiskFailure> failed_;
};

}  // namespace yard::journal
