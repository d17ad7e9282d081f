// JDP/1 messages: one ZeroMQ frame each, a fixed header of 64 bytes, the tool's name, a msgpack body.
//
//    0  u32  magic "JDP1"            32  u64  session      40  u32  budget_ms
//    4  u8   verb                    44  u32  group        48  u64  sent_ns
//    5  u8   flags                   56  u64  fence
//    6  u8   priority                64  the tool's name (tool_length bytes)
//    7  u8   tool_length             ..  the body, to the end of the frame
//    8  u64  correlation
//   16  16B  id
//
// Integers are little-endian. PROTOCOL.md explains each field; its byte vectors are tests.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

#include "engine/base/bytes.h"
#include "engine/base/id.h"
#include "engine/base/result.h"

namespace yard::wire {

// The major version is the magic's digit; HELLO settles the minor one.
inline constexpr std::uint32_t kMagic = 0x3150444A;  // "JDP1" as bytes
inline constexpr std::uint32_t kVersionMin = 1;
inline constexpr std::uint32_t kVersionMax = 1;

inline constexpr std::size_t kHeaderBytes = 64;
inline constexpr std::size_t kToolBytesMax = 64;

// A request's frame, header included. The socket's own limit (kSocketBytesMax) is a backstop above
// it: breaking that one costs the connection, breaking this one gets an error reply.
inline constexpr std::size_t kFrameBytesMax = 4u << 20;
inline constexpr std::size_t kSocketBytesMax = 8u << 20;
static_assert(kFrameBytesMax < kSocketBytesMax);

enum class Verb : std::uint8_t {
  // Requests.
  kHello = 1,   // open a session
  kCall = 2,    // call a tool; the reply comes within the budget
  kCast = 3,    // call a tool, without any reply
  kStatus = 4,  // one job
  kList = 5,    // jobs
  kWait = 6,    // until any or all of some jobs have ended
  kCancel = 7,  // a job
  kWhy = 8,     // what a job waits for
  kReplay = 9,  // a stream's retained events
  kTools = 10,  // the tools, or one with its schemas
  kPing = 11,   // clocks and liveness
  kBye = 12,    // close the session
  kStats = 13,  // counters and gauges of the broker
  kDrain = 14,  // control socket only: finish and stop; of a target: begin no more of it

  // Requests of workers, on the workers socket.
  kRegister = 32,  // what the worker offers, and which attempts it holds
  kRenew = 33,     // its lease, with the attempts that it holds
  kStart = 34,     // reports of an attempt, numbered: its handler is about to run
  kProgress = 35,
  kChunk = 36,
  kLog = 37,
  kSucceed = 38,  // its last report: the result
  kFail = 39,     // or the error

  // Jobs, beyond one at a time.
  kSubmitBatch = 0x30,  // many calls of job tools
  kDeadReplay = 0x31,   // a dead letter, as a new job
  kDeadPurge = 0x32,    // let go of dead letters

  // Jobs at the instants of a calendar.
  kScheduleSet = 0x33,     // a new one, or another one of its name
  kScheduleRemove = 0x34,  // no more of its jobs
  kSchedules = 0x35,       // what there are

  // Administration; control socket only.
  kPause = 0x40,   // begin nothing of a target
  kResume = 0x41,  // take a pause back
  kPurge = 0x42,   // cancel what waits of a target
  kAudit = 0x43,   // what administrators did

  // Replies.
  kWelcome = 0x81,
  kImmediate = 0x82,  // an Immediate tool's result
  kJob = 0x83,        // the job's id, class and stream cursor: it goes on
  kAck = 0x84,        // the dispatch was accepted
  kNack = 0x85,       // an error
  kResult = 0x86,     // the job ended within the budget: its record
  kData = 0x87,       // what a query asked for
  kPong = 0x88,

  // What a broker tells workers.
  kAssign = 0xA0,  // run this attempt
  kStop = 0xA1,    // end it soon
  kRevoke = 0xA2,  // it is no longer yours: nothing of it counts any more
};

// "call", "nack" and so on; empty for a number that is no verb.
std::string_view name_of(Verb verb);

// Whether workers say it, and nobody else.
[[nodiscard]] constexpr bool is_of_workers(Verb verb) { return verb >= Verb::kRegister && verb <= Verb::kFail; }

// Flags in the low half may be ignored by who doesn't know them; those in the high half may not.
enum Flag : std::uint8_t {
  kHasOptions = 0x10,  // a CALL's body is two values: the options, then the arguments
};
inline constexpr std::uint8_t kKnownCriticalFlags = kHasOptions;

// 0 is served first. Aging lifts what has waited.
inline constexpr std::uint8_t kPriorities = 4;
inline constexpr std::uint8_t kPriorityDefault = 2;

// budget_ms of a caller that leaves the wait to the tool's class.
inline constexpr std::uint32_t kBudgetOfClass = std::numeric_limits<std::uint32_t>::max();

struct Header {
  Verb verb = Verb::kPing;
  std::uint8_t flags = 0;
  std::uint8_t priority = kPriorityDefault;
  std::uint64_t correlation = 0;             // the sender's choice, echoed in the reply
  Uuid id = {};                              // a mutation's client-made id; a job's id
  std::uint64_t session = 0;                 // from WELCOME
  std::uint32_t budget_ms = kBudgetOfClass;  // a call's wait; a cast's time to live
  std::uint32_t group = 0;                   // a cast's control group
  std::uint64_t sent_ns = 0;                 // a cast's moment on the broker's steady clock; 0: don't check its age
  std::uint64_t fence = 0;                   // a cast's generation in its group, 0: none; an attempt's number

  bool operator==(const Header&) const = default;
};

// A decoded frame; borrows from it.
struct Message {
  Header header;
  std::string_view tool;
  BytesView body;
};

// Errors: kBadFrame (short, other magic, lengths that lie, priority out of range), kTooLarge,
//         kUnsupported (a magic of another major version, unknown verb or critical flag).
[[nodiscard]] Result<Message> decode(BytesView frame);

// The correlation of a frame that decode() refused, so that the refusal can be matched; 0 if there is none.
[[nodiscard]] std::uint64_t correlation_of(BytesView frame);

// Appends header and tool name; the caller appends the body. `tool` has at most kToolBytesMax bytes.
void encode_head(Bytes& out, const Header& header, std::string_view tool = {});

// Overwrites the header of a message that starts at `at`, without a tool name.
void store_head(char* at, const Header& header);

// A whole frame.
[[nodiscard]] Bytes encode(const Header& header, std::string_view tool, BytesView body);

}  // namespace yard::wire
