#include "engine/journal/recovery.h"

#include <algorithm>
#include <ranges>

namespace yard::journal {
namespace {

std::unexpected<Damage> missing(std::uint64_t first_position) {
  return std::unexpected(Damage{.code = ErrorCode::kTruncated,
                                .file = file_name(FileKind::kSegment, first_position),
                                .what = "this segment, or the one that holds this position, is missing"});
}

bool covers(const std::vector<std::uint64_t>& segments, std::uint64_t position) {
  return !segments.empty() && segments.front() <= position;
}

// Finds the newest intact snapshot. One that is damaged may be passed over if the log still holds what it held;
// a newer format or an unreadable disk may not.
Checked<void> choose_snapshot(Disk& disk, Recovered& found) {
  std::optional<Damage> first_damage;
  for (const std::uint64_t position : std::views::reverse(found.folder.snapshots)) {
    const auto header = check_snapshot(disk, position);
    if (header) {
      found.snapshot = *header;
      break;
    }
    if (header.error().code != ErrorCode::kBadFrame) return std::unexpected(header.error());
    if (!first_damage) first_damage = header.error();
  }
  const std::uint64_t begin = found.snapshot ? found.snapshot->position + 1 : 1;
  const bool empty = found.folder.segments.empty() && found.folder.snapshots.empty();
  if (empty || covers(found.folder.segments, begin)) return {};
  if (first_damage) return std::unexpected(*first_damage);
  return missing(begin);
}

// Goes through the segments in order and keeps `found` at what was read last.
class LogScan {
 public:
  LogScan(Disk& disk, std::uint64_t owner, Recovered& found) : disk_(disk), found_(found) {
    found_.owner = found_.snapshot ? found_.snapshot->owner : owner;
  }

  Checked<void> run() {
    for (std::size_t i = 0; i < found_.segments.size(); ++i) {
      YARD_TRY_STATUS(read_segment(found_.segments[i], i == 0, i + 1 == found_.segments.size()));
    }
    return {};
  }

 private:
  Checked<void> read_segment(std::uint64_t first, bool is_first, bool is_last) {
    if (!is_first && first != found_.position + 1) return missing(found_.position + 1);
    YARD_TRY(EntryReader reader, EntryReader::open(disk_, file_name(FileKind::kSegment, first)));
    YARD_TRY_STATUS(follow(reader, is_first));
    for (;;) {
      const auto entry = reader.next();
      if (!entry && is_last && entry.error().code == ErrorCode::kBadFrame) {
        YARD_TRY_STATUS(judge_tail(reader, entry.error()));
        break;
      }
      if (!entry) return std::unexpected(entry.error());
      if (!*entry) break;
      count(**entry, reader);
    }
    if (is_last && !snapshot_met_) return reader.damage("the log does not hold what the newest snapshot follows from");
    return {};
  }

  // The segment must begin where the one before it ended.
  Checked<void> follow(const EntryReader& reader, bool is_first) {
    const FileHeader& header = reader.header();
    if (header.kind != FileKind::kSegment) return reader.damage("this is no segment");
    if (is_first && found_.owner == 0) found_.owner = header.owner;
    if (header.owner != found_.owner) {
      return std::unexpected(Damage{.code = ErrorCode::kConflict,
                                    .file = file_name(FileKind::kSegment, header.position),
                                    .what = "it belongs to another owner"});
    }
    if (!is_first && header.chain != found_.chain) return reader.damage("the segment does not fit the chain");
    move_to(reader);
    found_.bytes += kFileHeaderBytes;
    return {};
  }

  void count(const EntryView& entry, const EntryReader& reader) {
    found_.bytes += reader.offset() - found_.end;
    ++found_.entries;
    found_.records += entry.count;
    found_.sealed = entry.count == 0;
    move_to(reader);
  }

  void move_to(const EntryReader& reader) {
    found_.position = reader.position();
    found_.chain = reader.chain();
    found_.end = reader.offset();
    const auto& snapshot = found_.snapshot;
    snapshot_met_ |= !snapshot || (snapshot->position == found_.position && snapshot->chain == found_.chain);
  }

  // An entry that was being written when the power went is cut off, with all that comes after it. One that was
  // ever known to be durable is not: then the disk lost it, and what follows from it must not go on.
  Checked<void> judge_tail(EntryReader& reader, const Damage& damage) {
    YARD_TRY(const EntryReader::Tail tail, reader.read_tail());
    found_.torn_bytes = tail.bytes;
    const bool snapshot_claims = found_.snapshot && found_.snapshot->position > found_.position;
    if (!tail.claim_at && !snapshot_claims) return {};
    const std::string who = tail.claim_at ? "the entry at byte " + std::to_string(*tail.claim_at) : "a snapshot";
    return reader.damage(damage.what + ", and " + who + " says that it was durable");
  }

  Disk& disk_;
  Recovered& found_;
  bool snapshot_met_ = false;
};

}  // namespace

Checked<Folder> list_folder(Disk& disk) {
  auto names = disk.list();
  if (!names) return std::unexpected(Damage{.code = ErrorCode::kIo, .file = ".", .what = names.error().message});
  Folder folder;
  for (std::string& name : *names) {
    const std::optional<FileName> parsed = parse_file_name(name);
    if (!parsed) continue;
    if (parsed->temporary) {
      folder.temporaries.push_back(std::move(name));
    } else {
      (parsed->kind == FileKind::kSegment ? folder.segments : folder.snapshots).push_back(parsed->position);
    }
  }
  std::ranges::sort(folder.segments);
  std::ranges::sort(folder.snapshots);
  return folder;
}

std::vector<std::uint64_t> segments_from(const std::vector<std::uint64_t>& segments, std::uint64_t begin) {
  auto from = std::ranges::upper_bound(segments, begin);
  if (from != segments.begin()) --from;
  return {from, segments.end()};
}

Checked<void> recover(Disk& disk, std::uint64_t owner, Recovered& found) {
  YARD_TRY(found.folder, list_folder(disk));
  YARD_TRY_STATUS(choose_snapshot(disk, found));
  found.segments = segments_from(found.folder.segments, found.snapshot ? found.snapshot->position + 1 : 1);
  if (found.snapshot && owner != 0 && found.snapshot->owner != owner) {
    return std::unexpected(Damage{.code = ErrorCode::kConflict,
                                  .file = file_name(FileKind::kSnapshot, found.snapshot->position),
                                  .what = "it belongs to another owner"});
  }
  return LogScan(disk, owner, found).run();
}

}  // namespace yard::journal
