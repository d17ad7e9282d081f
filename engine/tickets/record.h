// Records of a world's journal: what came in from outside, and what the world made of it.
//
// A cause is something that the world cannot know by itself: replaying the causes gives everything else again. A
// witness says what followed, so that a replay can be compared with it. RECORDS.md has the bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/little_endian.h"
#include "engine/base/result.h"

namespace yard::tickets {

// Numbers are never reused. Below 64: causes.
enum class RecordKind : std::uint8_t {
  kSet = 1,              // a source's value
  kEmit = 2,             // an event at a source
  kAdvance = 3,          // logical time
  kReload = 4,           // another graph
  kReceiptAppended = 5,  // what became of an effect
  kPolicyDecision = 6,   // what was decided upon measured time
  kDemand = 7,           // an output is looked at, or no longer
  kDeliver = 8,          // an event for an entity
  kCheckPoint = 9,       // the state to which a roll back returns
  kRollBack = 10,
  kBegan = 11,  // how the journal was begun

  kStepScheduled = 64,
  kStepCommitted = 65,
  kEffectQueued = 66,
  kStepFailed = 67,
  kStepSkipped = 68,
  kInvariantBroken = 69,
  kCycleLimit = 70,
  kBudgetDenied = 71,
  kDeferred = 72,  // a step of low priority had to let others go first
  kSettled = 73,   // all that a cause led to is done
};
[[nodiscard]] constexpr bool is_cause(RecordKind kind) { return static_cast<std::uint8_t>(kind) < 64; }
// As the seeds spell it: Set, StepScheduled and so on; "unknown" for a number that is none.
[[nodiscard]] std::string_view name_of(RecordKind kind);

// How much of what happens is written. Causes are enough for a replay; witnesses check it.
enum class JournalLevel : std::uint8_t { kOff, kCauses, kFull };
[[nodiscard]] std::string_view name_of(JournalLevel level);
[[nodiscard]] std::optional<JournalLevel> journal_level(std::string_view name);

struct RecordHead {
  RecordKind kind = RecordKind::kSet;
  bool joined = false;         // a cause that belongs with the one before: both are taken before anything runs
  std::uint16_t lane = 0;      // where the ticket's key belongs
  std::uint64_t event_id = 0;  // of the ticket; of a cause: the next one's
  bool operator==(const RecordHead&) const = default;
};

inline constexpr std::size_t kRecordHeadBytes = 16;
inline constexpr std::size_t kRecordAlignment = 8;
inline constexpr std::size_t kRecordBytesMax = std::size_t{60} << 20;  // a graph's text is the largest; fits an entry

// Appends one record to `out`. `write(char* place)` fills in the `size` bytes of its body.
template <typename Write>
void append_record(Bytes& out, const RecordHead& head, std::size_t size, Write&& write) {
  const std::size_t total = kRecordHeadBytes + size;
  const std::size_t padded = (total + kRecordAlignment - 1) / kRecordAlignment * kRecordAlignment;
  append_in_place(out, padded, [&](char* place) {
    store_le(place, static_cast<std::uint32_t>(total));
    store_le(place + 4, static_cast<std::uint8_t>(head.kind));
    store_le(place + 5, static_cast<std::uint8_t>(head.joined ? 1 : 0));
    store_le(place + 6, head.lane);
    store_le(place + 8, head.event_id);
    write(place + kRecordHeadBytes);
    for (std::size_t at = total; at < padded; ++at) place[at] = 0;
  });
}
inline void append_record(Bytes& out, const RecordHead& head, BytesView body) {
  append_record(out, head, body.size(), [&](char* place) { body.copy(place, body.size()); });
}

// A record in a journal's entry; borrowed.
struct Record {
  RecordHead head;
  BytesView body;
};

// Takes the first record off `bytes`; nothing at their end.
//
// Errors: kBadFrame (torn, a length that lies, padding or flags that say something, an unknown kind).
[[nodiscard]] Result<std::optional<Record>> take_record(BytesView& bytes);

}  // namespace yard::tickets
