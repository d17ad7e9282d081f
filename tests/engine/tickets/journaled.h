// A ledger with a journal in memory, and what it left there.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "engine/journal/memory_disk.h"
#include "engine/tickets/replay.h"

namespace yard::tickets {

inline void expect_ok(const Status& status) { EXPECT_TRUE(status.has_value()) << to_string(status.error()); }

inline std::unique_ptr<journal::Journal> open_journal(journal::Disk& disk) {
  auto journal = journal::Journal::open(disk, {.owner = 7});
  if (!journal) ADD_FAILURE() << to_string(journal.error());
  return journal ? std::make_unique<journal::Journal>(*std::move(journal)) : nullptr;
}

struct Journaled {
  Journaled(const Definition& definition, WorkerPool& pool)
      : journal(open_journal(disk)), sink(*journal), ledger(definition, pool, &sink) {}

  void sync() {
    EXPECT_TRUE(journal->write().has_value());
    EXPECT_TRUE(journal->sync().has_value());
  }

  journal::MemoryDisk disk;
  std::unique_ptr<journal::Journal> journal;
  JournalSink sink;
  Ledger ledger;
};

// All records of a journal, one behind the other.
inline Bytes records_of(const journal::Journal& journal, std::uint64_t from = 1) {
  Bytes all;
  expect_ok(journal.replay(from, [&](const journal::EntryView& entry) -> Status {
    all.append(entry.body);
    return {};
  }));
  return all;
}

// Calls visit(Record) for each.
template <typename Visit>
void each_record(BytesView records, Visit&& visit) {
  for (;;) {
    const auto record = take_record(records);
    ASSERT_TRUE(record.has_value()) << to_string(record.error());
    if (!*record) return;
    visit(**record);
  }
}

// How many there are of each kind.
inline std::map<std::string, int> kinds_of(BytesView records) {
  std::map<std::string, int> kinds;
  each_record(records, [&](const Record& record) { ++kinds[std::string(name_of(record.head.kind))]; });
  return kinds;
}

}  // namespace yard::tickets
