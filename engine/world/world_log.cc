#include "engine/world/world_log.h"

#include <algorithm>
#include <utility>

#include "engine/base/hash.h"
#include "engine/world/byte_fields.h"

namespace yard::graph {
namespace {

using journal::EntryView;
using journal::Journal;

constexpr std::size_t kEntryWanted = std::size_t{4} << 20;  // bytes: large writes, but not all memory at once

Status checked(const journal::DiskStatus& status) {
  if (status) return {};
  return std::unexpected(journal::to_error(status.error()));
}

// A world from what snapshot() wrote.
struct Kept {
  Bytes bytes;

  Result<std::unique_ptr<World>> world(std::shared_ptr<const Kinds> kinds,
                                       std::shared_ptr<tickets::WorkerPool> pool) const {
    ByteReader reader(bytes);
    BytesView began_record = reader.text();
    const std::string graph(reader.text());
    const BytesView state = reader.text();
    if (!reader.is_done()) return fail(ErrorCode::kBadFrame, "journal: its snapshot is damaged");
    YARD_TRY(const auto record, tickets::take_record(began_record));
    if (!record) return fail(ErrorCode::kBadFrame, "journal: its snapshot is damaged");
    YARD_TRY(const Cause cause, read_cause(*record));
    const auto* began = std::get_if<BeganCause>(&cause);
    if (began == nullptr) return fail(ErrorCode::kBadFrame, "journal: its snapshot is damaged");
    auto made =
        World::load(graph, std::move(kinds), {.journal = began->level, .pull = began->pull, .pool = std::move(pool)});
    if (!made)
      return fail(ErrorCode::kInvalidArguments, "journal: its graph is refused: " + made.error().front().message);
    YARD_TRY_STATUS((*made)->restore(state));
    (*made)->clear_outbox();
    return *std::move(made);
  }
};

Status replay_all(const Journal& journal, bool from_snapshot, std::shared_ptr<const Kinds> kinds, Replay& replay) {
  std::uint64_t from = 1;
  if (from_snapshot && journal.snapshot_position() > 0) {
    Kept kept;
    YARD_TRY_STATUS(journal.read_snapshot([&](BytesView chunk) -> Status {
      kept.bytes.append(chunk);
      return {};
    }));
    YARD_TRY(auto world, kept.world(std::move(kinds), replay.pool()));
    replay.begin(std::move(world), journal.snapshot_position());
    from = journal.snapshot_position() + 1;
  }
  YARD_TRY_STATUS(journal.replay(from, [&](const EntryView& entry) { return replay.take(entry.body, entry.first); }));
  return replay.finish();
}

}  // namespace

Result<bool> WorldLog::is_there(journal::Disk& disk) {
  const auto names = disk.list();
  if (!names) return std::unexpected(journal::to_error(names.error()));
  return std::ranges::any_of(*names, [](const std::string& name) { return name.starts_with("log-"); });
}

Result<WorldLog> WorldLog::create(journal::Disk& disk, const World& world) {
  YARD_TRY(const bool is_taken, is_there(disk));
  if (is_taken) return fail(ErrorCode::kConflict, "there is a journal already: go on with it, or take another folder");
  const std::uint64_t owner = hash64(world.graph_text()) | 1;  // the same world, the same bytes
  YARD_TRY(Journal journal, Journal::open(disk, {.owner = owner}));
  return WorldLog(std::move(journal));
}

Result<WorldLog::Opened> WorldLog::open(journal::Disk& disk, std::shared_ptr<const Kinds> kinds,
                                        std::shared_ptr<tickets::WorkerPool> pool, std::stop_token stop) {
  YARD_TRY(const bool has_journal, is_there(disk));
  if (!has_journal) return fail(ErrorCode::kNotFound, "there is no journal");
  YARD_TRY(Journal journal, Journal::open(disk, {}));
  // What it makes again is what the journal has: nothing of it is written a second time.
  Replay replay(kinds, {.verify = true, .pool = std::move(pool), .stop = std::move(stop)});
  YARD_TRY_STATUS(replay_all(journal, true, std::move(kinds), replay));
  WorldLog log(std::move(journal));
  YARD_TRY_STATUS(log.append(replay.take_missing()));
  return Opened{std::move(log), replay.take_world()};
}

Status WorldLog::append(BytesView records) {
  BytesView left = records;
  while (!left.empty()) {
    BytesView entry = left;
    std::uint32_t count = 0;
    while (!left.empty() && entry.size() - left.size() < kEntryWanted) {
      YARD_TRY(const auto record, tickets::take_record(left));
      if (!record) break;
      ++count;
    }
    entry.remove_suffix(left.size());
    YARD_TRY_STATUS(checked(journal_.append(entry, count)));
  }
  return checked(journal_.write());
}

Status WorldLog::sync() { return checked(journal_.sync()); }

Status WorldLog::close() { return checked(journal_.close()); }

Status WorldLog::snapshot(const World& world) {
  YARD_TRY_STATUS(sync());
  Bytes began;
  append_cause(began, {}, world.began());
  Bytes kept;
  append_text(kept, began);
  append_text(kept, world.graph_text());
  append_text(kept, world.snapshot());
  YARD_TRY(journal::SnapshotWriter writer, journal_.begin_snapshot(journal_.durable_position()));
  for (BytesView left = kept; !left.empty();) {
    const BytesView chunk = left.substr(0, kEntryWanted);
    YARD_TRY_STATUS(checked(writer.append(chunk)));
    left.remove_prefix(chunk.size());
  }
  return checked(journal_.finish_snapshot(std::move(writer)));
}

Status replay_journal(journal::Disk& disk, bool from_snapshot, std::shared_ptr<const Kinds> kinds, Replay& replay) {
  YARD_TRY(const Journal journal, Journal::open(disk, {.read_only = true}));
  return replay_all(journal, from_snapshot, std::move(kinds), replay);
}

Status replay_journal(journal::Disk& disk, const std::shared_ptr<const Kinds>& kinds, Replay& replay) {
  const Status whole = replay_journal(disk, false, kinds, replay);
  if (whole || whole.error().code != ErrorCode::kTruncated) return whole;
  return replay_journal(disk, true, kinds, replay);
}

Status each_record(journal::Disk& disk, const std::shared_ptr<const Kinds>& kinds, const VisitRecord& visit) {
  YARD_TRY(const Journal journal, Journal::open(disk, {.read_only = true}));
  const auto segments = journal.extent().segments;
  std::shared_ptr<const Image> image;
  return journal.replay(segments.empty() ? 1 : segments.front(), [&](const EntryView& entry) -> Status {
    BytesView left = entry.body;
    for (std::uint64_t seq = entry.first; !left.empty(); ++seq) {
      YARD_TRY(const auto record, tickets::take_record(left));
      if (!record) break;
      if (record->head.kind == tickets::RecordKind::kReload)
        if (auto loaded = load_graph(std::string(record->body), kinds)) image = *loaded;
      YARD_TRY_STATUS(visit(seq, *record, image.get()));
    }
    return {};
  });
}

}  // namespace yard::graph
