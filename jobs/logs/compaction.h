// Compaction: what is still needed of a log, copied behind one another.
#pragma once

#include <cstdint>
#include <stop_token>
#include <vector>

#include "engine/base/result.h"
#include "engine/journal/disk.h"
#include "engine/journal/snapshot.h"

namespace yard::jobs {

// The part of a journal that a snapshot is to replace.
struct CompactionSource {
  std::uint64_t snapshot = 0;           // position of the one before; 0: none
  std::vector<std::uint64_t> segments;  // first positions of the closed ones behind it
};

// Copies every record of a job that is not forgotten by the end of `source`, the newest `tombstones_max` kForgotten,
// and of the broker's own the newest, in order, as chunks that look like entries, and seals the snapshot. Reads
// everything twice: whose jobs are gone is known only at the end.
//
// Errors:  kBadFrame, kIo, kTruncated; kCancelled when `stop` is requested.
// Threads: any, beside the journal's writer; blocks as long as it takes.
[[nodiscard]] Status compact(journal::Disk& disk, const CompactionSource& source, journal::SnapshotWriter& to,
                             std::size_t tombstones_max, const std::stop_token& stop);

}  // namespace yard::jobs
