// Recorder: what a world writes to its journal.
#pragma once

#include <utility>

#include "engine/base/hash.h"
#include "engine/graph/image.h"
#include "engine/world/cause.h"
#include "engine/world/waves.h"

namespace yard::graph {

// A host takes the bytes, as one entry of a journal, before it lets effects out.
struct JournalPart {
  Bytes bytes;
  std::uint32_t records = 0;
};

// Threads: one.
class Recorder {
 public:
  explicit Recorder(tickets::JournalLevel level) : level_(level) {}

  [[nodiscard]] tickets::JournalLevel level() const { return level_; }
  [[nodiscard]] bool is_on() const { return level_ != tickets::JournalLevel::kOff; }
  [[nodiscard]] bool is_full() const { return level_ == tickets::JournalLevel::kFull; }

  void cause(std::uint64_t event_id, bool joined, const Cause& cause) {
    if (!is_on()) return;
    append_cause(part_.bytes, {.joined = joined, .event_id = event_id}, cause);
    ++part_.records;
  }
  void set(std::uint64_t event_id, bool joined, std::uint32_t output, DataType type, Cell value) {
    append_set(part_.bytes, {.joined = joined, .event_id = event_id}, output, type, value);
    ++part_.records;
  }
  // `params` is msgpack.
  void effect(std::uint64_t event_id, std::uint32_t node, std::string_view channel, BytesView params,
              const Hash128& intent);
  void step_scheduled(std::uint64_t event_id, std::uint32_t node);
  // What `node` has changed.
  void step_committed(std::uint64_t event_id, std::uint32_t node, const Image& image, const Cells& cells);
  void cycle_limit(std::uint64_t event_id, std::uint32_t cycle);
  void invariant_broken(std::uint64_t event_id, std::uint32_t node, std::string_view message);
  void settled(std::uint64_t event_id, std::int64_t now_ns);

  [[nodiscard]] std::size_t bytes() const { return part_.bytes.size(); }
  // What was written since the last take; empty the part that was taken to have its memory used again.
  [[nodiscard]] const JournalPart& part() const { return part_; }
  void clear() {
    part_.bytes.clear();
    part_.records = 0;
  }

 private:
  void append(tickets::RecordKind kind, std::uint64_t event_id, BytesView body);

  tickets::JournalLevel level_;
  JournalPart part_;
  Bytes body_;  // of the record that is made
};

inline constexpr std::uint8_t kFaultType = 6;  // behind the types of values

// What a cell holds, its type or kFaultType in front: 8 bytes, a text behind its length in 8 bytes, or a fault's code
// in a byte and its text.
void append_cell(Bytes& out, DataType type, std::uint32_t cell, const Cells& cells);

}  // namespace yard::graph
