#include "engine/tickets/replay.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/tickets/record_difference.h"

namespace yard::tickets {
namespace {

// What a snapshot is written and read in.
constexpr std::size_t kChunkBytes = std::size_t{4} << 20;

Status differs(std::uint64_t position, const RecordDifference& difference) {
  return fail(ErrorCode::kConflict,
              "record " + std::to_string(position) + ": " + difference.field + ": expected " + difference.expected +
                  ", found " + difference.found,
              "/" + difference.field);
}

Status to_status(const journal::DiskStatus& status) {
  return status ? Status() : Status(std::unexpected(journal::to_error(status.error())));
}

}  // namespace

Status Replay::take(const journal::EntryView& entry) {
  BytesView bytes = entry.body;
  std::uint64_t position = entry.first;
  for (;; ++position) {
    YARD_TRY(const std::optional<Record> record, tickets::take_record(bytes));
    if (!record) return {};
    YARD_TRY_STATUS(take_record(position, *record));
  }
}

Status Replay::take_record(std::uint64_t position, const Record& found) {
  if (!is_cause(found.head.kind)) {
    YARD_TRY_STATUS(make_more(position, found));
  } else {
    YARD_TRY_STATUS(run_to(position, found));
    if (made_count_ == 0) YARD_TRY_STATUS(ledger_.take_cause(found));
  }
  return compare(position, found);
}

Status Replay::run_to(std::uint64_t position, const Record& cause) {
  while (made_count_ == 0 && ledger_.next_event_id() < cause.head.event_id) {
    YARD_TRY(const Settled settled, ledger_.settle(1));
    if (settled.batches == 0)
      return differs(position,
                     {"event_id", std::to_string(ledger_.next_event_id()), std::to_string(cause.head.event_id)});
  }
  return {};
}

Status Replay::make_more(std::uint64_t position, const Record& found) {
  while (made_count_ == 0) {
    YARD_TRY(const Settled settled, ledger_.settle(1));
    if (settled.batches == 0) return differs(position, {"kind", "nothing", std::string(name_of(found.head.kind))});
  }
  return {};
}

Status Replay::compare(std::uint64_t position, const Record& found) {
  BytesView rest = BytesView(made_).substr(made_at_);
  YARD_TRY(const std::optional<Record> expected, tickets::take_record(rest));
  YARD_CHECK(expected.has_value());
  if (const auto difference = find_difference(*expected, found)) return differs(position, *difference);
  made_at_ = made_.size() - rest.size();
  --made_count_;
  if (made_count_ == 0) {
    made_.clear();
    made_at_ = 0;
  }
  return {};
}

Status Replay::append(BytesView records, std::uint32_t count) {
  made_.append(records);
  made_count_ += count;
  return {};
}

Status recover(Ledger& ledger, journal::Journal& journal, JournalSink& sink) {
  if (journal.snapshot_position() > 0) {
    Bytes snapshot;
    YARD_TRY_STATUS(journal.read_snapshot([&](BytesView chunk) -> Status {
      snapshot.append(chunk);
      return {};
    }));
    YARD_TRY_STATUS(ledger.load(snapshot));
  }
  {
    Replay replay(ledger);
    YARD_TRY_STATUS(journal.replay(journal.snapshot_position() + 1,
                                   [&](const journal::EntryView& entry) { return replay.take(entry); }));
    if (replay.rest_count() > 0) YARD_TRY_STATUS(sink.append(replay.rest(), replay.rest_count()));
  }
  ledger.redirect(&sink);
  return {};
}

Status write_snapshot(const Ledger& ledger, journal::Journal& journal) {
  YARD_TRY_STATUS(to_status(journal.write()));
  YARD_TRY_STATUS(to_status(journal.sync()));
  YARD_TRY(journal::SnapshotWriter writer, journal.begin_snapshot(journal.position()));
  const Bytes bytes = ledger.save();
  for (std::size_t at = 0; at < bytes.size(); at += kChunkBytes)
    YARD_TRY_STATUS(to_status(writer.append(BytesView(bytes).substr(at, kChunkBytes))));
  return to_status(journal.finish_snapshot(std::move(writer)));
}

}  // namespace yard::tickets
