#include "broker/core/job_view.h"

#include "iopub/event.h"

namespace yard::broker {

using jobs::Job;

std::int64_t unix_ms(WallTime time) { return std::chrono::duration_cast<Millis>(time.time_since_epoch()).count(); }

void write_error(PackWriter& writer, const Error& error) {
  PackMap map(writer);
  map.natural("code", static_cast<std::uint64_t>(error.code)).string("name", error_name(error.code));
  map.string("message", error.message).boolean("retryable", is_retryable(error.code));
  if (error.retry_after_ms > 0) map.natural("retry_after_ms", error.retry_after_ms);
  if (!error.pointer.empty()) map.string("pointer", error.pointer);
}

namespace {

void write_cursor(PackWriter& writer, const Job& job, const Cursor& cursor) {
  PackMap(writer)
      .string("topic", iopub::job_topic(job.id().value()))
      .natural("epoch", cursor.epoch)
      .natural("seq", job.stream.last())
      .natural("lsn", cursor.lsn);
}

}  // namespace

void write_ticket(PackWriter& writer, const Job& job, const Cursor& cursor) {
  PackMap map(writer);
  map.string("job_id", to_hex(job.id().value())).string("state", name_of(job.state));
  map.string("timeout_class", name_of(job.order.wait_class)).string("grade", name_of(job.order.grade));
  write_cursor(map.value("stream"), job, cursor);
}

void write_job(PackWriter& writer, const Job& job, const Cursor& cursor, JobDetail detail) {
  PackMap map(writer);
  map.string("job_id", hex_text(job.id().value())).string("tool", job.order.tool);
  map.natural("tool_version", job.order.tool_version).string("state", name_of(job.state));
  map.natural("priority", job.order.priority).string("timeout_class", name_of(job.order.wait_class));
  map.string("grade", name_of(job.order.grade)).natural("attempt", job.attempt);
  map.integer("created_ms", unix_ms(job.created_at));
  if (job.started_at) map.integer("started_ms", unix_ms(*job.started_at));
  if (job.ended_at) map.integer("ended_ms", unix_ms(*job.ended_at));
  if (!job.progress_message.empty() || job.percent > 0) {
    PackMap progress = map.map("progress");
    progress.real("percent", job.percent).string("message", job.progress_message);
  }
  if (job.state == jobs::JobState::kSucceeded && detail == JobDetail::kWhole) map.raw("result", job.result);
  if (job.error && is_terminal(job.state)) write_error(map.value("error"), *job.error);
  write_cursor(map.value("stream"), job, cursor);
}

void write_state(PackWriter& writer, const Job& job) {
  writer.map(3);
  writer.string("job_id");
  writer.string(hex_text(job.id().value()));
  writer.string("tool");
  writer.string(job.order.tool);
  writer.string("state");
  writer.string(name_of(job.state));
}

void write_end(PackWriter& writer, const Job& job) {
  PackMap map(writer);
  map.string("state", name_of(job.state));
  if (job.error) {
    write_error(map.value("error"), *job.error);
  } else {
    map.raw("result", job.result);
  }
}

void write_order(PackWriter& writer, const Job& job) {
  const jobs::JobOrder& order = job.order;
  PackMap map(writer);
  map.string("tool", order.tool).natural("tool_version", order.tool_version).string("principal", order.principal);
  map.natural("digest", order.digest).natural("priority", order.priority).string("state", name_of(job.state));
  map.natural("created_ns", to_ns(job.created_at)).raw("arguments", order.arguments);
  if (order.delay > Millis::zero()) map.integer("delay_ms", order.delay.count());
  if (order.queue_ttl > Millis::zero()) map.integer("queue_ttl_ms", order.queue_ttl.count());
  if (order.attempt_timeout > Millis::zero()) map.integer("attempt_timeout_ms", order.attempt_timeout.count());
  if (order.deadline > Millis::zero()) map.integer("deadline_ms", order.deadline.count());
  if (order.after.empty()) return;
  map.string("on_parent_failure", order.on_parent_failure == jobs::ParentPolicy::kFail ? "fail" : "continue");
  PackArray after = map.array("after");
  for (const JobId parent : order.after) after.string(to_hex(parent.value()));
}

void write_attempt(PackWriter& writer, const Job& job) {
  writer.map(3);
  writer.string("state");
  writer.string(name_of(job.state));
  writer.string("attempt");
  writer.natural(job.attempt);
  writer.string("fence");
  writer.natural(job.fence);
}

}  // namespace yard::broker
