// What a folder holds: read from disk, checked, and changed by nothing here.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/journal/snapshot.h"

namespace yard::journal {

// The files of a journal, by position, ascending.
struct Folder {
  std::vector<std::uint64_t> segments;
  std::vector<std::uint64_t> snapshots;
  std::vector<std::string> temporaries;
};
[[nodiscard]] Checked<Folder> list_folder(Disk& disk);

// The segments that `begin`s lie in: the last that starts at or before it, up to the newest.
[[nodiscard]] std::vector<std::uint64_t> segments_from(const std::vector<std::uint64_t>& segments, std::uint64_t begin);

// What a journal is to go on from.
struct Recovered {
  Folder folder;
  std::optional<FileHeader> snapshot;   // the newest that is intact
  std::vector<std::uint64_t> segments;  // those that hold what comes after it
  std::uint64_t owner = 0;
  std::uint64_t position = 0;  // the last
  std::uint64_t chain = 0;     // there
  std::uint64_t end = 0;       // bytes of the last segment that count
  bool sealed = true;          // nothing was written since the journal was closed
  std::uint64_t entries = 0;
  std::uint64_t records = 0;
  std::uint64_t bytes = 0;       // of segments, as far as they count
  std::uint64_t torn_bytes = 0;  // behind `end`, to be cut off
};

// Reads the newest intact snapshot and everything after it. On damage `found` holds what was read up to it.
//
// Errors: see Damage; kConflict if `owner` is not 0 and not the journal's.
[[nodiscard]] Checked<void> recover(Disk& disk, std::uint64_t owner, Recovered& found);

}  // namespace yard::journal
