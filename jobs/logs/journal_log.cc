#include "jobs/logs/journal_log.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "engine/base/check.h"
#include "engine/base/little_endian.h"
#include "engine/base/random.h"

namespace yard::jobs {
namespace {

constexpr std::size_t kEntryHead = 16;
constexpr std::size_t kCheckEvery = 1u << 20;  // bytes appended between two looks at the free space

// Of a new journal: one that nobody guesses. Of an old one: whoever's it is.
Result<std::uint64_t> owner_of(journal::Disk& disk) {
  const auto names = disk.list();
  if (!names) return std::unexpected(journal::to_error(names.error()));
  SystemRandom random;
  const bool is_new = std::ranges::none_of(*names, [](const std::string& name) { return name.starts_with("log-"); });
  return is_new ? random.next() | 1 : 0;
}

Status each_entry_record(const journal::EntryView& entry, LogPosition& last, const RecordVisit& visit) {
  if (entry.body.size() < kEntryHead) return fail(ErrorCode::kBadFrame, "entry: torn head");
  last = load_le<std::uint64_t>(entry.body, 8);
  return each_record(entry.body.substr(kEntryHead), visit);
}

}  // namespace

Result<std::unique_ptr<JournalLog>> JournalLog::open(const std::filesystem::path& folder,
                                                     const JournalLogOptions& options) {
  YARD_TRY(std::unique_ptr<journal::PosixDisk> disk,
           journal::PosixDisk::open(folder, journal::PosixDisk::Access::kWrite));
  YARD_TRY(const std::uint64_t owner, owner_of(*disk));
  YARD_TRY(journal::Journal journal, journal::Journal::open(*disk, {.preallocate = true, .owner = owner}));
  std::unique_ptr<JournalLog> log(new JournalLog(folder, options, std::move(disk), std::move(journal)));
  YARD_TRY_STATUS(log->find_epoch());
  return log;
}

// That of the last entry.
Status JournalLog::find_epoch() {
  const std::uint64_t position = journal_->position();
  if (position == 0) return {};
  return journal_->replay(position, [&](const journal::EntryView& entry) -> Status {
    if (entry.body.size() < kEntryHead) return fail(ErrorCode::kBadFrame, "entry: torn head");
    epoch_ = load_le<std::uint64_t>(entry.body, 0);
    return {};
  });
}

Result<LogPosition> JournalLog::replay(const RecordVisit& visit) {
  YARD_CHECK(journal_.has_value());
  YARD_TRY_STATUS(journal_->replay(
      1, [&](const journal::EntryView& entry) { return each_entry_record(entry, committed_, visit); }));
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
      .body = Bytes(kEntryHead, '\0'),
      .count = batch.count(),
      .last = last,
      .durability = batch.grade() == Grade::kSynced ? journal::Durability::kSynced : journal::Durability::kWritten};
  store_le(pending.body.data(), epoch);
  store_le(pending.body.data() + 8, last);
  pending.body.append(batch.bytes());
  batch.clear();
  unchecked_bytes_ += pending.body.size();
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
    case journal::Outcome::kFailed: out.push_back({CommitOutcome::kUnknown, committed_}); return;
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
  // After every commit, which says that there is room.
  if (low_ && !out.empty()) out.push_back({CommitOutcome::kFull, committed_});
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
