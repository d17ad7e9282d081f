#include "engine/journal/entry_reader.h"

#include <algorithm>

namespace yard::journal {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{256} << 10;

}  // namespace

Error to_error(const Damage& damage) {
  return {.code = damage.code, .message = damage.file + ": byte " + std::to_string(damage.offset) + ": " + damage.what};
}

Checked<EntryReader> EntryReader::open(Disk& disk, std::string name) {
  auto file = disk.open(name, OpenMode::kRead);
  if (!file) {
    const bool gone = file.error().kind == DiskError::kNotFound;
    return std::unexpected(Damage{.code = gone ? ErrorCode::kTruncated : ErrorCode::kIo,
                                  .file = std::move(name),
                                  .what = std::move(file.error().message)});
  }
  EntryReader reader(*std::move(file), std::move(name));
  YARD_TRY_STATUS(reader.read_header());
  return reader;
}

Checked<void> EntryReader::read_header() {
  const auto size = file_->size();
  if (!size) return std::unexpected(Damage{.code = ErrorCode::kIo, .file = name_, .what = size.error().message});
  end_ = *size;
  const auto header_bytes = static_cast<std::size_t>(std::min<std::uint64_t>(end_, kFileHeaderBytes));
  YARD_TRY(const char* bytes, load(0, header_bytes));
  const Result<FileHeader> header = decode_file_header({bytes, header_bytes});
  if (!header) {
    return std::unexpected(Damage{.code = header.error().code, .file = name_, .what = header.error().message});
  }
  const bool segment = header->kind == FileKind::kSegment;
  if (name_ != file_name(header->kind, header->position) || (segment && header->position == 0)) {
    return damage("the file's name does not fit its header");
  }
  header_ = *header;
  offset_ = kFileHeaderBytes;
  position_ = segment ? header_.position - 1 : header_.position;
  chain_ = header_.chain;
  return {};
}

std::unexpected<Damage> EntryReader::damage(std::string what) const {
  return std::unexpected(Damage{.file = name_, .offset = offset_, .what = std::move(what)});
}

// `offset + size` must not exceed the end. The bytes stay until the next call.
Checked<char*> EntryReader::load(std::uint64_t offset, std::size_t size) {
  if (offset >= buffer_at_ && offset + size <= buffer_at_ + buffered_) return buffer_.data() + (offset - buffer_at_);
  const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(std::max(size, kBufferBytes), end_ - offset));
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  buffered_ = 0;
  const auto got = file_->read(offset, {buffer_.data(), wanted});
  if (!got || *got < size) {
    const std::string what = got ? "the file became shorter" : got.error().message;
    return std::unexpected(Damage{.code = ErrorCode::kIo, .file = name_, .offset = offset, .what = what});
  }
  buffer_at_ = offset;
  buffered_ = *got;
  return buffer_.data();
}

Checked<std::optional<EntryView>> EntryReader::next() {
  if (offset_ >= end_) return std::nullopt;
  const std::uint64_t left = end_ - offset_;
  if (left < kEntryHeadBytes) return damage("the entry is cut off");
  YARD_TRY(const char* head_bytes, load(offset_, kEntryHeadBytes));
  const std::optional<EntryHead> head = decode_entry_head({head_bytes, kEntryHeadBytes}, header_.owner);
  if (!head) return damage("here is no intact entry");
  const std::size_t size = entry_bytes(head->body_bytes);
  if (left < size) return damage("the entry is cut off");
  YARD_TRY(char* entry, load(offset_, size));
  if (entry_chain(entry, size, chain_) != head->chain) return damage("the entry does not fit the chain");
  const EntryView view{
      .first = position_ + 1, .count = head->count, .body = BytesView(entry + kEntryHeadBytes, head->body_bytes)};
  offset_ += size;
  position_ += head->count;
  if (head->count > 0) chain_ = head->chain;
  return view;
}

Checked<EntryReader::Tail> EntryReader::read_tail() {
  Tail tail;
  for (std::uint64_t at = offset_; at < end_; at += kAlignment) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(end_ - at, kEntryHeadBytes));
    YARD_TRY(const char* bytes, load(at, size));
    const BytesView word = BytesView(bytes, size).substr(0, kAlignment);
    const std::size_t last = word.find_last_not_of('\0');
    if (last == BytesView::npos) continue;
    tail.bytes = at + last + 1 - offset_;
    const std::optional<EntryHead> head = decode_entry_head({bytes, size}, header_.owner);
    if (head && head->durable > position_ && !tail.claim_at) tail.claim_at = at;
  }
  return tail;
}

Status read_entries(EntryReader& reader, const Visit& visit) {
  for (;;) {
    const auto entry = reader.next();
    if (!entry) return std::unexpected(to_error(entry.error()));
    if (!*entry) return {};
    if ((*entry)->count > 0) YARD_TRY_STATUS(visit(**entry));
  }
}

Status read_segment(Disk& disk, std::uint64_t first_position, const Visit& visit) {
  auto reader = EntryReader::open(disk, file_name(FileKind::kSegment, first_position));
  if (!reader) return std::unexpected(to_error(reader.error()));
  return read_entries(*reader, visit);
}

}  // namespace yard::journal
