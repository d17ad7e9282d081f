#include "clients/core/call_options.h"

#include <algorithm>

namespace yard::client {
namespace {

void write_duration(PackMap& map, std::string_view key, Millis duration) {
  if (duration > Millis::zero()) map.integer(key, duration.count());
}

void write_stated(PackMap& map, const CallOptions& options) {
  write_duration(map, "delay_ms", options.delay);
  write_duration(map, "queue_ttl_ms", options.queue_ttl);
  write_duration(map, "attempt_timeout_ms", options.attempt_timeout);
  write_duration(map, "deadline_ms", options.deadline);
  write_duration(map, "result_ttl_ms", options.result_ttl);
  if (!options.grade.empty()) map.string("grade", options.grade);
  if (!options.after.empty()) {
    PackArray after = map.array("after");
    for (const JobId& id : options.after) after.string(to_hex(id.value()));
  }
  if (!options.with.empty()) {
    PackMap with = map.map("with");
    for (const ResultOf& source : options.with)
      with.map(source.argument).string("job", to_hex(source.job.value())).string("pointer", source.pointer);
  }
  if (options.continue_on_parent_failure) map.string("on_parent_failure", "continue");
  if (!options.key.empty()) map.string("key", options.key);
  if (!options.coalesce.empty()) map.string("coalesce", options.coalesce);
  write_duration(map, "debounce_ms", options.debounce);
  write_duration(map, "debounce_max_ms", options.debounce_max);
  if (options.parent) map.string("parent", to_hex(options.parent.value()));
  if (options.fresh) map.boolean("fresh", true);
  if (!options.concurrency_key.empty()) map.string("concurrency_key", options.concurrency_key);
}

}  // namespace

bool write_options(PackWriter& writer, const CallOptions& options) {
  const std::size_t before = writer.out().size();
  std::uint32_t stated = 0;
  {
    PackMap map(writer);
    write_stated(map, options);
    stated = map.count();
  }
  if (stated == 0) writer.out().resize(before);
  return stated > 0;
}

void write_call(PackArray& calls, std::string_view tool, BytesView arguments, const CallOptions& options) {
  Bytes stated;
  PackWriter writer(stated);
  const bool states = write_options(writer, options);
  PackMap call = calls.map();
  call.string("id", to_hex(options.id)).string("tool", tool).natural("priority", options.priority);
  if (states) call.raw("options", stated);
  call.raw("arguments", arguments);
}

std::uint32_t budget_field(Millis budget) {
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(budget.count(), 0, wire::kBudgetOfClass - 1));
}

}  // namespace yard::client
