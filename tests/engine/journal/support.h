// What the journal's tests share.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/memory_disk.h"

namespace yard::journal {

inline constexpr std::uint64_t kOwner = 0x5EED;

inline std::string segment(std::uint64_t first) { return file_name(FileKind::kSegment, first); }
inline std::string snapshot(std::uint64_t position) { return file_name(FileKind::kSnapshot, position); }

// Opens, or ends the test program: for where it must succeed.
inline Journal opened(Disk& disk, JournalOptions options = {.owner = kOwner}) {
  auto journal = Journal::open(disk, options);
  if (!journal) ADD_FAILURE() << to_string(journal.error());
  return *std::move(journal);
}

inline Error refused(Disk& disk, JournalOptions options = {.owner = kOwner}) {
  const auto journal = Journal::open(disk, options);
  EXPECT_FALSE(journal.has_value());
  return journal ? Error{} : journal.error();
}

// One entry of one record, written and synced.
inline void put(Journal& journal, BytesView body) {
  ASSERT_TRUE(journal.append(body, 1).has_value());
  ASSERT_TRUE(journal.write().has_value());
  ASSERT_TRUE(journal.sync().has_value());
}

// The bodies from record `from` on.
inline std::vector<std::string> bodies(Journal& journal, std::uint64_t from = 1) {
  std::vector<std::string> found;
  const Status status = journal.replay(from, [&](const EntryView& entry) -> Status {
    found.emplace_back(entry.body);
    return {};
  });
  if (!status) ADD_FAILURE() << to_string(status.error());
  return found;
}

// A snapshot of one chunk.
inline DiskStatus take_snapshot(Journal& journal, std::uint64_t position, BytesView chunk) {
  auto writer = journal.begin_snapshot(position);
  if (!writer) return std::unexpected(DiskFailure{.kind = DiskError::kFailed, .message = writer.error().message});
  if (const DiskStatus status = writer->append(chunk); !status) return status;
  return journal.finish_snapshot(*std::move(writer));
}

inline std::string snapshot_text(Journal& journal) {
  std::string text;
  const Status status = journal.read_snapshot([&](BytesView chunk) -> Status {
    text.append(chunk);
    return {};
  });
  if (!status) ADD_FAILURE() << to_string(status.error());
  return text;
}

}  // namespace yard::journal
