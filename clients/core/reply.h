// What a broker answers, as values.
#pragma once

#include <cstdint>
#include <string>

#include "dispatch/wire/message.h"
#include "engine/base/clock.h"
#include "engine/base/pack.h"
#include "engine/base/result.h"

namespace yard::client {

// What a reply's body may cost. Wider than a request's limits: a WAIT carries up to 64 results.
inline constexpr PackLimits kReplyLimits{.depth_max = 48, .nodes_max = 8u << 20};

// Any reply but a NACK, which becomes the Error.
struct Reply {
  wire::Verb verb = wire::Verb::kData;  // kImmediate, kJob, kAck, kResult, kData or kPong
  Uuid id = {};                         // of the request: a job's id where it made one
  Bytes body = {};                      // checked msgpack; may be empty

  [[nodiscard]] PackView view() const { return PackView(body); }
};

// What WELCOME says.
struct Welcome {
  std::uint64_t session = 0;
  std::uint32_t version = 0;
  std::string broker;  // its name and version, for people
  std::uint64_t epoch = 0;
  std::string principal;  // whom the session belongs to; "t.<principal>" is its stream
  Millis session_ttl = std::chrono::seconds(40);
  std::string iopub;  // endpoints, as the broker tells them
  std::string control;
};

// `body` is checked. Errors: kBadFrame for a WELCOME without a session.
[[nodiscard]] Result<Welcome> parse_welcome(const wire::Header& header, PackView body);

// The Error in a NACK's body. A code that is unknown here is kept as its number.
[[nodiscard]] Error parse_nack(PackView body);

// The Error in a job's `error` field: {code, name, message, …}. kInternal where there is none.
[[nodiscard]] Error parse_job_error(PackView job);

}  // namespace yard::client
