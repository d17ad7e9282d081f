#include "clients/cli/stations.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "clients/cli/demo_tunes.h"
#include "clients/cli/follow.h"
#include "clients/cli/job_wait.h"
#include "clients/cli/output.h"
#include "engine/base/pack_json.h"

namespace yard::cli {
namespace {

using client::Reply;
using nlohmann::json;
using wire::Verb;

constexpr Millis kJobTimeout = std::chrono::minutes(15);
constexpr Millis kShortTimeout = std::chrono::minutes(2);
constexpr Millis kPollStep = std::chrono::milliseconds(250);
constexpr Millis kCastTimeout = std::chrono::seconds(5);
constexpr double kProgressEveryMs = 2'000;
constexpr std::int64_t kPieceBytes = 1 << 20;  // the most that cas_get gives at once
constexpr double kTempo = 132;

Error at(std::string_view station, Error error) {
  error.message = std::string(station) + ": " + error.message;
  return error;
}

std::string percent_text(PackView progress) {
  return std::to_string(static_cast<int>(progress.find("percent").real_or(0))) + " %  " +
         std::string(progress.find("message").string_or(""));
}

json book_arguments() {
  json semitones = json::array();
  for (int shift = 0; shift < 12; ++shift) semitones.push_back(shift);
  return {{"abc", kDemoTunebook}, {"semitones", semitones}};
}

// A result in a few words.
std::string brief(PackView result) {
  std::string text = compact(to_json(result));
  constexpr std::size_t kMost = 70;
  if (text.size() <= kMost) return text;
  std::size_t end = kMost;
  while ((text[end] & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

}  // namespace

Result<DemoProducts> Stations::run() {
  DemoProducts products;
  const std::pair<const char*, std::function<Status()>> stations[] = {
      {"immediate tools", [&] { return immediate_station(); }},
      {"short jobs", [&] { return short_station(products); }},
      {"the long job", [&] { return long_station(products); }},
      {"cancelling", [&] { return cancel_station(); }},
  };
  for (const auto& [name, station] : stations) {
    if (const Status passed = station(); !passed) return std::unexpected(at(name, passed.error()));
  }
  return products;
}

Status Stations::immediate_station() {
  YARD_TRY(const Reply checked, call("abc_validate", {{"abc", kDemoTune}}));
  if (!checked.view().find("valid").boolean_or(false))
    return fail(ErrorCode::kToolFailed, "abc_validate finds the shipped tune invalid: " + brief(checked.view()));
  YARD_TRY([[maybe_unused]] const Reply parsed, call("abc_parse", {{"abc", kDemoTune}}));
  return {};
}

Status Stations::short_station(DemoProducts& products) {
  YARD_TRY(const Reply midi, call("abc_to_midi", {{"abc", kDemoTune}}));
  products.midi_hash = midi.view().find("result").find("content_hash").string_or("");

  const Stopwatch watch;
  YARD_TRY(const JobId job, submit("convert_midi_to_wav", {{"input_hash", products.midi_hash}}, ""));
  YARD_TRY(products.progress_events, follow_to_end(job, "convert_midi_to_wav"));
  YARD_TRY(const Reply wav, await_end(job, "convert_midi_to_wav"));
  const PackView result = wav.view().find("result");
  timeline_.add({.verb = "result",
                 .tool = "convert_midi_to_wav",
                 .dispatch = "short job",
                 .outcome = brief(result),
                 .latency_ms = watch.ms()});
  products.wav_hash = result.find("content_hash").string_or("");

  YARD_TRY(products.midi, fetch(products.midi_hash));
  YARD_TRY(products.wav, fetch(products.wav_hash));
  if (!products.midi.starts_with("MThd")) return fail(ErrorCode::kToolFailed, "the MIDI file does not begin with MThd");
  if (!products.wav.starts_with("RIFF")) return fail(ErrorCode::kToolFailed, "the WAV file does not begin with RIFF");
  return {};
}

Status Stations::long_station(DemoProducts& products) {
  const Stopwatch watch;
  YARD_TRY(const JobId job, submit("abc_render_book", book_arguments(), "long submit"));
  YARD_TRY_STATUS(garden_station());
  YARD_TRY(const Reply done, await_end(job, "abc_render_book"));
  const PackView result = done.view().find("result");
  const std::string count = std::to_string(result.find("count").integer_or(0));
  timeline_.add({.verb = "result",
                 .tool = "abc_render_book",
                 .dispatch = "long job",
                 .outcome = count + " items made, " + std::to_string(result.find("failed").integer_or(-1)) + " failed",
                 .latency_ms = watch.ms()});
  if (result.find("failed").integer_or(-1) != 0) return fail(ErrorCode::kToolFailed, "items failed: " + brief(result));
  products.book = to_json(result);
  return {};
}

// While the long job runs, the quick classes stay quick.
Status Stations::garden_station() {
  Bytes arguments = pack({{"bpm", kTempo}});
  const Stopwatch watch;
  YARD_TRY_STATUS(client_.cast("garden_set_tempo", arguments));
  timeline_.add({.verb = "cast", .tool = "garden_set_tempo", .outcome = "sent"});
  YARD_TRY_STATUS(await_tempo(kTempo));
  timeline_.add({.verb = "effect",
                 .tool = "garden_set_tempo",
                 .dispatch = "cast",
                 .outcome = "read back at 132 bpm",
                 .latency_ms = watch.ms()});
  YARD_TRY([[maybe_unused]] const Reply played, call("garden_play", json::object()));
  YARD_TRY(const Reply status, call("garden_status", json::object()));
  if (status.view().find("state").string_or("") != "playing")
    return fail(ErrorCode::kToolFailed, "garden_play was acknowledged, but nothing plays: " + brief(status.view()));
  return {};
}

Status Stations::await_tempo(double bpm) {
  const Stopwatch watch;
  while (watch.ms() < static_cast<double>(kCastTimeout.count())) {
    YARD_TRY(const Reply status, client_.call_wait("garden_status", pack(json::object())));
    if (status.view().find("tempo_bpm").real_or(0) == bpm) return {};
  }
  return fail(ErrorCode::kToolFailed, "the cast tempo did not arrive within 5 s");
}

Status Stations::cancel_station() {
  YARD_TRY(const JobId job, submit("abc_render_book", book_arguments(), "long submit"));
  const Stopwatch waiting;
  for (std::string state; state != "running";) {
    YARD_TRY(const Reply record, get(client_.status(job)));
    state = record.view().find("state").string_or("");
    if (waiting.ms() > static_cast<double>(kShortTimeout.count()))
      return fail(ErrorCode::kUnavailable, "the second job is " + state + " and does not begin");
    YARD_TRY([[maybe_unused]] const Reply waited, get(client_.wait(std::span(&job, 1), true, Millis(50))));
  }
  const Stopwatch watch;
  YARD_TRY(const Reply told, get(client_.cancel(job, "the demonstration has seen enough")));
  timeline_.add({.verb = "cancel",
                 .tool = "abc_render_book",
                 .outcome = "it is " + std::string(told.view().find("state").string_or("")),
                 .latency_ms = watch.ms()});
  std::string state;
  do {
    YARD_TRY([[maybe_unused]] const Reply waited, get(client_.wait(std::span(&job, 1), true, kPollStep)));
    YARD_TRY(const Reply record, get(client_.status(job)));
    state = record.view().find("state").string_or("");
  } while (state == "cancelling" && watch.ms() < static_cast<double>(kShortTimeout.count()));
  if (state != "cancelled") return fail(ErrorCode::kToolFailed, "the second job was cancelled, but is " + state);
  timeline_.add({.verb = "status",
                 .tool = "abc_render_book",
                 .dispatch = "cancel",
                 .outcome = "it is cancelled",
                 .latency_ms = watch.ms()});
  return {};
}

// ---- one thing at a time

Result<Reply> Stations::call(const std::string& tool, const Json& arguments) {
  const Stopwatch watch;
  YARD_TRY(Reply reply, client_.call_wait(tool, pack(arguments)));
  if (reply.verb == Verb::kJob) return fail(ErrorCode::kUnavailable, tool + " did not end in time");
  if (reply.verb == Verb::kResult) YARD_TRY_STATUS(outcome_of(reply.view()));
  const char* dispatch = reply.verb == Verb::kImmediate ? "immediate" : reply.verb == Verb::kAck ? "ack" : "short job";
  const PackView result = reply.verb == Verb::kResult ? reply.view().find("result") : reply.view();
  timeline_.add(
      {.verb = "call", .tool = tool, .dispatch = dispatch, .outcome = brief(result), .latency_ms = watch.ms()});
  return reply;
}

Result<JobId> Stations::submit(const std::string& tool, const Json& arguments, const char* dispatch) {
  const JobId job(make_uuid(random_));
  const Stopwatch watch;
  YARD_TRY([[maybe_unused]] const Reply ticket, get(client_.submit(tool, pack(arguments), {.id = job.value()})));
  timeline_.add({.verb = "submit",
                 .tool = tool,
                 .dispatch = dispatch,
                 .outcome = "job " + to_hex(job.value()),
                 .latency_ms = watch.ms()});
  return job;
}

// Polls by the job's id: WAIT in short steps, STATUS in between.
Result<Reply> Stations::await_end(JobId job, const std::string& tool) {
  const Stopwatch watch;
  double told_ms = 0;
  while (watch.ms() < static_cast<double>(kJobTimeout.count())) {
    YARD_TRY([[maybe_unused]] const Reply waited, get(client_.wait(std::span(&job, 1), true, kPollStep)));
    YARD_TRY(Reply record, get(client_.status(job)));
    const PackView view = record.view();
    YARD_TRY_STATUS(outcome_of(view));
    if (view.find("state").string_or("") == "succeeded") return record;
    if (watch.ms() - told_ms < kProgressEveryMs) continue;
    told_ms = watch.ms();
    timeline_.add(
        {.verb = "status",
         .tool = tool,
         .outcome = std::string(view.find("state").string_or("")) + "  " + percent_text(view.find("progress"))});
  }
  return fail(ErrorCode::kDeadlineExceeded, tool + " did not end within 15 minutes");
}

// How many progress events came, by the job's stream alone.
Result<int> Stations::follow_to_end(JobId job, const std::string& tool) {
  Follower follower(client_);
  YARD_TRY_STATUS(follower.follow(iopub::job_topic(job.value()), 1));
  const Stopwatch watch;
  int count = 0;
  std::string last;
  while (watch.ms() < static_cast<double>(kShortTimeout.count())) {
    YARD_TRY(const auto event, follower.next(kPollStep));
    if (!event) continue;
    if (event->header.kind == iopub::EventKind::kProgress) ++count, last = percent_text(event->view());
    if (!ends_job(*event)) continue;
    timeline_.add(
        {.verb = "iopub", .tool = tool, .outcome = std::to_string(count) + " progress events, the last: " + last});
    return count;
  }
  return fail(ErrorCode::kUnavailable, "the stream of " + tool + " did not end within 2 minutes");
}

Result<Bytes> Stations::fetch(const std::string& hash) {
  const Stopwatch watch;
  Bytes content;
  for (std::int64_t size = 1; std::cmp_less(content.size(), size);) {
    const json arguments = {{"hash", hash}, {"offset", content.size()}, {"length", kPieceBytes}};
    YARD_TRY(const Reply reply, client_.call_wait("cas_get", pack(arguments)));
    if (reply.verb != Verb::kResult) return fail(ErrorCode::kUnavailable, "cas_get did not end in time");
    YARD_TRY_STATUS(outcome_of(reply.view()));
    const PackView result = reply.view().find("result");
    const auto data = result.find("data").binary();
    size = result.find("size").integer_or(0);
    if (!data || (data->empty() && size > 0)) return fail(ErrorCode::kToolFailed, "cas_get gave no data for " + hash);
    content += *data;
  }
  timeline_.add({.verb = "call",
                 .tool = "cas_get",
                 .outcome = std::to_string(content.size()) + " bytes of " + hash,
                 .latency_ms = watch.ms()});
  return content;
}

}  // namespace yard::cli
