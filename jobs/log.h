// JobLog: the core's only seam to durability.
//
// Nothing is said before it is written: the core appends records, and replies and events that follow
// from them leave only when their position is committed to the grade they asked for.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
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

enum class RecordKind : std::uint8_t { kSubmitted = 1, kStarted = 2, kChanged = 3, kEnded = 4 };

// Counts records from 1; never reused.
using LogPosition = std::uint64_t;

// Records in the order in which they happened, as bytes:
//   u8 kind, u8 grade, u16 zero, u32 body length, 16B job, body (msgpack)
class RecordBatch {
 public:
  void append(RecordKind kind, Grade grade, JobId job, BytesView body);

  [[nodiscard]] bool empty() const { return count_ == 0; }
  [[nodiscard]] std::size_t count() const { return count_; }
  [[nodiscard]] BytesView bytes() const { return bytes_; }
  [[nodiscard]] Grade grade() const { return grade_; }  // the strongest asked for

  void clear();

 private:
  Bytes bytes_;
  std::size_t count_ = 0;
  Grade grade_ = Grade::kVolatile;
};

struct Record {
  RecordKind kind;
  Grade grade;
  JobId job;
  BytesView body;  // borrows from the batch's bytes
};

// Calls visit for each record in `bytes`. Errors: kBadFrame for torn bytes.
[[nodiscard]] Status each_record(BytesView bytes, const std::function<void(const Record&)>& visit);

enum class CommitOutcome : std::uint8_t {
  kCommitted,  // everything up to the position has its grade
  kFenced,     // another broker owns the log: stop
  kFull,       // no space: refused, may be tried again
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

  // Takes the batch (it is empty afterwards); its last record gets `last` as its position.
  // Never blocks. `epoch` fences: a log that has seen a later one answers kFenced.
  virtual void append(std::uint64_t epoch, RecordBatch& batch, LogPosition last) = 0;

  // Moves what was decided since the last call into `out`, in order of position.
  virtual void completions(std::vector<Commit>& out) = 0;

  // Reads everything that was committed before this log was opened, in order.
  [[nodiscard]] virtual Status replay(const std::function<void(const Record&)>& visit) = 0;
};

// A log in memory: commits at once, survives nothing. Keeps its records for replay only if asked to.
class MemoryLog final : public JobLog {
 public:
  explicit MemoryLog(bool keep_records = false) : keep_records_(keep_records) {}

  void append(std::uint64_t epoch, RecordBatch& batch, LogPosition last) override;
  void completions(std::vector<Commit>& out) override;
  [[nodiscard]] Status replay(const std::function<void(const Record&)>& visit) override;

 private:
  bool keep_records_;
  std::uint64_t epoch_ = 0;
  std::vector<Commit> decided_;
  Bytes kept_;
};

}  // namespace yard::jobs
