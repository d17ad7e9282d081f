// SUBMIT_BATCH: many calls of job tools in one message, and one commit.
#include <algorithm>
#include <array>
#include <deque>

#include "broker/core/core.h"
#include "broker/core/job_view.h"
#include "engine/base/check.h"
#include "engine/base/text.h"

namespace yard::broker {

using wire::Verb;

namespace {

// A call of a batch. Its parts view into each other: it must not move.
struct BatchCall {
  Bytes body;
  wire::Message message;
  dispatch::Request request;
  Status status;  // what is wrong with it
};

Status check_keys(PackView call) {
  constexpr std::array<std::string_view, 5> kKeys = {"id", "tool", "priority", "options", "arguments"};
  if (call.type() != PackType::kMap) return fail(ErrorCode::kBadRequest, "a call is a map");
  Status known;
  call.each_pair([&](std::string_view key, PackView) {
    if (std::ranges::find(kKeys, key) == kKeys.end())
      known = fail(ErrorCode::kBadRequest, "a call has no \"" + printable(key) + "\"");
  });
  return known;
}

// Takes it apart as if it had come as a CALL: the same id and body are the same job either way.
Status read_call(const tools::Registry& registry, PackView packed, BatchCall& call) {
  YARD_TRY_STATUS(check_keys(packed));
  const auto id = parse_uuid(packed.find("id").string_or(""));
  if (!id || !*id) return fail(ErrorCode::kBadRequest, "a call's id is text of 32 hex digits");
  const std::int64_t priority = packed.find("priority").integer_or(wire::kPriorityDefault);
  if (priority < 0 || priority >= wire::kPriorities) return fail(ErrorCode::kBadRequest, "a priority is 0 to 3");
  const PackView options = packed.find("options");
  call.body.append(options.bytes()).append(packed.find("arguments").bytes());
  call.message = {.header = {.verb = Verb::kCall,
                             .flags = options ? static_cast<std::uint8_t>(wire::kHasOptions) : std::uint8_t{0},
                             .priority = static_cast<std::uint8_t>(priority),
                             .id = *id,
                             .budget_ms = 0},
                  .tool = packed.find("tool").string_or(""),
                  .body = call.body};
  YARD_TRY(call.request, dispatch::resolve(registry, call.message));
  if (call.request.plan.kind == tools::ToolKind::kJob) return {};
  return fail(ErrorCode::kBadRequest, call.request.tool->spec.name + " makes no job: CALL it");
}

}  // namespace

Status Core::submit_batch(const Asked& asked, PackView body) {
  const PackView packed = body.find("calls");
  if (packed.type() != PackType::kArray || packed.size() == 0 || packed.size() > limits_.batch_calls_max)
    return fail(ErrorCode::kBadRequest, "calls lists 1 to " + std::to_string(limits_.batch_calls_max) + " calls");
  std::deque<BatchCall> calls;
  packed.each_element([&](PackView one) {
    BatchCall& call = calls.emplace_back();
    call.status = read_call(tools_, one, call);
  });
  submitting_ = asked.now;
  if (body.find("atomic").boolean_or(false)) {
    JobDesk::Ahead ahead;
    for (std::size_t i = 0; i < calls.size(); ++i) {
      Status& status = calls[i].status;
      if (status) status = check(dispatch::order_of(calls[i].request, asked.session.principal), ahead);
      if (status) continue;
      status.error().pointer = "/calls/" + std::to_string(i) + status.error().pointer;
      return status;
    }
  }
  std::vector<jobs::Job*> jobs(calls.size());
  for (std::size_t i = 0; i < calls.size(); ++i) {
    if (!calls[i].status) continue;
    auto job = submit(dispatch::order_of(calls[i].request, asked.session.principal));
    if (job) {
      jobs[i] = *job;
    } else {
      calls[i].status = std::unexpected(std::move(job).error());
    }
  }
  reply(gated(), asked.to, Verb::kData, [&](PackWriter& writer) {
    PackMap map(writer);
    map.natural("accepted", jobs.size() - static_cast<std::size_t>(std::ranges::count(jobs, nullptr)));
    PackArray list = map.array("jobs");
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      Bytes one;
      PackWriter inner(one);
      if (jobs[i] != nullptr) {
        write_ticket(inner, *jobs[i], desk_.cursor(), JobId(calls[i].request.header.id));
      } else {
        PackMap refused(inner);
        write_error(refused.value("error"), calls[i].status.error());
      }
      list.raw(one);
    }
  });
  return {};
}

}  // namespace yard::broker
