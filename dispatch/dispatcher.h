// Dispatcher: from a CALL or CAST to a DispatchResult.
#pragma once

#include <string_view>
#include <variant>

#include "dispatch/classify.h"
#include "dispatch/options.h"
#include "dispatch/wire/message.h"
#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "jobs/job.h"
#include "tools/registry.h"

namespace yard::dispatch {

// The answer's type tells its timing.
struct Immediate {};  // the result is in the body
struct JobTicket {    // it goes on as a job
  jobs::Job* job;
  Millis hold;
};
struct Ack {  // accepted; `acted` is what came of it, and no longer the caller's business
  Status acted;
};
using DispatchResult = std::variant<Immediate, JobTicket, Ack>;

// A CALL or CAST that may be carried out. Borrows from its frame and the registry.
struct Request {
  const tools::Tool* tool = nullptr;
  wire::Header header;
  Plan plan;
  CallOptions options;
  PackView arguments;
  JobId replay_of;           // the dead letter that it does again; zero: none
  std::uint64_t digest = 0;  // of tool, version, options and arguments
};

// What dispatching needs from its surroundings: the core implements it.
class DispatchPort {
 public:
  virtual ~DispatchPort() = default;

  // Accepts a job, or returns the one that this order made before.
  [[nodiscard]] virtual Result<jobs::Job*> submit(const jobs::JobOrder& order) = 0;

  // See tools::InlineContext::set_value.
  virtual void set_value(std::string_view key, BytesView packed) = 0;
};

// Looks the tool up, checks the arguments against its schema, classifies.
// Errors: kUnknownTool, kBadRequest, kInvalidArguments with the JSON pointer, kTooLarge.
[[nodiscard]] Result<Request> resolve(const tools::Registry& registry, const wire::Message& message);

// What a resolved request of a job tool orders; borrows from it.
[[nodiscard]] jobs::JobOrder order_of(const Request& request, std::string_view principal);

// Carries a resolved request out. An Immediate result or an acknowledgement is appended to `body`; on
// an error, `body` holds what it held before. VerbAlias tools are the caller's own business.
[[nodiscard]] Result<DispatchResult> dispatch(const Request& request, std::string_view principal, Now now,
                                              DispatchPort& port, PackWriter& body);

}  // namespace yard::dispatch
