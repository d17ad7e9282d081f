// What the core wants done. Sockets, executors and the log stand around it and do it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "broker/core/instants.h"
#include "engine/base/bytes.h"
#include "jobs/executor.h"
#include "jobs/log.h"
#include "tools/host.h"

namespace yard::broker {

// Which front socket a message came by.
enum class Lane : std::uint8_t { kRequests, kControl, kWorkers };

// Where a reply goes.
struct Peer {
  Lane lane = Lane::kRequests;
  Bytes routing_id;

  bool operator==(const Peer&) const = default;
};

// Frames written one behind the other into one buffer: no allocation a frame.
template <typename Address>
class FrameBatch {
 public:
  struct Entry {
    Address to;
    std::size_t begin;
    std::size_t end;
  };

  // The buffer to append the frame to; end() closes it, abandon() drops it.
  Bytes& begin(Address to) {
    entries_.push_back({std::move(to), bytes_.size(), 0});
    return bytes_;
  }
  void end() { entries_.back().end = bytes_.size(); }
  void abandon() {
    bytes_.resize(entries_.back().begin);
    entries_.pop_back();
  }

  [[nodiscard]] bool empty() const { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] const Entry& operator[](std::size_t index) const { return entries_[index]; }
  [[nodiscard]] BytesView frame(const Entry& entry) const {
    return BytesView(bytes_).substr(entry.begin, entry.end - entry.begin);
  }
  [[nodiscard]] BytesView last() const { return frame(entries_.back()); }

  template <typename Visit>
  void each(Visit&& visit) const {
    for (const Entry& entry : entries_) visit(entry.to, frame(entry));
  }

  // Keeps the memory, within reason.
  void clear() {
    constexpr std::size_t kKeptBytes = 1u << 20;
    entries_.clear();
    bytes_.clear();
    if (bytes_.capacity() > kKeptBytes) bytes_.shrink_to_fit();
  }

  void append(const FrameBatch& other) {
    const std::size_t shift = bytes_.size();
    bytes_.append(other.bytes_);
    for (const Entry& entry : other.entries_) entries_.push_back({entry.to, entry.begin + shift, entry.end + shift});
  }

 private:
  Bytes bytes_;
  std::vector<Entry> entries_;
};

struct Everyone {};  // a publication's address

// A line for the log.
struct LogLine {
  std::string level;  // "info", "warn" or "error"
  std::string message;
};

// What may be seen outside.
struct Effects {
  FrameBatch<Peer> replies;
  FrameBatch<Everyone> events;
  std::vector<jobs::Work> starts;
  std::vector<JobId> stops;
  std::vector<jobs::Report> keeps;  // large results: to be stored; the report comes back with the reference
  std::vector<LogLine> logs;
  std::vector<InstantsQuestion> questions;  // to be answered by Core::on_instants
  std::vector<tools::HostAnswer> answers;   // for the host

  [[nodiscard]] bool empty() const {
    return replies.empty() && events.empty() && starts.empty() && stops.empty() && keeps.empty() && logs.empty() &&
           questions.empty() && answers.empty();
  }
  void clear();
  void append(Effects&& other);
};

struct Outputs {
  Effects effects;             // to be carried out now
  jobs::RecordBatch records;   // to be appended to the log; their effects follow when they are committed
  jobs::LogPosition last = 0;  // the position of the last of them

  [[nodiscard]] bool empty() const { return effects.empty() && records.empty(); }
};

}  // namespace yard::broker
