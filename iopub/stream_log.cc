#include "iopub/stream_log.h"

#include "engine/base/check.h"
#include "engine/base/little_endian.h"

namespace yard::iopub {
namespace {

constexpr std::size_t kLengthBytes = 4;

// Most streams are those of jobs that say little: their few events fit into one allocation.
constexpr std::size_t kFirstReserve = 496;

}  // namespace

StreamLog::Entry StreamLog::entry_at(std::size_t at) const {
  const BytesView rest = BytesView(arena_).substr(at);
  const std::size_t size = load_le<std::uint32_t>(rest, 0);
  const auto header = decode_event_header(rest.substr(kLengthBytes));
  YARD_CHECK(header.has_value());
  return {.header = *header,
          .body = rest.substr(kLengthBytes + kEventHeaderBytes, size),
          .end = at + kLengthBytes + kEventHeaderBytes + size};
}

void StreamLog::drop_oldest() {
  begin_ += kLengthBytes + kEventHeaderBytes + load_le<std::uint32_t>(BytesView(arena_), begin_);
  --count_;
  if (count_ == 0) {
    arena_.clear();
    begin_ = 0;
  } else if (begin_ > arena_.size() / 2) {
    arena_.erase(0, begin_);
    begin_ = 0;
  }
}

EventHeader StreamLog::append(EventHeader header, BytesView body) {
  header.seq = ++last_;
  const std::size_t size = kLengthBytes + kEventHeaderBytes + body.size();
  while (count_ > 0 && bytes() + size > bytes_max_) drop_oldest();
  if (size > bytes_max_) return header;
  if (arena_.capacity() < kFirstReserve) arena_.reserve(kFirstReserve);
  char length[kLengthBytes];
  store_le(length, static_cast<std::uint32_t>(body.size()));
  arena_.append(length, kLengthBytes);
  encode_event_header(arena_, header);
  arena_.append(body);
  ++count_;
  return header;
}

}  // namespace yard::iopub
