// ToolSpec: everything there is to know of a tool, declared once. Dispatch, validation, listings,
// help, retry policy and the reference page all derive from it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>

#include "engine/base/clock.h"
#include "engine/base/id.h"
#include "engine/base/pack.h"
#include "engine/base/result.h"
#include "jobs/executors/process/command_spec.h"
#include "jobs/job_context.h"
#include "jobs/log.h"
#include "jobs/scheduling.h"

namespace yard::tools {

// When the caller hears back.
enum class ToolKind : std::uint8_t {
  kImmediate,  // with the result: memory only, bounded by its input, run on the broker's own thread
  kJob,        // with a job_id, or the result if it is ready within the wait: touches disk, CPU or a provider
  kAck,        // at once, for the dispatch only: what goes wrong later goes to the log and to IOPub
};

// How long a caller is held for a job. Never how long the job may live.
enum class TimeoutClass : std::uint8_t {
  kShort,   // 30 s: disk and short CPU work
  kMedium,  // 120 s, or 45 s where the caller states no budget: typical inference
  kLong,    // not at all: the client polls, waits or subscribes
};

std::string_view name_of(ToolKind kind);
std::string_view name_of(TimeoutClass timeout_class);

// What a tool that runs inline may do beside returning a result. Valid during the call.
class InlineContext {
 public:
  virtual ~InlineContext() = default;

  [[nodiscard]] virtual Now now() const = 0;

  // The call's client-made id; zero where the caller sent none.
  [[nodiscard]] virtual Uuid call_id() const = 0;

  // Who calls: what belongs to others is none of the tool's business.
  [[nodiscard]] virtual std::string_view principal() const = 0;

  // Publishes `packed` (one msgpack value) as the newest value of stream "v.<key>"; older ones that
  // no one has seen yet are replaced. key: [a-z0-9_.], at most 100 bytes.
  virtual void set_value(std::string_view key, BytesView packed) = 0;
};

// Writes exactly one msgpack map to `result`, or returns an error (then what was written is dropped).
// Must not block, touch a disk or a lock that is held across either. May throw: becomes kInternal.
using ImmediateHandler = std::function<Status(PackView arguments, InlineContext& context, PackWriter& result)>;

// The same on an executor's thread; looks at context.stop() at least every 100 ms.
using JobHandler = std::function<Status(PackView arguments, jobs::JobContext& context, PackWriter& result)>;

struct AckHandler {
  // Writes the acknowledgement, one msgpack map; called before `act`. None: {"ok": true}.
  std::function<void(PackView arguments, InlineContext& context, PackWriter& ack)> acknowledge = {};

  // Does it, after the reply is on its way. An error goes to the log and to IOPub.
  std::function<Status(PackView arguments, InlineContext& context)> act;
};

// Verbs of the protocol that are listed as tools too.
enum class VerbAlias : std::uint8_t { kStatus, kList, kWait, kCancel, kWhy };

// A job tool that is a program of its own; see jobs/executors/process.
struct CommandHandler {
  jobs::CommandSpec command;
};

// A job tool that remote workers offer and run.
struct WorkerHandler {
  jobs::Amounts resources = {};  // that one job takes of the worker that runs it; the broker's own are in `needs`
};

// A job tool that the broker's host runs; see tools/host.h.
struct HostedHandler {};

using Handler = std::variant<std::monostate, ImmediateHandler, JobHandler, CommandHandler, WorkerHandler, HostedHandler,
                             AckHandler, VerbAlias>;

struct ToolSpec {
  std::string name;  // [a-z][a-z0-9_]*, at most 64 bytes
  std::uint32_t version = 1;
  std::string title;        // a few words for people
  std::string description;  // for people and models: what it does, what it returns, when to use it
  std::string arguments;    // JSON Schema of the arguments, an object; see schema.h for the subset
  std::string result;       // JSON Schema of the result

  ToolKind kind = ToolKind::kImmediate;
  TimeoutClass timeout_class = TimeoutClass::kShort;
  Millis wait = Millis::zero();        // this tool's own hold of a caller; zero: its class's
  Millis timeout = Millis::zero();     // how long one attempt of a job may run; zero: the broker's default
  Millis result_ttl = Millis::zero();  // how long a job's result is kept; zero: as long as the broker keeps others
  bool streams = false;                // publishes chunks while it runs
  bool inline_result = false;          // of a job: however large, it is in the answer

  bool read_only = false;      // changes nothing: replies are not remembered by id
  bool idempotent = false;     // running it twice with the same arguments is the same as once
  bool deterministic = false;  // of a job: equal arguments give equal results, so that one result answers equal calls
  bool destructive = false;    // may delete or overwrite
  bool open_world = false;     // reaches beyond this machine
  bool cooperative = true;     // looks at its stop; what doesn't has to be a command, as a thread can't be killed

  jobs::Grade grade = jobs::Grade::kSynced;  // what a job's acknowledgement survives, where the caller doesn't say
  std::uint32_t concurrency_max = 0;         // jobs of this tool at once; zero: as many as the executor has room for

  jobs::ToolNeeds needs;  // of a job: its groups, resources and what it spends

  Handler handler;
};

}  // namespace yard::tools
