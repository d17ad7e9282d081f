#include "dispatch/wire/message.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"
#include "engine/base/little_endian.h"

namespace yard::wire {
namespace {

struct VerbName {
  Verb verb;
  std::string_view name;
};

constexpr std::array kVerbs = {
    VerbName{Verb::kHello, "hello"},
    VerbName{Verb::kCall, "call"},
    VerbName{Verb::kCast, "cast"},
    VerbName{Verb::kStatus, "status"},
    VerbName{Verb::kList, "list"},
    VerbName{Verb::kWait, "wait"},
    VerbName{Verb::kCancel, "cancel"},
    VerbName{Verb::kWhy, "why"},
    VerbName{Verb::kReplay, "replay"},
    VerbName{Verb::kTools, "tools"},
    VerbName{Verb::kPing, "ping"},
    VerbName{Verb::kBye, "bye"},
    VerbName{Verb::kStats, "stats"},
    VerbName{Verb::kDrain, "drain"},
    VerbName{Verb::kWelcome, "welcome"},
    VerbName{Verb::kImmediate, "immediate"},
    VerbName{Verb::kJob, "job"},
    VerbName{Verb::kAck, "ack"},
    VerbName{Verb::kNack, "nack"},
    VerbName{Verb::kResult, "result"},
    VerbName{Verb::kData, "data"},
    VerbName{Verb::kPong, "pong"},
    VerbName{Verb::kSubmitBatch, "submit_batch"},
    VerbName{Verb::kDeadReplay, "dead_replay"},
    VerbName{Verb::kDeadPurge, "dead_purge"},
    VerbName{Verb::kScheduleSet, "schedule_set"},
    VerbName{Verb::kScheduleRemove, "schedule_remove"},
    VerbName{Verb::kSchedules, "schedules"},
    VerbName{Verb::kPause, "pause"},
    VerbName{Verb::kResume, "resume"},
    VerbName{Verb::kPurge, "purge"},
    VerbName{Verb::kAudit, "audit"},
    VerbName{Verb::kRegister, "register"},
    VerbName{Verb::kRenew, "renew"},
    VerbName{Verb::kStart, "start"},
    VerbName{Verb::kProgress, "progress"},
    VerbName{Verb::kChunk, "chunk"},
    VerbName{Verb::kLog, "log"},
    VerbName{Verb::kSucceed, "succeed"},
    VerbName{Verb::kFail, "fail"},
    VerbName{Verb::kAssign, "assign"},
    VerbName{Verb::kStop, "stop"},
    VerbName{Verb::kRevoke, "revoke"},
};

constexpr std::size_t kCorrelationAt = 8;

Status check_magic(BytesView frame) {
  const auto magic = load_le<std::uint32_t>(frame, 0);
  if (magic == kMagic) return {};
  constexpr std::uint32_t kFamily = 0x00FFFFFF;
  if ((magic & kFamily) == (kMagic & kFamily)) return fail(ErrorCode::kUnsupported, "this broker speaks JDP1 only");
  return fail(ErrorCode::kBadFrame, "a frame begins with the magic JDP1");
}

}  // namespace

std::string_view name_of(Verb verb) {
  const auto* row = std::ranges::find(kVerbs, verb, &VerbName::verb);
  return row == kVerbs.end() ? std::string_view{} : row->name;
}

Result<Message> decode(BytesView frame) {
  if (frame.size() > kFrameBytesMax) {
    return fail(ErrorCode::kTooLarge, "a frame has at most " + std::to_string(kFrameBytesMax) + " bytes, this one " +
                                          std::to_string(frame.size()));
  }
  if (frame.size() < kHeaderBytes)
    return fail(ErrorCode::kBadFrame, "a frame has at least 64 bytes, this one " + std::to_string(frame.size()));
  YARD_TRY_STATUS(check_magic(frame));
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(frame[at]); };
  const Header header{.verb = Verb{byte(4)},
                      .flags = byte(5),
                      .priority = byte(6),
                      .correlation = load_le<std::uint64_t>(frame, kCorrelationAt),
                      .id = load_uuid(frame, 16),
                      .session = load_le<std::uint64_t>(frame, 32),
                      .budget_ms = load_le<std::uint32_t>(frame, 40),
                      .group = load_le<std::uint32_t>(frame, 44),
                      .sent_ns = load_le<std::uint64_t>(frame, 48),
                      .fence = load_le<std::uint64_t>(frame, 56)};
  constexpr std::uint8_t kCritical = 0xF0;
  if (header.flags & kCritical & ~kKnownCriticalFlags)
    return fail(ErrorCode::kUnsupported, "byte 5: an unknown critical flag");
  if (name_of(header.verb).empty())
    return fail(ErrorCode::kUnsupported, "byte 4: unknown verb " + std::to_string(byte(4)));
  if (header.priority >= kPriorities) return fail(ErrorCode::kBadFrame, "byte 6: a priority is 0 to 3");
  const std::size_t tool_length = byte(7);
  if (tool_length > kToolBytesMax || frame.size() - kHeaderBytes < tool_length) {
    return fail(ErrorCode::kBadFrame,
                "byte 7: the tool's name is said to have " + std::to_string(tool_length) + " bytes");
  }
  return Message{.header = header,
                 .tool = frame.substr(kHeaderBytes, tool_length),
                 .body = frame.substr(kHeaderBytes + tool_length)};
}

std::uint64_t correlation_of(BytesView frame) {
  if (frame.size() < kHeaderBytes || !check_magic(frame)) return 0;
  return load_le<std::uint64_t>(frame, kCorrelationAt);
}

void store_head(char* at, const Header& header) {
  store_le(at, kMagic);
  at[4] = static_cast<char>(header.verb);
  at[5] = static_cast<char>(header.flags);
  at[6] = static_cast<char>(header.priority);
  at[7] = 0;
  store_le(at + kCorrelationAt, header.correlation);
  store_uuid(at + 16, header.id);
  store_le(at + 32, header.session);
  store_le(at + 40, header.budget_ms);
  store_le(at + 44, header.group);
  store_le(at + 48, header.sent_ns);
  store_le(at + 56, header.fence);
}

void encode_head(Bytes& out, const Header& header, std::string_view tool) {
  YARD_CHECK(tool.size() <= kToolBytesMax);
  append_in_place(out, kHeaderBytes + tool.size(), [&](char* place) {
    store_head(place, header);
    place[7] = static_cast<char>(tool.size());
    tool.copy(place + kHeaderBytes, tool.size());
  });
}

Bytes encode(const Header& header, std::string_view tool, BytesView body) {
  Bytes frame;
  frame.reserve(kHeaderBytes + tool.size() + body.size());
  encode_head(frame, header, tool);
  frame.append(body);
  return frame;
}

}  // namespace yard::wire
