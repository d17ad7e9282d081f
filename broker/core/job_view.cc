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
      .string("topic", iopub::job_topic(job.id.value()))
      .natural("epoch", cursor.epoch)
      .natural("seq", job.last_seq())
      .natural("lsn", cursor.lsn);
}

}  // namespace

void write_ticket(PackWriter& writer, const Job& job, const Cursor& cursor, JobId asked) {
  PackMap map(writer);
  map.string("job_id", to_hex(job.id.value())).string("state", name_of(job.state));
  map.string("timeout_class", name_of(job.wait_class)).string("grade", name_of(job.grade));
  if (asked != job.id) map.boolean("joined", true);
  write_cursor(map.value("stream"), job, cursor);
}

namespace {

std::string_view result_key(const jobs::JobRun& run) { return run.by_reference ? "result_ref" : "result"; }

// What is worth saying of few.
void write_ending(PackMap& map, const jobs::JobRun& run) {
  if (run.stopped != jobs::StopMeans::kNone) map.string("stopped", name_of(run.stopped));
  if (run.deaths > 0) map.natural("deaths", run.deaths);
  if (run.dead_letter) map.boolean("dead_letter", true);
}

void write_terms(PackMap& map, const jobs::JobTerms& terms) {
  if (terms.parent) map.string("parent", hex_text(terms.parent.value()));
  if (!terms.key.empty()) map.string("key", terms.key);
  if (terms.replay_of) map.string("replay_of", hex_text(terms.replay_of.value()));
}

void write_run(PackMap& map, const Job& job, JobDetail detail) {
  const jobs::JobRun& run = *job.run;
  if (run.started_at) map.integer("started_ms", unix_ms(*run.started_at));
  if (run.ended_at) map.integer("ended_ms", unix_ms(*run.ended_at));
  if (!run.progress_message.empty() || run.percent > 0) {
    PackMap progress = map.map("progress");
    progress.real("percent", run.percent).string("message", run.progress_message);
  }
  if (job.state == jobs::JobState::kSucceeded && detail != JobDetail::kBrief) map.raw(result_key(run), run.result);
  if (run.error && is_terminal(job.state)) write_error(map.value("error"), *run.error);
  write_ending(map, run);
}

}  // namespace

void write_job(PackWriter& writer, const Job& job, const Cursor& cursor, JobDetail detail) {
  PackMap map(writer);
  map.string("job_id", hex_text(job.id.value())).string("tool", job.tool);
  map.natural("tool_version", job.tool_version).string("state", name_of(job.state));
  map.natural("priority", job.priority).string("timeout_class", name_of(job.wait_class));
  map.string("grade", name_of(job.grade)).natural("attempt", job.attempt);
  map.integer("created_ms", unix_ms(job.created_at));
  if (job.own_terms) write_terms(map, *job.own_terms);
  if (job.run) write_run(map, job, detail);
  if (detail == JobDetail::kArguments) map.raw("arguments", job.arguments.view());
  write_cursor(map.value("stream"), job, cursor);
}

void write_tombstone(PackWriter& writer, const jobs::Tombstone& tombstone) {
  PackMap map(writer);
  map.string("job_id", hex_text(tombstone.id.value())).string("tool", tombstone.tool);
  map.string("state", name_of(tombstone.state)).integer("created_ms", unix_ms(tombstone.created));
  map.integer("ended_ms", unix_ms(tombstone.ended)).integer("dropped_ms", unix_ms(tombstone.dropped));
  if (tombstone.error != ErrorCode{}) {
    write_error(map.value("error"), {.code = tombstone.error, .message = "what it said has been dropped, too"});
  }
}

std::string gone_text(const jobs::Tombstone& tombstone) {
  return "job " + to_hex(tombstone.id.value()) + " of " + std::string(tombstone.tool) + " is " +
         std::string(name_of(tombstone.state)) + ", and its result has been dropped";
}

void write_state(PackWriter& writer, const Job& job, jobs::JobState state) {
  writer.map(3);
  writer.string("job_id");
  writer.string(hex_text(job.id.value()));
  writer.string("tool");
  writer.string(job.tool);
  writer.string("state");
  writer.string(name_of(state));
}

void write_end(PackWriter& writer, const Job& job) {
  PackMap map(writer);
  map.string("state", name_of(job.state));
  if (job.run->error) {
    write_error(map.value("error"), *job.run->error);
  } else {
    map.raw(result_key(*job.run), job.run->result);
  }
  write_ending(map, *job.run);
}

}  // namespace yard::broker
