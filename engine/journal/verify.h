// verify: what a folder holds and whether it is whole.
#pragma once

#include <optional>
#include <vector>

#include "engine/journal/entry_reader.h"

namespace yard::journal {

// Counts segments, entries, records and bytes after the newest intact snapshot, up to the first damage.
struct VerifyReport {
  std::size_t segments = 0;
  std::uint64_t entries = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;
  std::vector<std::uint64_t> snapshots;  // positions of those that are intact, ascending
  std::uint64_t last_position = 0;
  std::uint64_t torn_tail_bytes = 0;  // of writes that a crash interrupted; opening cuts them off
  bool sealed = false;                // closed in order, nothing written since
  std::optional<Damage> damage;       // the first: snapshots, newest first, then the log
};

// Reads everything and changes nothing. On a PosixDisk open it with Access::kRead, while nobody writes.
//
// Threads: any; blocks for as long as the reading takes.
[[nodiscard]] VerifyReport verify(Disk& disk);

}  // namespace yard::journal
