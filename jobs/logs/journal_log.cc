#include "jobs/logs/journal_log.h"

#include <algorithm>
#include <future>
#include <system_error>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/random.h"
#include "jobs/logs/compaction.h"
#include "jobs/logs/entry.h"

namespace yard::jobs {
namespace {

constexpr std::size_t kCheckEvery = 1u << 20;  // bytes appended between two looks at the free space

// Of a new journal: one that nobody guesses. Of an old one: whoever's it is.
Result<std::uint64_t> owner_of(journal::Disk& disk) {
  const auto names = disk.list();
  if (!names) return std::unexpected(journal::to_error(names.error()));
  SystemRandom random;
  const bool is_new = std::ranges::none_of(*names, [](const std::string& name) { return name.starts_with("log-"); });
  return is_new ? random.next() | 1 : 0;
}

}  // namespace

Result<std::unique_ptr<JournalLog>> JournalLog::open(const std::filesystem::path& folder,
                                                     const JournalLogOptions& options) {
  YARD_TRY(std::unique_ptr<journal::PosixDisk> disk,
           journal::PosixDisk::open(folder, journal::PosixDisk::Access::kWrite));
  YARD_TRY(const std::uint64_t owner, owner_of(*disk));
  YARD_TRY(
      journal::Journal journal,
      journal::Journal::open(*disk, {.segment_bytes = options.segment_bytes, .preallocate = true, .owner = owner}));
  std::unique_ptr<JournalLog> log(new JournalLog(folder, options, std::move(disk), std::move(journal)));
  YARD_TRY_STATUS(log->find_epoch());
  return log;
}

// That of the last entry, or of what has replaced it.
Status JournalLog::find_epoch() {
  const std::uint64_t position = journal_->position();
  const auto note = [&](BytesView bytes) -> Status {
    YARD_TRY(const Entry entry, read_entry(bytes));
    epoch_ = std::max(epoch_, entry.epoch);
    return {};
  };
  if (position == 0) return {};
  if (position == journal_->snapshot_position()) return journal_->read_snapshot(note);
  return journal_->replay(position, [&](const journal::EntryView& entry) { return note(entry.body); });
}

Result<LogPosition> JournalLog::replay(const RecordVisit& visit) {
  YARD_CHECK(journal_.has_value());
  const auto visit_entry = [&](BytesView bytes) -> Status {
    YARD_TRY(const Entry entry, read_entry(bytes));
    committed_ = entry.last;
    return each_record(entry.records, visit);
  };
  const std::uint64_t snapshot = journal_->snapshot_position();
  if (snapshot != 0) YARD_TRY_STATUS(journal_->read_snapshot(visit_entry));
  YARD_TRY_STATUS(
      journal_->replay(snapshot + 1, [&](const journal::EntryView& entry) { return visit_entry(entry.body); }));
  uncompacted_bytes_ = journal_->closed_segments().size() * options_.segment_bytes;
  writer_ = std::make_unique<journal::GroupWriter>(*std::exchange(journal_, std::nullopt),
                                                   journal::GroupWriterOptions{}, [this] { wake_.signal(); });
  return committed_;
}

void JournalLog::append(std::uint64_t epoch, RecordBatch& batch, LogPosition last) {
  YARD_CHECK(writer_ != nullptr);
  if (epoch < epoch_) {
    decided_.push_back({CommitOutcome::kFenced, last});
    return batch.clear();
  }
  epoch_ = epoch;
  Pending pending{
      .body = {},
      .count = batch.count(),
      .last = last,
      .durability = batch.grade() == Grade::kSynced ? journal::Durability::kSynced : journal::Durability::kWritten};
  begin_entry(pending.body, epoch);
  set_entry_last(pending.body, last);
  pending.body.append(batch.bytes());
  batch.clear();
  unchecked_bytes_ += pending.body.size();
  uncompacted_bytes_ += pending.body.size();
  pending_bytes_ += pending.body.size();
  pending_.push_back(std::move(pending));
  if (submitted_ + 1 == pending_.size() && !full_ && submit(pending_.back())) ++submitted_;
}

bool JournalLog::submit(const Pending& pending) {
  return writer_->submit(pending.body, pending.count, pending.last, pending.durability);
}

void JournalLog::take(const journal::Completion& completion, std::vector<Commit>& out) {
  const LogPosition before = committed_;
  while (submitted_ > 0) {
    const Pending& oldest = pending_.front();
    const LogPosition reached =
        oldest.durability == journal::Durability::kSynced ? completion.synced : completion.written;
    if (oldest.last > reached) break;
    committed_ = oldest.last;
    pending_bytes_ -= oldest.body.size();
    pending_.pop_front();
    --submitted_;
  }
  if (committed_ != before) out.push_back({CommitOutcome::kCommitted, committed_});
  switch (completion.outcome) {
    case journal::Outcome::kOk: return;
    case journal::Outcome::kFull:
      full_ = true;
      while (submitted_ > 0 && completion.refused_from != 0 && pending_[submitted_ - 1].last >= completion.refused_from)
        --submitted_;
      out.push_back({CommitOutcome::kFull, committed_});
      return;
    case journal::Outcome::kFailed: {
      const MutexLock lock(mutex_);
      trouble_ = completion.message;
      out.push_back({CommitOutcome::kUnknown, committed_});
      return;
    }
  }
}

void JournalLog::completions(std::vector<Commit>& out) {
  out.clear();
  std::swap(out, decided_);
  writer_->drain(completions_);
  for (const journal::Completion& completion : completions_) take(completion, out);
  if (!full_ && submitted_ < pending_.size()) retry();  // the writer's queue had no room
  if (unchecked_bytes_ >= kCheckEvery) {
    unchecked_bytes_ = 0;
    low_ = !has_headroom();
  }
  if (uncompacted_bytes_ >= options_.compact_bytes && !compacting_.exchange(true)) begin_compaction();
  // After every commit, which says that there is room.
  if (low_ && !out.empty()) out.push_back({CommitOutcome::kFull, committed_});
}

std::string JournalLog::take_trouble() {
  const MutexLock lock(mutex_);
  return std::exchange(trouble_, {});
}

bool JournalLog::prepare_to_wait() { return decided_.empty() && writer_->prepare_to_wait(); }

void JournalLog::retry() {
  while (submitted_ < pending_.size() && submit(pending_[submitted_])) ++submitted_;
  full_ = false;
  if (low_ && has_headroom()) {
    low_ = false;
    if (pending_.empty()) decided_.push_back({CommitOutcome::kCommitted, committed_});
  }
}

// ---- readers beside it

Result<std::uint64_t> JournalLog::end_position() {
  std::uint64_t position = 0;
  if (!run_on_writer([&](const journal::Journal& journal) { position = journal.written_position(); }))
    return fail(ErrorCode::kCancelled, "the log is being closed");
  return position;
}

Result<std::uint64_t> JournalLog::read_on(std::uint64_t after, const RecordVisit& visit, const std::stop_token& stop) {
  const MutexLock lock(files_);
  journal::Extent extent;
  if (!run_on_writer([&](const journal::Journal& journal) { extent = journal.extent(); }))
    return fail(ErrorCode::kCancelled, "the log is being closed");
  const auto visit_entry = [&](BytesView bytes) -> Status {
    if (stop.stop_requested()) return fail(ErrorCode::kCancelled, "stopped while it read the log");
    YARD_TRY(const Entry entry, read_entry(bytes));
    return each_record(entry.records, visit);
  };
  if (after < extent.snapshot) {
    YARD_TRY_STATUS(journal::read_snapshot(*disk_, extent.snapshot, visit_entry));
    after = extent.snapshot;
  }
  YARD_TRY_STATUS(journal::read_extent(*disk_, extent, after + 1,
                                       [&](const journal::EntryView& entry) { return visit_entry(entry.body); }));
  return extent.position;
}

// ---- compaction

JournalLog::~JournalLog() {
  compactor_ = {};  // before the writer that it waits for
}

void JournalLog::begin_compaction() {
  uncompacted_bytes_ = 0;
  compactor_ = std::jthread([this](const std::stop_token& stop) {
    const Status done = run_compaction(stop);
    if (done) {
      ++compactions_;
    } else if (done.error().code != ErrorCode::kCancelled) {
      // It goes on growing, and is tried again when it has grown as much again.
      const MutexLock lock(mutex_);
      trouble_ = "the log could not be compacted: " + to_string(done.error());
    }
    compacting_ = false;
  });
}

// On the compactor's thread; the journal itself belongs to the writer's.
Status JournalLog::run_compaction(const std::stop_token& stop) {
  if (before_compaction_) before_compaction_(stop);
  const MutexLock lock(files_);
  CompactionSource source;
  std::optional<journal::SnapshotWriter> snapshot;
  Status begun;
  const auto begin = [&](journal::Journal& journal) {
    source.snapshot = journal.snapshot_position();
    source.segments = journal.closed_segments();
    if (source.segments.empty()) return;
    auto writer = journal.begin_snapshot(journal.closed_position());
    if (writer) {
      snapshot.emplace(*std::move(writer));
    } else {
      begun = std::unexpected(writer.error());
    }
  };
  if (!run_on_writer(begin) || !begun || !snapshot) return begun;
  YARD_TRY_STATUS(compact(*disk_, source, *snapshot, options_.tombstones_max, stop));
  Status finished;
  const auto finish = [&](journal::Journal& journal) {
    const journal::DiskStatus status = journal.finish_snapshot(*std::move(snapshot));
    if (!status) finished = std::unexpected(journal::to_error(status.error()));
  };
  return run_on_writer(finish) ? finished : fail(ErrorCode::kCancelled, "compaction: the log is being closed");
}

// Waits until `task` has run between two groups. False when the writer has stopped.
bool JournalLog::run_on_writer(const std::function<void(journal::Journal&)>& task) {
  std::promise<void> done;
  if (!writer_->run([&](journal::Journal& journal) {
        task(journal);
        done.set_value();
      })) {
    return false;
  }
  done.get_future().wait();
  return true;
}

bool JournalLog::has_headroom() const {
  std::error_code error;
  const std::filesystem::space_info space = std::filesystem::space(folder_, error);
  return error || space.available >= std::min(options_.headroom_bytes, space.capacity / 8);
}

Result<journal::VerifyReport> verify_log(const std::filesystem::path& folder) {
  YARD_TRY(const std::unique_ptr<journal::PosixDisk> disk,
           journal::PosixDisk::open(folder, journal::PosixDisk::Access::kRead));
  return journal::verify(*disk);
}

}  // namespace yard::jobs
