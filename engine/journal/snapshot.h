// A snapshot: what the owner of the journal needs to go on from a position without the records before it.
#pragma once

#include <optional>

#include "engine/journal/entry_reader.h"

namespace yard::journal {

// Writes one snapshot, chunk by chunk, into a temporary file. It becomes real, and older segments go, with
// Journal::finish_snapshot. Dropped before that it leaves nothing. After an error it is spoiled: drop it.
//
// Threads: one at a time, any: it works on its own file only, so it may run beside the journal's writer.
class SnapshotWriter {
 public:
  // `header` says which position, and the chain there.
  [[nodiscard]] static DiskResult<SnapshotWriter> create(Disk& disk, const FileHeader& header);

  SnapshotWriter(SnapshotWriter&&) = default;
  SnapshotWriter& operator=(SnapshotWriter&&) = delete;
  ~SnapshotWriter();

  // Writes a chunk of at most kBodyBytesMax bytes; a pwrite each, so make them large.
  [[nodiscard]] DiskStatus append(BytesView chunk);

  // Writes the end mark and syncs: the long part of finishing, so that it need not block the journal's thread.
  [[nodiscard]] DiskStatus seal();

  [[nodiscard]] std::uint64_t position() const { return header_.position; }

 private:
  friend class Journal;
  SnapshotWriter(Disk& disk, std::unique_ptr<DiskFile> file, const FileHeader& header)
      : disk_(disk), file_(std::move(file)), header_(header), chain_(header.chain) {}
  [[nodiscard]] DiskStatus write(BytesView chunk, std::uint32_t count);
  [[nodiscard]] DiskStatus publish();

  Disk& disk_;                      // must outlive
  std::unique_ptr<DiskFile> file_;  // none once published, or moved from
  FileHeader header_;
  std::uint64_t chain_;
  std::uint64_t end_ = 0;
  bool sealed_ = false;
  std::optional<DiskFailure> failed_;
  Bytes buffer_;
};

// Reads the chunks of one snapshot.
class SnapshotReader {
 public:
  [[nodiscard]] static Checked<SnapshotReader> open(Disk& disk, std::uint64_t position);

  // The next chunk, borrowed until the next call; none at the end, which must be marked.
  [[nodiscard]] Checked<std::optional<BytesView>> next();

  [[nodiscard]] const FileHeader& header() const { return reader_.header(); }

 private:
  explicit SnapshotReader(EntryReader reader) : reader_(std::move(reader)) {}
  EntryReader reader_;
};

// Visits a snapshot's chunks.
//
// Errors:  kBadFrame, kTruncated (it is gone), kIo, and what `visit` returns.
// Threads: any, beside the journal's writer.
[[nodiscard]] Status read_snapshot(Disk& disk, std::uint64_t position,
                                   const std::function<Status(BytesView chunk)>& visit);

// Reads a snapshot from end to end. Returns its header.
[[nodiscard]] Checked<FileHeader> check_snapshot(Disk& disk, std::uint64_t position);

}  // namespace yard::journal
