// An entry of the journal of jobs: a batch of records behind 16 bytes, little endian.
//
//   u64 epoch, u64 position of its last record, records (jobs/log.h)
#pragma once

#include "engine/base/little_endian.h"
#include "engine/base/result.h"
#include "jobs/log.h"

namespace yard::jobs {

inline constexpr std::size_t kEntryHeadBytes = 16;

struct Entry {
  std::uint64_t epoch = 0;
  LogPosition last = 0;
  BytesView records;  // borrows
};

[[nodiscard]] inline Result<Entry> read_entry(BytesView bytes) {
  if (bytes.size() < kEntryHeadBytes) return fail(ErrorCode::kBadFrame, "entry: torn head");
  return Entry{.epoch = load_le<std::uint64_t>(bytes, 0),
               .last = load_le<std::uint64_t>(bytes, 8),
               .records = bytes.substr(kEntryHeadBytes)};
}

// Begins an entry in `out`, which is empty; records are appended behind it.
inline void begin_entry(Bytes& out, std::uint64_t epoch) {
  out.resize(kEntryHeadBytes);
  store_le(out.data(), epoch);
}
inline void set_entry_last(Bytes& entry, LogPosition last) { store_le(entry.data() + 8, last); }

}  // namespace yard::jobs
