// StreamLog: the retained history of one stream.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/bytes.h"
#include "iopub/event.h"

namespace yard::iopub {

// Numbers a stream's events densely from 1 and keeps the newest within `bytes_max`. What is cut off
// at the old end is gone for replay; `oldest()` says so, nothing is skipped in silence.
// Threads: one.
class StreamLog {
 public:
  explicit StreamLog(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // Takes the next seq, keeps the event, and returns its complete header. `header.seq` is ignored.
  EventHeader append(EventHeader header, BytesView body);

  // The newest seq; 0 before the first event.
  [[nodiscard]] std::uint64_t last() const { return last_; }

  // The oldest seq that replay can give; last() + 1 if it can give none.
  [[nodiscard]] std::uint64_t oldest() const { return last_ - count_ + 1; }

  [[nodiscard]] std::size_t bytes() const { return arena_.size() - begin_; }

  // Calls visit(header, body) for retained events from seq `from` on, in order, until it returns false.
  template <typename Visit>
  void replay(std::uint64_t from, Visit&& visit) const;

 private:
  struct Entry {
    EventHeader header;
    BytesView body;
    std::size_t end;
  };
  [[nodiscard]] Entry entry_at(std::size_t at) const;
  void drop_oldest();

  std::size_t bytes_max_;
  std::uint64_t last_ = 0;
  std::uint64_t count_ = 0;
  std::size_t begin_ = 0;  // where the oldest entry starts in the arena
  Bytes arena_;            // entries: u32 body length, header, body
};

template <typename Visit>
void StreamLog::replay(std::uint64_t from, Visit&& visit) const {
  for (std::size_t at = begin_; at < arena_.size();) {
    const Entry entry = entry_at(at);
    if (entry.header.seq >= from && !visit(entry.header, entry.body)) return;
    at = entry.end;
  }
}

}  // namespace yard::iopub
