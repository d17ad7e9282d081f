// Calls registered tools as dispatch does: arguments checked, then the handler.
#pragma once

#include <nlohmann/json.hpp>
#include <string_view>

#include "engine/base/pack_json.h"
#include "tests/support/fake_inline_context.h"
#include "tests/support/fake_job_context.h"
#include "tools/registry.h"

namespace yard::testing {

namespace detail {

inline Result<const tools::Tool*> checked(const tools::Registry& registry, std::string_view name, BytesView arguments) {
  const tools::Tool* tool = registry.find(name);
  if (tool == nullptr) return fail(ErrorCode::kUnknownTool, std::string(name));
  YARD_TRY_STATUS(check_pack(arguments));
  YARD_TRY_STATUS(tool->arguments.check(PackView(arguments)));
  return tool;
}

// What a tool answered, held against the schema it promises.
inline Result<nlohmann::json> answer(const tools::Tool& tool, const Status& status, BytesView result) {
  if (!status) return std::unexpected(status.error());
  YARD_TRY_STATUS(check_pack(result));
  YARD_TRY(const tools::Schema schema, tools::Schema::compile(tool.spec.result));
  if (auto fits = schema.check(PackView(result)); !fits) {
    return fail(ErrorCode::kInternal, "result schema: " + to_string(fits.error()));
  }
  return to_json(PackView(result));
}

}  // namespace detail

// Runs an immediate tool or a job to its end. `arguments`: msgpack of one map.
inline Result<nlohmann::json> call_packed(const tools::Registry& registry, std::string_view name, BytesView arguments,
                                          FakeJobContext& job, FakeInlineContext& context) {
  YARD_TRY(const tools::Tool* const tool, detail::checked(registry, name, arguments));
  Bytes result;
  PackWriter writer(result);
  if (const auto* immediate = std::get_if<tools::ImmediateHandler>(&tool->spec.handler)) {
    const Status status = (*immediate)(PackView(arguments), context, writer);
    return detail::answer(*tool, status, result);
  }
  if (const auto* handler = std::get_if<tools::JobHandler>(&tool->spec.handler)) {
    const Status status = (*handler)(PackView(arguments), job, writer);
    return detail::answer(*tool, status, result);
  }
  return fail(ErrorCode::kBadRequest, std::string(name) + " is neither immediate nor a job");
}

inline Result<nlohmann::json> call(const tools::Registry& registry, std::string_view name,
                                   const nlohmann::json& arguments, FakeJobContext& job) {
  FakeInlineContext context;
  return call_packed(registry, name, pack(arguments), job, context);
}

inline Result<nlohmann::json> call(const tools::Registry& registry, std::string_view name,
                                   const nlohmann::json& arguments) {
  FakeJobContext job;
  return call(registry, name, arguments, job);
}

inline Result<nlohmann::json> call(const tools::Registry& registry, std::string_view name,
                                   const nlohmann::json& arguments, FakeInlineContext& context) {
  FakeJobContext job;
  return call_packed(registry, name, pack(arguments), job, context);
}

struct Acked {
  nlohmann::json ack;
  Status acted;
};

// An ack tool: the acknowledgement, then the act.
inline Result<Acked> cast(const tools::Registry& registry, std::string_view name, const nlohmann::json& arguments,
                          FakeInlineContext& context) {
  const Bytes packed = pack(arguments);
  YARD_TRY(const tools::Tool* const tool, detail::checked(registry, name, packed));
  const auto* handler = std::get_if<tools::AckHandler>(&tool->spec.handler);
  if (handler == nullptr) return fail(ErrorCode::kBadRequest, std::string(name) + " is no ack tool");
  Acked acked{.ack = {{"ok", true}}, .acted = {}};
  if (handler->acknowledge) {
    Bytes ack;
    PackWriter writer(ack);
    handler->acknowledge(PackView(packed), context, writer);
    YARD_TRY(acked.ack, detail::answer(*tool, Status{}, ack));
  }
  acked.acted = handler->act(PackView(packed), context);
  return acked;
}

}  // namespace yard::testing
