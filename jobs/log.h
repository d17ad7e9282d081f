// JobLog: the core's only seam to durability.
//
// Nothing is said before it is written: the core appends records, and replies and events that follow
// from them leave only when their position is committed to the grade they asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "jobs/job_id.h"

namespace yard::jobs {

// What an acknowledgement has survived when it is given.
enum class Grade : std::uint8_t {
  kVolatile,  // nothing: it dies with the process
  kBuffered,  // a crash of the process
  kSynced,    // a loss of power
};
std::string_view name_of(Grade grade);
std::optional<Grade> parse_grade(std::string_view name);

// Numbers are part of the format; never reused. records.h has the bodies.
enum class RecordKind : std::uint8_t {
  kSubmitted = 1,  // the order, and its first state
  kChanged = 2,    // another state that is not the last
  kEvent = 3,      // something else on the job's stream: progress, a chunk, an artifact, a line
  kEnded = 4,      // the last state
  kForgotten = 5,  // its retention is over
  kAmended = 6,    // other arguments, while it waits

  // Of the broker, without a job; broker_records.h has the bodies.
  kPaused = 32,   // what is paused from now on
  kSpent = 33,    // what a tenant has spent of its budget; in a job's place stands the tenant's subject_of()
  kAudited = 34,  // what an administrator did

  // The same of schedules; schedule.h has the bodies.
  kScheduled = 35,
  kFired = 36,
  kUnscheduled = 37,
};

// Counts records from 1; never reused.
using LogPosition = std::uint64_t;

struct RecordHead {
  RecordKind kind = RecordKind::kSubmitted;
  Grade grade = Grade::kVolatile;  // of its acknowledgement
  JobId job;
  LogPosition lsn = 0;
  WallTime time{};
};

// Records in the order in which they happened, as bytes, little endian:
//   u8 kind, u8 grade, u16 zero, u32 body length, 16B job, u64 lsn, u64 wall_ns, body (msgpack)
class RecordBatch {
 public:
  void append(const RecordHead& head, BytesView body);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::uint32_t count() const { return count_; }
  [[nodiscard]] BytesView bytes() const { return bytes_; }
  [[nodiscard]] Grade grade() const { return grade_; }  // the strongest asked for

  void clear();

 private:
  Bytes bytes_;
  std::uint32_t count_ = 0;
  Grade grade_ = Grade::kVolatile;
};

struct Record {
  RecordHead head;
  BytesView body;   // borrows from the batch's bytes
  BytesView whole;  // head and body
};

// Calls visit for each record in `bytes`. Errors: kBadFrame for torn bytes, and what visit returns.
using RecordVisit = std::function<Status(const Record&)>;
[[nodiscard]] Status each_record(BytesView bytes, const RecordVisit& visit);

enum class CommitOutcome : std::uint8_t {
  kCommitted,  // everything up to the position has its grade
  kFenced,     // another broker owns the log: stop
  kFull,       // hardly any space, or none: take no new work until the next kCommitted. What was appended waits
  kUnknown,    // the disk failed: stop
};

struct Commit {
  CommitOutcome outcome = CommitOutcome::kCommitted;
  LogPosition position = 0;
};

// Threads: the core's own; a backend's threads stay behind it.
class JobLog {
 public:
  virtual ~JobLog() = default;

  // The newest epoch that was appended under; 0 for a new log. Append under a greater one.
  [[nodiscard]] virtual std::uint64_t last_epoch() const = 0;

  // Grades beyond it are not to be had here.
  [[nodiscard]] virtual Grade strongest() const = 0;

  // Reads everything that was committed before this log was opened, in order, before anything is appended.
  // Returns the position of the last record. Errors: the log's damage, and what visit returns.
  [[nodiscard]] virtual Result<LogPosition> replay(const RecordVisit& visit) = 0;

  // Takes the batch (it is empty afterwards); its last record has position `last`.
  // Never blocks. `epoch` fences: a log that has seen a later one answers kFenced.
  virtual void append(std::uint64_t epoch, RecordBatch& batch, LogPosition last) = 0;

  // Moves what was decided since the last call into `out` (cleared first), in order of position.
  virtual void completions(std::vector<Commit>& out) = 0;

  // The next completion makes wake_fd() readable, until clear_wake(). False if there is one already.
  [[nodiscard]] virtual bool prepare_to_wait() = 0;
  [[nodiscard]] virtual int wake_fd() const = 0;  // -1 where everything is decided at once
  virtual void clear_wake() = 0;

  // What was appended and is not decided fills its bound: bring no more than must be.
  [[nodiscard]] virtual bool congested() const = 0;

  // What went wrong behind the scenes since the last call and stops nothing; empty: nothing did.
  [[nodiscard]] virtual std::string take_trouble() = 0;

  // Tries again what had no space. To be called every now and then while it is full.
  virtual void retry() = 0;
};

// A log in memory: commits at once, survives nothing. To keep its records for another start, and to claim
// grades for them, is for tests.
class MemoryLog final : public JobLog {
 public:
  explicit MemoryLog(bool keep_records = false) : keep_records_(keep_records) {}

  [[nodiscard]] std::uint64_t last_epoch() const override { return epoch_; }
  [[nodiscard]] Grade strongest() const override { return keep_records_ ? Grade::kSynced : Grade::kVolatile; }
  [[nodiscard]] Result<LogPosition> replay(const RecordVisit& visit) override;
  void append(std::uint64_t epoch, RecordBatch& batch, LogPosition last) override;
  void completions(std::vector<Commit>& out) override;
  [[nodiscard]] bool prepare_to_wait() override { return decided_.empty(); }
  [[nodiscard]] int wake_fd() const override { return -1; }
  void clear_wake() override {}
  [[nodiscard]] bool congested() const override { return false; }
  [[nodiscard]] std::string take_trouble() override { return {}; }
  void retry() override {}

 private:
  bool keep_records_;
  std::uint64_t epoch_ = 0;
  LogPosition last_ = 0;
  std::vector<Commit> decided_;
  Bytes kept_;
};

}  // namespace yard::jobs
