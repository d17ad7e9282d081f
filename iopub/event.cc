#include "iopub/event.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/base/little_endian.h"

namespace yard::iopub {
namespace {

constexpr std::array<std::string_view, 13> kKindNames = {"",        "state",    "progress", "chunk", "complete",
                                                         "error",   "artifact", "log",      "value", "beacon",
                                                         "welcome", "farewell", "snapshot"};

}  // namespace

std::string_view name_of(EventKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < kKindNames.size() ? kKindNames[index] : std::string_view{};
}

void encode_event_header(Bytes& out, const EventHeader& header) {
  append_in_place(out, kEventHeaderBytes, [&](char* to) {
    store_le(to, kEventMagic);
    store_le(to + 4, std::uint32_t{static_cast<std::uint8_t>(header.kind)});
    store_le(to + 8, header.epoch);
    store_le(to + 16, header.seq);
    store_le(to + 24, header.lsn);
    store_le(to + 32, to_ns(header.time));
    store_uuid(to + 40, header.job);
  });
}

Result<EventHeader> decode_event_header(BytesView bytes) {
  if (bytes.size() < kEventHeaderBytes) return fail(ErrorCode::kBadFrame, "event: shorter than its header");
  if (load_le<std::uint32_t>(bytes, 0) != kEventMagic)
    return fail(ErrorCode::kBadFrame, "event: no magic JDE1 behind the topic");
  const EventKind kind{static_cast<std::uint8_t>(bytes[4])};
  if (name_of(kind).empty())
    return fail(ErrorCode::kBadFrame, "event: unknown kind " + std::to_string(static_cast<unsigned char>(bytes[4])));
  return EventHeader{.kind = kind,
                     .epoch = load_le<std::uint64_t>(bytes, 8),
                     .seq = load_le<std::uint64_t>(bytes, 16),
                     .lsn = load_le<std::uint64_t>(bytes, 24),
                     .time = WallTime(Nanos(load_le<std::int64_t>(bytes, 32))),
                     .job = load_uuid(bytes, 40)};
}

void encode_event(Bytes& out, std::string_view topic, const EventHeader& header, BytesView body) {
  YARD_CHECK(topic.size() <= kTopicBytesMax);
  out.append(topic);
  out.push_back('\0');
  encode_event_header(out, header);
  out.append(body);
}

Result<Event> decode_event(BytesView frame) {
  const std::size_t end = frame.substr(0, kTopicBytesMax + 1).find('\0');
  if (end == BytesView::npos) return fail(ErrorCode::kBadFrame, "event: no topic of at most 200 bytes, ended by NUL");
  const BytesView rest = frame.substr(end + 1);
  YARD_TRY(const EventHeader header, decode_event_header(rest));
  return Event{.topic = frame.substr(0, end), .header = header, .body = rest.substr(kEventHeaderBytes)};
}

std::string job_topic(const Uuid& job) { return std::string("j.").append(hex_text(job)); }
std::string principal_topic(std::string_view principal) { return "t." + std::string(principal); }
std::string value_topic(std::string_view key) { return "v." + std::string(key); }

std::optional<Uuid> job_of_topic(std::string_view topic) {
  if (!topic.starts_with("j.") || topic.size() != 34) return std::nullopt;
  return parse_uuid(topic.substr(2));
}

}  // namespace yard::iopub
