// Trace: sees what a network does; what it sees never changes what happens.
#pragma once

#include <cstdint>
#include <string_view>

#include "engine/base/result.h"
#include "engine/ports/handle.h"
#include "engine/ports/payload.h"

namespace yard::ports {

enum class Way : std::uint8_t { kManaged, kFast };
[[nodiscard]] std::string_view name_of(Way way);

// Why a port is not optimised, the most general first.
enum class Reason : std::uint8_t {
  kNone,         // it is
  kForced,       // the network is to manage everything
  kUnconnected,  // there is nobody to call
  kTap,          // somebody listens at the port
  kBoundary,     // it leads to a bridge, or from one
  kNoHandler,    // the peer has none
  kNotAsked,     // it could be, but nobody has asked, or the structure has changed since
};
[[nodiscard]] std::string_view name_of(Reason reason);

// One handler's run.
struct HopSeen {
  std::uint64_t event_id = 0;  // of the ticket
  std::uint64_t hop = 0;       // in the ticket, from 0 on
  PortHandle from;
  PortHandle to;
  Payload payload;  // borrowed until the call returns
  Way way = Way::kManaged;
  Reason reason = Reason::kNone;  // why it was managed
};

// A change of the structure.
struct Change {
  enum class Kind : std::uint8_t { kRemove, kConnect, kDisconnect };
  Kind kind = Kind::kRemove;
  PortHandle a;  // of kRemove, any of the agent's
  PortHandle b;  // of kConnect
};

// Calls come before what they tell of is done, but for the last three. A tap hears of hops only.
class Trace {
 public:
  virtual ~Trace() = default;
  // A ticket begins: `payload` leaves by `port`.
  virtual void dispatched(std::uint64_t /*event_id*/, PortHandle /*port*/, Payload /*payload*/) {}
  virtual void hop(const HopSeen& hop) = 0;
  // The handler of hop `hop` has refused its payload.
  virtual void failed(std::uint64_t /*event_id*/, std::uint64_t /*hop*/, const Error& /*error*/) {}
  // The ticket is over, with the changes that it has asked for.
  virtual void committed(std::uint64_t /*event_id*/) {}
  // The structure was changed from outside, between tickets.
  virtual void changed(std::uint64_t /*next_event_id*/, const Change& /*change*/) {}
  // A change of the structure, or a tap, has taken `port` back to the scheduler.
  virtual void deoptimized(PortHandle /*port*/) {}
};

}  // namespace yard::ports
