#include "engine/journal/format.h"

#include <array>
#include <charconv>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/base/little_endian.h"

namespace yard::journal {
namespace {

constexpr std::string_view kSegmentMagic = "YARDLOG1";
constexpr std::string_view kSnapshotMagic = "YARDSNP1";
constexpr std::string_view kSegmentPrefix = "log-";
constexpr std::string_view kSnapshotPrefix = "snapshot-";
constexpr std::string_view kTemporarySuffix = ".tmp";
constexpr std::uint32_t kEntryMagic = 0x544E4559;  // "YENT"
constexpr std::size_t kHexDigits = 16;

// Places in a file's header.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kFlagsAt = 12;
constexpr std::size_t kPositionAt = 16;
constexpr std::size_t kChainBeforeAt = 24;
constexpr std::size_t kOwnerAt = 32;
constexpr std::size_t kHeaderCheckAt = 56;

// Places in an entry's head.
constexpr std::size_t kBodyBytesAt = 4;
constexpr std::size_t kCountAt = 8;
constexpr std::size_t kHeadCheckAt = 12;
constexpr std::size_t kDurableAt = 16;
constexpr std::size_t kChainAt = 24;

using HeadBytes = std::array<char, kEntryHeadBytes>;

std::uint32_t head_check(HeadBytes head, std::uint64_t owner) {
  store_le(head.data() + kHeadCheckAt, std::uint32_t{0});
  return static_cast<std::uint32_t>(hash64({head.data(), head.size()}, owner));
}

HeadBytes head_of(BytesView bytes) {
  HeadBytes head;
  bytes.copy(head.data(), head.size());
  return head;
}

std::string_view prefix_of(FileKind kind) { return kind == FileKind::kSegment ? kSegmentPrefix : kSnapshotPrefix; }

}  // namespace

Bytes encode_file_header(const FileHeader& header) {
  Bytes bytes(kFileHeaderBytes, '\0');
  (header.kind == FileKind::kSegment ? kSegmentMagic : kSnapshotMagic).copy(bytes.data(), kVersionAt);
  store_le(bytes.data() + kVersionAt, kFormatVersion);
  store_le(bytes.data() + kPositionAt, header.position);
  store_le(bytes.data() + kChainBeforeAt, header.chain);
  store_le(bytes.data() + kOwnerAt, header.owner);
  store_le(bytes.data() + kHeaderCheckAt, hash64(BytesView(bytes).substr(0, kHeaderCheckAt)));
  return bytes;
}

Result<FileHeader> decode_file_header(BytesView bytes) {
  if (bytes.size() < kFileHeaderBytes) return fail(ErrorCode::kBadFrame, "the header is cut off");
  const BytesView magic = bytes.substr(0, kVersionAt);
  if (magic != kSegmentMagic && magic != kSnapshotMagic) {
    return fail(ErrorCode::kBadFrame, "this is no file of a journal");
  }
  if (load_le<std::uint64_t>(bytes, kHeaderCheckAt) != hash64(bytes.substr(0, kHeaderCheckAt))) {
    return fail(ErrorCode::kBadFrame, "the header's check does not fit");
  }
  const auto version = load_le<std::uint32_t>(bytes, kVersionAt);
  const auto flags = load_le<std::uint32_t>(bytes, kFlagsAt);
  if (version != kFormatVersion || flags != 0) {
    return fail(ErrorCode::kUnsupported, "format version " + std::to_string(version) + " with flags " +
                                             std::to_string(flags) + " is unknown to this program");
  }
  return FileHeader{.kind = magic == kSegmentMagic ? FileKind::kSegment : FileKind::kSnapshot,
                    .position = load_le<std::uint64_t>(bytes, kPositionAt),
                    .chain = load_le<std::uint64_t>(bytes, kChainBeforeAt),
                    .owner = load_le<std::uint64_t>(bytes, kOwnerAt)};
}

std::uint64_t append_entry(Bytes& out, EntryHead head, BytesView body, std::uint64_t owner) {
  YARD_CHECK(body.size() <= kBodyBytesMax);
  const std::size_t at = out.size();
  const std::size_t size = entry_bytes(body.size());
  HeadBytes bytes{};
  store_le(bytes.data(), kEntryMagic);
  store_le(bytes.data() + kBodyBytesAt, static_cast<std::uint32_t>(body.size()));
  store_le(bytes.data() + kCountAt, head.count);
  store_le(bytes.data() + kDurableAt, head.durable);
  out.append(bytes.data(), bytes.size());
  out.append(body);
  out.append(size - kEntryHeadBytes - body.size(), '\0');

  const std::uint64_t chain = hash64(BytesView(out).substr(at, size), head.chain);
  store_le(bytes.data() + kChainAt, chain);
  store_le(out.data() + at + kChainAt, chain);
  store_le(out.data() + at + kHeadCheckAt, head_check(bytes, owner));
  return chain;
}

std::optional<EntryHead> decode_entry_head(BytesView bytes, std::uint64_t owner) {
  if (bytes.size() < kEntryHeadBytes || load_le<std::uint32_t>(bytes, 0) != kEntryMagic) return std::nullopt;
  if (load_le<std::uint32_t>(bytes, kHeadCheckAt) != head_check(head_of(bytes), owner)) return std::nullopt;
  const EntryHead head{.body_bytes = load_le<std::uint32_t>(bytes, kBodyBytesAt),
                       .count = load_le<std::uint32_t>(bytes, kCountAt),
                       .durable = load_le<std::uint64_t>(bytes, kDurableAt),
                       .chain = load_le<std::uint64_t>(bytes, kChainAt)};
  if (head.body_bytes > kBodyBytesMax) return std::nullopt;
  return head;
}

std::uint64_t entry_chain(char* entry, std::size_t size, std::uint64_t previous) {
  const auto check = load_le<std::uint32_t>({entry, size}, kHeadCheckAt);
  const auto chain = load_le<std::uint64_t>({entry, size}, kChainAt);
  store_le(entry + kHeadCheckAt, std::uint32_t{0});
  store_le(entry + kChainAt, std::uint64_t{0});
  const std::uint64_t found = hash64({entry, size}, previous);
  store_le(entry + kHeadCheckAt, check);
  store_le(entry + kChainAt, chain);
  return found;
}

std::string file_name(FileKind kind, std::uint64_t position) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string name(prefix_of(kind));
  for (int shift = 60; shift >= 0; shift -= 4) name += kDigits[position >> shift & 15];
  return name;
}

std::string temporary_name(FileKind kind, std::uint64_t position) {
  return file_name(kind, position).append(kTemporarySuffix);
}

std::optional<FileName> parse_file_name(std::string_view name) {
  FileName found{};
  found.temporary = name.ends_with(kTemporarySuffix);
  found.kind = name.starts_with(kSnapshotPrefix) ? FileKind::kSnapshot : FileKind::kSegment;
  const std::string_view whole = name;
  if (!name.starts_with(prefix_of(found.kind))) return std::nullopt;
  name.remove_prefix(prefix_of(found.kind).size());
  name = name.substr(0, kHexDigits);
  const auto end = std::from_chars(name.data(), name.data() + name.size(), found.position, 16).ptr;
  if (end != name.data() + name.size()) return std::nullopt;
  // Only the one spelling that file_name gives.
  const bool same =
      whole == (found.temporary ? temporary_name(found.kind, found.position) : file_name(found.kind, found.position));
  return same ? std::optional(found) : std::nullopt;
}

}  // namespace yard::journal
