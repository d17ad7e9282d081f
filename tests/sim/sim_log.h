// SimLog: the log of jobs over a simulated disk, one step at a time.
#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "engine/journal/journal.h"
#include "engine/journal/memory_disk.h"
#include "jobs/log.h"

namespace yard::sim {

// The real journal without its thread: what is appended is written and synced when step() says so, and every
// moment between is one at which the world may end. A liar commits before that: for the canary.
//
// Threads: one.
class SimLog final : public jobs::JobLog {
 public:
  enum class Honesty { kHonest, kLiar };

  // Opens what `disk` has. Errors: the journal's.
  [[nodiscard]] static Result<SimLog> open(journal::MemoryDisk& disk, Honesty honesty);

  [[nodiscard]] std::uint64_t last_epoch() const override { return epoch_; }
  [[nodiscard]] jobs::Grade strongest() const override { return jobs::Grade::kSynced; }
  [[nodiscard]] Result<jobs::LogPosition> replay(const jobs::RecordVisit& visit) override;
  void append(std::uint64_t epoch, jobs::RecordBatch& batch, jobs::LogPosition last) override;
  void completions(std::vector<jobs::Commit>& out) override;
  [[nodiscard]] bool prepare_to_wait() override { return decided_.empty(); }
  [[nodiscard]] int wake_fd() const override { return -1; }
  void clear_wake() override {}
  [[nodiscard]] bool congested() const override { return false; }
  [[nodiscard]] std::string take_trouble() override { return {}; }
  void retry() override {}

  // Writes what is oldest, or syncs what is written. False if there is nothing to do.
  bool step();

 private:
  struct Pending {
    Bytes body;
    std::uint32_t count;
    jobs::LogPosition last;
    bool synced;  // what it asks for
    bool written = false;
  };

  SimLog(journal::Journal journal, Honesty honesty) : journal_(std::move(journal)), honesty_(honesty) {}
  void commit_what_is_there();
  void decide(jobs::CommitOutcome outcome, jobs::LogPosition position) { decided_.push_back({outcome, position}); }
  bool take(const journal::DiskStatus& status);

  journal::Journal journal_;
  Honesty honesty_;
  std::uint64_t epoch_ = 0;
  std::deque<Pending> pending_;
  jobs::LogPosition durable_ = 0;  // everything up to here survives the power
  bool failed_ = false;
  std::vector<jobs::Commit> decided_;
};

}  // namespace yard::sim
