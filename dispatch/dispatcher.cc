#include "dispatch/dispatcher.h"

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/base/text.h"
#include "jobs/executors/guard.h"

namespace yard::dispatch {
namespace {

using tools::ToolKind;

class InlineCall final : public tools::InlineContext {
 public:
  InlineCall(Now now, Uuid call_id, std::string_view principal, DispatchPort& port)
      : now_(now), call_id_(call_id), principal_(principal), port_(port) {}
  [[nodiscard]] Now now() const override { return now_; }
  [[nodiscard]] Uuid call_id() const override { return call_id_; }
  [[nodiscard]] std::string_view principal() const override { return principal_; }
  void set_value(std::string_view key, BytesView packed) override { port_.set_value(key, packed); }

 private:
  Now now_;
  Uuid call_id_;
  std::string_view principal_;
  DispatchPort& port_;
};

// A name that differs by one or two letters is probably what was meant.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::unexpected<Error> unknown_tool(const tools::Registry& registry, std::string_view name) {
  constexpr std::size_t kNear = 2;
  std::string message = "no tool \"" + printable(name) + "\"";
  for (const tools::Tool* tool : registry.list()) {
    if (edit_distance(tool->spec.name, name) <= kNear) {
      message += "; did you mean " + tool->spec.name + "?";
      break;
    }
  }
  return fail(ErrorCode::kUnknownTool, message);
}

constexpr char kEmptyMap = static_cast<char>(0x80);
constexpr BytesView kNoArguments(&kEmptyMap, 1);

// What can be repeated is tried again when it may succeed the next time.
constexpr std::uint8_t kIdempotentAttempts = 3;

jobs::WaitClass wait_class_of(tools::TimeoutClass timeout_class) {
  switch (timeout_class) {
    case tools::TimeoutClass::kShort: return jobs::WaitClass::kShort;
    case tools::TimeoutClass::kMedium: return jobs::WaitClass::kMedium;
    case tools::TimeoutClass::kLong: return jobs::WaitClass::kLong;
  }
  return jobs::WaitClass::kShort;
}

// A key that limits nothing would be silently ignored.
Status check_key(const tools::ToolSpec& spec, const CallOptions& options) {
  if (options.concurrency_key.empty() || spec.needs.per_key.limits()) return {};
  return fail(ErrorCode::kBadRequest, "option concurrency_key: " + spec.name + " has no limit per key");
}

jobs::ExecutorKind executor_of(const tools::Handler& handler) {
  if (std::holds_alternative<tools::CommandHandler>(handler)) return jobs::ExecutorKind::kProcesses;
  if (std::holds_alternative<tools::WorkerHandler>(handler)) return jobs::ExecutorKind::kWorkers;
  if (std::holds_alternative<tools::HostedHandler>(handler)) return jobs::ExecutorKind::kHost;
  return jobs::ExecutorKind::kThreads;
}

Result<DispatchResult> run_immediate(const Request& request, InlineCall& call, PackWriter& body) {
  const auto& handler = std::get<tools::ImmediateHandler>(request.tool->spec.handler);
  const std::size_t before = body.out().size();
  Status status = jobs::run_guarded(request.tool->spec.name, [&] { return handler(request.arguments, call, body); });
  if (status && body.out().size() - before > wire::kFrameBytesMax - wire::kHeaderBytes) {
    status = fail(ErrorCode::kTooLarge, "the result does not fit into a frame; ask for less");
  }
  if (!status) {
    body.out().resize(before);
    return std::unexpected(std::move(status).error());
  }
  return Immediate{};
}

Result<DispatchResult> run_ack(const Request& request, InlineCall& call, PackWriter& body) {
  const auto& handler = std::get<tools::AckHandler>(request.tool->spec.handler);
  const std::size_t before = body.out().size();
  if (handler.acknowledge) {
    const Status written = jobs::run_guarded(request.tool->spec.name, [&]() -> Status {
      handler.acknowledge(request.arguments, call, body);
      return {};
    });
    if (!written) {
      body.out().resize(before);
      return std::unexpected(written.error());
    }
  } else {
    PackMap(body).boolean("ok", true);
  }
  return Ack{.acted = jobs::run_guarded(request.tool->spec.name, [&] { return handler.act(request.arguments, call); })};
}

}  // namespace

jobs::JobOrder order_of(const Request& request, std::string_view principal) {
  const tools::ToolSpec& spec = request.tool->spec;
  const CallOptions& options = request.options;
  return {.id = JobId(request.header.id),
          .tool = spec.name,
          .tool_version = spec.version,
          .principal = principal,
          .arguments = request.arguments.bytes(),
          .digest = request.digest,
          .priority = request.header.priority,
          .wait_class = wait_class_of(spec.timeout_class),
          .grade = options.grade.value_or(spec.grade),
          .attempts_max = spec.idempotent ? kIdempotentAttempts : std::uint8_t{1},
          .concurrency_max = spec.concurrency_max,
          .executor = executor_of(spec.handler),
          .delay = std::max(options.delay, options.debounce),
          .queue_ttl = options.queue_ttl,
          .attempt_timeout = options.attempt_timeout > Millis::zero() ? options.attempt_timeout : spec.timeout,
          .deadline = options.deadline,
          .after = options.after,
          .on_parent_failure = options.on_parent_failure,
          .parent = options.parent,
          .replay_of = request.replay_of,
          .result_ttl = options.result_ttl > Millis::zero() ? options.result_ttl : spec.result_ttl,
          .key = options.key,
          .coalesce = options.coalesce,
          .debounce_max = options.debounce_max,
          .concurrency_key = options.concurrency_key,
          .with = options.with,
          .deterministic = spec.deterministic,
          .fresh = options.fresh};
}

Result<Request> resolve(const tools::Registry& registry, const wire::Message& message) {
  Request request{.tool = registry.find(message.tool), .header = message.header};
  if (request.tool == nullptr) return unknown_tool(registry, message.tool);
  request.plan = classify(request.tool->spec, message.header.budget_ms);
  // The protocol's own verbs may be repeated as they are.
  if (std::holds_alternative<tools::VerbAlias>(request.tool->spec.handler)) request.plan.remember = false;

  BytesView body = message.body;
  if (message.header.flags & wire::kHasOptions) {
    if (request.plan.kind != ToolKind::kJob) {
      return fail(ErrorCode::kBadRequest, "options are for jobs, and " + request.tool->spec.name + " makes none");
    }
    YARD_TRY(const std::size_t length, check_pack_prefix(body));
    YARD_TRY(request.options, parse_options(PackView(body)));
    YARD_TRY_STATUS(check_key(request.tool->spec, request.options));
    body.remove_prefix(length);
  }
  if (body.empty()) body = kNoArguments;
  YARD_TRY_STATUS(check_pack(body));
  request.arguments = PackView(body);
  if (request.arguments.type() != PackType::kMap) return fail(ErrorCode::kInvalidArguments, "arguments are a map");
  // What is bound comes later; then all of it is checked.
  if (request.options.with.empty()) YARD_TRY_STATUS(request.tool->arguments.check(request.arguments));

  const bool needs_id =
      request.plan.kind == ToolKind::kJob || (request.plan.remember && message.header.verb == wire::Verb::kCall);
  if (needs_id && !message.header.id) {
    return fail(ErrorCode::kBadRequest,
                request.tool->spec.name + " needs a client-made id of 128 random bits: it makes a retry safe");
  }
  if (needs_id) request.digest = hash64(message.body, hash64(message.tool, request.tool->spec.version));
  return request;
}

Result<DispatchResult> dispatch(const Request& request, std::string_view principal, Now now, DispatchPort& port,
                                PackWriter& body) {
  InlineCall call(now, request.header.id, principal, port);
  switch (request.plan.kind) {
    case ToolKind::kImmediate: return run_immediate(request, call, body);
    case ToolKind::kAck: return run_ack(request, call, body);
    case ToolKind::kJob: {
      YARD_TRY(jobs::Job * job, port.submit(order_of(request, principal)));
      return JobTicket{.job = job, .hold = request.plan.hold};
    }
  }
  return fail(ErrorCode::kInternal, "a tool of no kind");
}

}  // namespace yard::dispatch
