// IOPub events: one ZeroMQ frame each.
//
//   topic  NUL  header (56 bytes)  body (msgpack)
//
//    0  u32  magic "JDE1"     8  u64  epoch      32  u64  wall_ns
//    4  u8   kind            16  u64  seq        40  16B  job
//    5  3B   zero            24  u64  lsn
//
// ZeroMQ filters by prefix, so the topic comes first; the NUL ends it and makes "topic NUL" an exact
// subscription.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/clock.h"
#include "engine/base/id.h"
#include "engine/base/result.h"

namespace yard::iopub {

inline constexpr std::uint32_t kEventMagic = 0x3145444A;  // "JDE1" as bytes
inline constexpr std::size_t kEventHeaderBytes = 56;

// libzmq's matching fails for topics of 246 to 255 bytes (libzmq#4564); stay well below.
inline constexpr std::size_t kTopicBytesMax = 200;

enum class EventKind : std::uint8_t {
  kState = 1,      // {state, job_id, tool, …}: a job changed its state
  kProgress = 2,   // {percent, message}
  kChunk = 3,      // {data}: a part of a streaming tool's result
  kComplete = 4,   // {state: "succeeded", result}: the job's last event
  kError = 5,      // {state, error}: the job's last event
  kArtifact = 6,   // the artifact, as artifact_get answers it
  kLog = 7,        // {level, message, …}
  kValue = 8,      // the newest value of a v. stream
  kBeacon = 9,     // {streams: {topic: last seq}}: what a subscriber may have missed
  kWelcome = 10,   // on a new subscription: {last}: the stream's newest seq; takes no seq itself
  kFarewell = 11,  // the broker stops
  kSnapshot = 12,  // where history is cut: the state that the missing events led to
};

// "state", "progress" and so on; empty for a number that is no kind.
std::string_view name_of(EventKind kind);

// What can be told of an event without its body.
struct EventHeader {
  EventKind kind = EventKind::kState;
  std::uint64_t epoch = 0;  // of the stream's history: a new one starts seq afresh
  std::uint64_t seq = 0;    // dense within the stream, from 1; 0: takes none
  std::uint64_t lsn = 0;    // global order of commits, to merge streams by
  WallTime time = {};
  Uuid job = {};  // the job it is about, or zero

  bool operator==(const EventHeader&) const = default;
};

// A decoded event; borrows from its frame.
struct Event {
  std::string_view topic;
  EventHeader header;
  BytesView body;
};

// Errors: kBadFrame.
[[nodiscard]] Result<Event> decode_event(BytesView frame);

// Appends "topic NUL header body".
void encode_event(Bytes& out, std::string_view topic, const EventHeader& header, BytesView body);

// Header alone, for those who keep many events of one topic.
void encode_event_header(Bytes& out, const EventHeader& header);
[[nodiscard]] Result<EventHeader> decode_event_header(BytesView bytes);

// Topics.
[[nodiscard]] std::string job_topic(const Uuid& job);                   // "j.<32 hex>": everything of one job
[[nodiscard]] std::string principal_topic(std::string_view principal);  // "t.<principal>": state changes of its jobs
[[nodiscard]] std::string value_topic(std::string_view key);            // "v.<key>": newest value only
inline constexpr std::string_view kBeaconTopic = "b.";
inline constexpr std::string_view kLogTopic = "l.";

// The job of a "j." topic, or none.
[[nodiscard]] std::optional<Uuid> job_of_topic(std::string_view topic);

}  // namespace yard::iopub
