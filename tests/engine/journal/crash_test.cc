// Random scripts over a disk that loses power: what was synced is there, and nothing that was refused.
#include <algorithm>

#include "engine/journal/verify.h"
#include "tests/engine/journal/support.h"
#include "tests/support/seed.h"

namespace yard::journal {
namespace {

constexpr int kScripts = 3'000;
constexpr int kSteps = 60;

// One script: a journal beside a model of it, step by step. A body says which positions its entry has and which
// life of the journal wrote it, so that no two entries ever have the same.
class Script {
 public:
  explicit Script(std::uint64_t seed) : random_(seed) {
    options_ = {.segment_bytes = 128 + below(random_, 1'500), .preallocate = below(random_, 2) == 0, .owner = kOwner};
    disk_.set_capacity(chance(8) ? 3'000 + below(random_, 5'000) : UINT64_MAX);
  }

  void run() {
    reopen();
    for (int step = 0; step < kSteps && !::testing::Test::HasFatalFailure(); ++step) this->step();
    if (!::testing::Test::HasFatalFailure()) crash();
  }

 private:
  struct Entry {
    std::uint64_t first;
    std::uint32_t count;
    std::string body;
  };

  bool chance(std::uint64_t in) { return below(random_, in) == 0; }

  void step() {
    if (chance(25)) disk_.fail_operation(1 + below(random_, 6), chance(2) ? DiskError::kFull : DiskError::kFailed);
    switch (below(random_, 16)) {
      case 0: return end();
      case 1: return chance(4) ? close() : sync();
      case 2: return snapshot();
      case 3:
      case 4:
      case 5: return sync();
      case 6:
      case 7:
      case 8: return write();
      default: return append();
    }
  }

  void append() {
    Entry entry{
        .first = journal_->position() + 1, .count = static_cast<std::uint32_t>(1 + below(random_, 3)), .body = {}};
    entry.body = std::to_string(life_) + ":" + std::to_string(entry.first) + ":" + std::to_string(random_.next());
    entry.body.append(below(random_, chance(10) ? 2'000 : 100), 'x');
    if (journal_->append(entry.body, entry.count)) queued_.push_back(std::move(entry));
  }

  void write() { settle(journal_->write()); }

  // What became of the queue.
  void settle(const DiskStatus& status) {
    if (status) {
      written_.insert(written_.end(), queued_.begin(), queued_.end());
      chain_ = journal_->chain();
      queued_.clear();
      return note_durable();
    }
    if (status.error().kind == DiskError::kFull) {
      ASSERT_EQ(journal_->chain(), chain_) << "as before the write";
      ASSERT_EQ(journal_->position(), last_written());
      queued_.clear();
      return note_durable();
    }
    // Unknown: the entries may be there after the crash that has to come.
    maybe_.insert(maybe_.end(), queued_.begin(), queued_.end());
    queued_.clear();
    ASSERT_FALSE(journal_->append("x", 1).has_value()) << "failed for good";
    end();
  }

  void sync() {
    const DiskStatus status = journal_->sync();
    if (!status) return end();
    ASSERT_EQ(journal_->durable_position(), last_written());
    note_durable();
  }

  void close() {
    const DiskStatus status = journal_->close();
    if (status) {
      written_.insert(written_.end(), queued_.begin(), queued_.end());
      durable_ = last_written();
      queued_.clear();
    } else if (status.error().kind == DiskError::kFull) {
      // Either the queue was refused, or it is durable and only the seal was refused.
      if (journal_->written_position() != last_written())
        written_.insert(written_.end(), queued_.begin(), queued_.end());
      queued_.clear();
      note_durable();
    } else {
      maybe_.insert(maybe_.end(), queued_.begin(), queued_.end());
    }
    chance(2) && status ? reopen() : crash();
  }

  void snapshot() {
    const std::uint64_t position = boundary_up_to(journal_->durable_position());
    if (position == 0 || position < snapshot_) return;
    auto writer = journal_->begin_snapshot(position);
    if (!writer) return;
    const std::string text = "state at " + std::to_string(position);
    if (!writer->append(text)) return;
    if (chance(3)) append();
    if (!writer->seal() || chance(6)) return;
    snapshot_at_most_ = std::max(snapshot_at_most_, position);
    const DiskStatus status = journal_->finish_snapshot(*std::move(writer));
    if (status) snapshot_ = position;
    if (!status && status.error().kind != DiskError::kFull) end();
  }

  std::uint64_t boundary_up_to(std::uint64_t position) {
    std::vector<std::uint64_t> ends;
    for (const Entry& entry : written_) {
      const std::uint64_t end = entry.first + entry.count - 1;
      if (end <= position) ends.push_back(end);
    }
    return ends.empty() ? 0 : ends[ends.size() - 1 - below(random_, std::min<std::uint64_t>(ends.size(), 4))];
  }

  void end() { chance(3) ? die() : crash(); }

  // The process ends, the machine goes on: everything written is there, synced or not.
  void die() {
    queued_.clear();
    reopen();
  }

  void crash() {
    maybe_.insert(maybe_.end(), queued_.begin(), queued_.end());
    queued_.clear();
    journal_.reset();
    disk_.crash(random_);
    reopen();
  }

  // Opens what is left and holds it against the model.
  void reopen() {
    disk_.fail_operation(0, DiskError::kFailed);
    journal_.reset();
    const VerifyReport report = verify(disk_);
    ASSERT_FALSE(report.damage.has_value()) << to_string(to_error(*report.damage));
    auto journal = Journal::open(disk_, options_);
    if (!journal && journal.error().message.ends_with("no space")) {
      disk_.set_capacity(UINT64_MAX);
      journal = Journal::open(disk_, options_);
    }
    ASSERT_TRUE(journal.has_value()) << to_string(journal.error());
    journal_.emplace(*std::move(journal));
    ++life_;
    ASSERT_EQ(report.last_position, journal_->position());
    ASSERT_GE(journal_->snapshot_position(), snapshot_);
    ASSERT_LE(journal_->snapshot_position(), snapshot_at_most_);
    snapshot_ = journal_->snapshot_position();
    if (snapshot_ > 0) ASSERT_EQ(snapshot_text(*journal_), "state at " + std::to_string(snapshot_));
    compare();
  }

  void compare() {
    // What may be there, in order; all that is durable must be.
    std::vector<Entry> possible = written_;
    possible.insert(possible.end(), maybe_.begin(), maybe_.end());
    std::vector<Entry> found;
    std::size_t at = 0;
    while (at < possible.size() && possible[at].first <= snapshot_) found.push_back(possible[at++]);
    ASSERT_TRUE(journal_
                    ->replay(snapshot_ + 1,
                             [&](const EntryView& entry) -> Status {
                               if (at == possible.size() || possible[at].first != entry.first ||
                                   possible[at].count != entry.count || possible[at].body != entry.body) {
                                 return fail(ErrorCode::kInternal,
                                             "not what was written at " + std::to_string(entry.first));
                               }
                               found.push_back(possible[at++]);
                               return {};
                             })
                    .has_value());
    written_ = std::move(found);
    maybe_.clear();
    ASSERT_GE(last_written(), durable_);
    ASSERT_EQ(journal_->position(), last_written());
    durable_ = last_written();
    chain_ = journal_->chain();
  }

  std::uint64_t last_written() const {
    return written_.empty() ? 0 : written_.back().first + written_.back().count - 1;
  }
  void note_durable() { durable_ = std::max(durable_, journal_->durable_position()); }

  SeededRandom random_;
  MemoryDisk disk_;
  JournalOptions options_;
  std::optional<Journal> journal_;
  int life_ = 0;
  std::vector<Entry> queued_;
  std::vector<Entry> written_;
  std::vector<Entry> maybe_;  // nobody was told what became of them
  std::uint64_t durable_ = 0;
  std::uint64_t chain_ = 0;
  std::uint64_t snapshot_ = 0;
  std::uint64_t snapshot_at_most_ = 0;
};

TEST(JournalCrash, WhatWasSyncedSurvivesAndTheRestIsAPrefix) {
  const std::uint64_t seed = test_seed();
  for (int i = 0; i < kScripts; ++i) {
    SCOPED_TRACE("YARD_TEST_SEED=" + std::to_string(seed + static_cast<std::uint64_t>(i)));
    Script(seed + static_cast<std::uint64_t>(i)).run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace yard::journal
