// GroupWriter: a thread of its own for a journal, with natural group commit.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/mutex.h"
#include "engine/journal/journal.h"

namespace yard::journal {

// What an entry must have survived before it is reported.
enum class Durability : std::uint8_t {
  kWritten,  // the process
  kSynced,   // the power
};

enum class Outcome : std::uint8_t {
  kOk,
  kFull,    // no space: the range was refused, nothing of it will ever be there; later ones may succeed
  kFailed,  // the disk failed: of what is behind `synced` nothing is known, and nothing will be taken any more
};

// How far the log is. Positions are those that were given to submit.
struct Completion {
  Outcome outcome = Outcome::kOk;
  std::uint64_t written = 0;       // everything up to here that was not refused is written
  std::uint64_t synced = 0;        // and up to here durable
  std::uint64_t refused_from = 0;  // first and last position of what was refused; 0: nothing
  std::uint64_t refused_to = 0;
  std::string message;  // of the failure, for people
};

struct GroupWriterOptions {
  // Entries that wait for the thread, as large as they will be in the file; then submit refuses. An entry is
  // always taken when nothing waits.
  std::size_t queue_bytes_max = std::size_t{64} << 20;
};

// Takes everything that is queued (4 MiB at most), writes it with one pwrite, reports it written, syncs if any of
// it asked for that, reports it synced. While one sync runs the next group gathers: no timer.
//
// When the disk is full, everything queued is refused, and so is everything that is submitted before the consumer
// has drained that news: nothing is ever written that was submitted in the belief that something refused was there.
class GroupWriter {
 public:
  // `wake` is called, without a lock held, on the writer's or a submitter's thread, when a completion comes for a
  // consumer that said it will wait.
  GroupWriter(Journal journal, GroupWriterOptions options, std::function<void()> wake);
  ~GroupWriter() { stop(); }
  GroupWriter(const GroupWriter&) = delete;
  GroupWriter& operator=(const GroupWriter&) = delete;

  // Queues an entry of `count` records, the last of which the caller numbers `last`: greater than any before that
  // was not refused. These are the journal's own positions if the caller starts at its position and takes refused
  // numbers again. False, and nothing taken, when the queue is full or stopped.
  //
  // Threads: any; never waits for the disk.
  [[nodiscard]] bool submit(Bytes body, std::uint32_t count, std::uint64_t last, Durability durability)
      YARD_EXCLUDES(mutex_);

  // Calls `task` on the writer's thread between two groups: to begin and finish snapshots. False when stopped.
  [[nodiscard]] bool run(std::function<void(Journal&)> task) YARD_EXCLUDES(mutex_);

  // Moves what was reported since the last call into `out` (cleared first), in order; several good ones may have
  // become one. Threads: the consumer's.
  void drain(std::vector<Completion>& out) YARD_EXCLUDES(mutex_);

  // The consumer is about to wait: the next completion wakes it. False if there is one already.
  [[nodiscard]] bool prepare_to_wait() YARD_EXCLUDES(mutex_);

  // Writes and syncs what is queued, seals the journal, ends the thread; drain still tells how it went.
  // Threads: the one that constructed it.
  void stop() YARD_EXCLUDES(mutex_);

 private:
  struct Entry {
    Bytes body;
    std::uint32_t count = 0;
    std::uint64_t last = 0;
    Durability durability = Durability::kWritten;

    [[nodiscard]] std::uint64_t first() const { return last - count + 1; }
    [[nodiscard]] std::size_t bytes() const { return entry_bytes(body.size()); }
  };
  struct Work {
    std::vector<Entry> group;
    std::vector<std::function<void(Journal&)>> tasks;
    bool stop = false;
  };

  void loop();
  [[nodiscard]] Work take() YARD_EXCLUDES(mutex_);
  void write(std::vector<Entry>& group);
  void close();
  void report_progress() YARD_EXCLUDES(mutex_);
  void refuse(const DiskFailure& failure, std::uint64_t first, std::uint64_t last) YARD_EXCLUDES(mutex_);
  void add_refused(std::uint64_t first, std::uint64_t last) YARD_REQUIRES(mutex_);
  [[nodiscard]] bool take_waiter() YARD_REQUIRES(mutex_);

  const GroupWriterOptions options_;
  const std::function<void()> wake_;

  // The thread's own.
  Journal journal_;
  std::uint64_t written_ = 0;
  std::uint64_t synced_ = 0;

  Mutex mutex_;
  CondVar work_;
  std::deque<Entry> queue_ YARD_GUARDED_BY(mutex_);
  std::size_t queued_bytes_ YARD_GUARDED_BY(mutex_) = 0;
  std::vector<std::function<void(Journal&)>> tasks_ YARD_GUARDED_BY(mutex_);
  bool stopping_ YARD_GUARDED_BY(mutex_) = false;
  std::optional<Completion> refusing_ YARD_GUARDED_BY(mutex_);  // how what comes now is refused
  std::vector<Completion> completions_ YARD_GUARDED_BY(mutex_);
  bool waited_for_ YARD_GUARDED_BY(mutex_) = false;

  std::jthread thread_;  // last: it uses all of the above
};

}  // namespace yard::journal
