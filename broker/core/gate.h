// Gate: nothing is said before it is written.
#pragma once

#include <deque>
#include <vector>

#include "broker/core/outputs.h"
#include "jobs/log.h"

namespace yard::broker {

// Effects of jobs are written behind the gate. Those of a flush wait until the records that were
// appended by then are committed; they leave in the order in which they were written.
// Threads: one.
class Gate {
 public:
  // Where whatever follows from a job's state is put.
  [[nodiscard]] Effects& effects() { return gathering_; }

  // Goes on behind a log that was replayed.
  void start(jobs::LogPosition last) { position_ = recorded_ = committed_ = last; }

  // The record that the effects of its job wait for. `lsn` is filled in.
  void append(jobs::RecordHead head, BytesView body) {
    head.lsn = recorded_ = ++position_;
    records_.append(head, body);
  }

  // The same where nothing is to be kept: what follows waits for nothing.
  void pass() { ++position_; }

  // The position of the newest record: the lsn of what follows from it.
  [[nodiscard]] jobs::LogPosition position() const { return position_; }

  // Moves new records, and effects that need not wait any longer, to `out`.
  void flush(Outputs& out);

  // Nothing waits for a record, or to be flushed.
  [[nodiscard]] bool clear() const { return held_.empty() && gathering_.empty(); }

  // Everything up to `position` is committed.
  void committed(jobs::LogPosition position) { committed_ = position; }

 private:
  struct Held {
    jobs::LogPosition position;
    Effects effects;
  };

  [[nodiscard]] Effects take_spare();
  void keep_spare(Effects&& effects);

  Effects gathering_;
  std::vector<Effects> spare_;  // empty ones, for their memory
  jobs::RecordBatch records_;
  jobs::LogPosition position_ = 0;  // counts what happened
  jobs::LogPosition recorded_ = 0;  // the last of it that is kept
  jobs::LogPosition committed_ = 0;
  std::deque<Held> held_;
};

}  // namespace yard::broker
