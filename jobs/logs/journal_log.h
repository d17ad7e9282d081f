// JournalLog: the log of jobs in files of this machine.
#pragma once

#include <atomic>
#include <deque>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/event_fd.h"
#include "engine/base/mutex.h"
#include "engine/journal/group_writer.h"
#include "engine/journal/journal.h"
#include "engine/journal/posix_disk.h"
#include "engine/journal/verify.h"
#include "jobs/log.h"

namespace yard::jobs {

struct JournalLogOptions {
  // Less free space than this, and less than an eighth of the file system's: no new work.
  std::uintmax_t headroom_bytes = std::uintmax_t{64} << 20;

  // Appended and not decided, beyond which it is congested.
  std::size_t pending_bytes_max = std::size_t{128} << 20;

  std::uint64_t segment_bytes = std::uint64_t{64} << 20;

  // When so much was appended since the last compaction, jobs that are forgotten leave the disk, too.
  std::uint64_t compact_bytes = std::uint64_t{256} << 20;

  // Of jobs that are forgotten, what stays; see Tombstones.
  std::size_t tombstones_max = 1'000'000;
};

// Batches that found no space are kept, in order, until there is: nothing that the core has decided is lost or
// overtaken, and what waits for it is said later. The core is told before it comes to that, while there is
// still headroom.
//
// Threads: the core's own; the writer's and the compactor's stay behind it.
class JournalLog final : public JobLog {
 public:
  // Makes or opens the log in `folder`, which must exist, and holds it for this object's lifetime.
  //
  // Errors: those of PosixDisk::open and Journal::open: a folder that another broker uses, a network file system,
  //         damage with file and byte, another format version.
  [[nodiscard]] static Result<std::unique_ptr<JournalLog>> open(const std::filesystem::path& folder,
                                                                const JournalLogOptions& options);

  ~JournalLog() override;

  // Compactions since it was opened. Threads: any.
  [[nodiscard]] std::uint64_t compactions() const { return compactions_; }

  // Called on the compactor's thread before records of forgotten jobs leave the disk, for who has not read them.
  // To be set before replay.
  void before_compaction(std::function<void(const std::stop_token&)> hook) { before_compaction_ = std::move(hook); }

  // Visits what was written behind record number `after` of the journal, beside the log's own work, and returns the
  // number of the last one. Where records were compacted since, others before `after` are visited again: their lsn
  // tells. To be called after replay.
  //
  // Errors:  kCancelled (`stop`, or the log is being closed), the log's damage, and what `visit` returns.
  // Threads: any; waits for the disk, and for a compaction.
  [[nodiscard]] Result<std::uint64_t> read_on(std::uint64_t after, const RecordVisit& visit,
                                              const std::stop_token& stop) YARD_EXCLUDES(files_);

  // The number of the journal's last record that is written. Errors: kCancelled. Threads: any.
  [[nodiscard]] Result<std::uint64_t> end_position();

  [[nodiscard]] std::uint64_t last_epoch() const override { return epoch_; }
  [[nodiscard]] Grade strongest() const override { return Grade::kSynced; }
  [[nodiscard]] Result<LogPosition> replay(const RecordVisit& visit) override;
  void append(std::uint64_t epoch, RecordBatch& batch, LogPosition last) override;
  void completions(std::vector<Commit>& out) override;
  [[nodiscard]] bool prepare_to_wait() override;
  [[nodiscard]] int wake_fd() const override { return wake_.fd(); }
  void clear_wake() override { wake_.clear(); }
  [[nodiscard]] bool congested() const override { return pending_bytes_ >= options_.pending_bytes_max; }
  [[nodiscard]] std::string take_trouble() override YARD_EXCLUDES(mutex_);
  void retry() override;

 private:
  struct Pending {
    Bytes body;
    std::uint32_t count;
    LogPosition last;
    journal::Durability durability;
  };

  JournalLog(std::filesystem::path folder, const JournalLogOptions& options, std::unique_ptr<journal::Disk> disk,
             journal::Journal journal)
      : folder_(std::move(folder)), options_(options), disk_(std::move(disk)), journal_(std::move(journal)) {}

  [[nodiscard]] Status find_epoch();
  [[nodiscard]] bool submit(const Pending& pending);
  void take(const journal::Completion& completion, std::vector<Commit>& out) YARD_EXCLUDES(mutex_);
  [[nodiscard]] bool has_headroom() const;
  void begin_compaction();
  [[nodiscard]] Status run_compaction(const std::stop_token& stop) YARD_EXCLUDES(files_);
  [[nodiscard]] bool run_on_writer(const std::function<void(journal::Journal&)>& task);

  const std::filesystem::path folder_;
  const JournalLogOptions options_;
  const std::unique_ptr<journal::Disk> disk_;
  std::optional<journal::Journal> journal_;  // until the writer has it
  const EventFd wake_;
  std::unique_ptr<journal::GroupWriter> writer_;

  std::uint64_t epoch_ = 0;
  std::deque<Pending> pending_;  // not committed yet
  std::size_t pending_bytes_ = 0;
  std::size_t submitted_ = 0;  // of them, from the front, the writer has
  LogPosition committed_ = 0;
  bool full_ = false;                             // the writer refused; all but `submitted_` wait for retry()
  bool low_ = false;                              // there is hardly any headroom
  std::size_t unchecked_bytes_ = 0;               // appended since the space was looked at
  std::vector<Commit> decided_;                   // without the writer
  std::vector<journal::Completion> completions_;  // scratch

  std::uint64_t uncompacted_bytes_ = 0;
  std::atomic<bool> compacting_ = false;
  std::atomic<std::uint64_t> compactions_ = 0;
  std::function<void(const std::stop_token&)> before_compaction_;
  Mutex files_;  // held while segments are read, or replaced
  Mutex mutex_;
  std::string trouble_ YARD_GUARDED_BY(mutex_);  // of compactions, or what the disk said at the end
  std::jthread compactor_;
};

// What `switchyard-broker --verify` tells of a log. Errors: as open's; damage is in the report.
[[nodiscard]] Result<journal::VerifyReport> verify_log(const std::filesystem::path& folder);

}  // namespace yard::jobs
