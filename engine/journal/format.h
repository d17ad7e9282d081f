// The bytes of the journal's files. FORMAT.md has the tables.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/base/bytes.h"
#include "engine/base/result.h"

namespace yard::journal {

inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::size_t kFileHeaderBytes = 64;
inline constexpr std::size_t kEntryHeadBytes = 32;
inline constexpr std::size_t kAlignment = 8;

// What a reader must be ready to hold in memory at once.
inline constexpr std::size_t kEntryBytesMax = std::size_t{64} << 20;
inline constexpr std::size_t kBodyBytesMax = kEntryBytesMax - kEntryHeadBytes;
static_assert(kEntryBytesMax % kAlignment == 0);

enum class FileKind : std::uint8_t { kSegment, kSnapshot };

struct FileHeader {
  FileKind kind = FileKind::kSegment;
  std::uint64_t position = 0;  // segment: of its first record; snapshot: the last that it contains
  std::uint64_t chain = 0;     // before the first entry
  std::uint64_t owner = 0;     // also keys the checks of entry heads

  bool operator==(const FileHeader&) const = default;
};

[[nodiscard]] Bytes encode_file_header(const FileHeader& header);

// `bytes` are the first of the file. Errors: kBadFrame (damaged), kUnsupported (another version, unknown flags).
[[nodiscard]] Result<FileHeader> decode_file_header(BytesView bytes);

// What an entry says beside its body.
struct EntryHead {
  std::uint32_t body_bytes = 0;
  std::uint32_t count = 0;    // records in the body; 0 seals
  std::uint64_t durable = 0;  // the last position known to be synced when this was queued
  std::uint64_t chain = 0;    // over all records up to here
};

// Bytes of an entry in the file: head, body, padding.
[[nodiscard]] constexpr std::size_t entry_bytes(std::size_t body_bytes) {
  return kEntryHeadBytes + (body_bytes + kAlignment - 1) / kAlignment * kAlignment;
}

// Appends an entry to `out` and returns its chain. `head.body_bytes` is ignored, `head.chain` is the previous one.
std::uint64_t append_entry(Bytes& out, EntryHead head, BytesView body, std::uint64_t owner);

// The head that `bytes` begin with; none if its check fails or the body would be too large.
[[nodiscard]] std::optional<EntryHead> decode_entry_head(BytesView bytes, std::uint64_t owner);

// The chain that the entry in `entry[0, size)` must carry after `previous`. Changes the bytes while it runs.
[[nodiscard]] std::uint64_t entry_chain(char* entry, std::size_t size, std::uint64_t previous);

// "log-<16 hex digits>", "snapshot-<16 hex digits>"; while they are being made, with ".tmp" behind.
[[nodiscard]] std::string file_name(FileKind kind, std::uint64_t position);
[[nodiscard]] std::string temporary_name(FileKind kind, std::uint64_t position);

struct FileName {
  FileKind kind;
  std::uint64_t position;
  bool temporary;
};

// None for what is no file of a journal.
[[nodiscard]] std::optional<FileName> parse_file_name(std::string_view name);

}  // namespace yard::journal
