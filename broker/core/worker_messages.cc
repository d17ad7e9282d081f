#include "broker/core/worker_messages.h"

#include <algorithm>

#include "broker/core/job_view.h"
#include "tools/worker_tool.h"

namespace yard::broker {

using wire::Verb;

namespace {

constexpr std::size_t kNameMax = 64;

std::unexpected<Error> refuse(std::string message) { return fail(ErrorCode::kBadRequest, std::move(message)); }

Error read_error(PackView body) {
  const auto code = error_code(body.find("name").string_or(""));
  return {.code = code.value_or(ErrorCode::kToolFailed),
          .message = std::string(body.find("message").string_or("")),
          .pointer = std::string(body.find("pointer").string_or("")),
          .retry_after_ms = static_cast<std::uint32_t>(
              std::clamp<std::int64_t>(body.find("retry_after_ms").integer_or(0), 0, 24 * 3'600'000))};
}

// A result that can't be one ends the attempt all the same: it would only come again.
Result<Bytes> read_result(BytesView body) {
  constexpr char kEmptyMap = static_cast<char>(0x80);
  if (body.empty()) return Bytes(1, kEmptyMap);
  if (PackView(body).type() != PackType::kMap) return fail(ErrorCode::kToolFailed, "its worker's result is no map");
  return Bytes(body);
}

}  // namespace

Result<std::vector<ListedAttempt>> read_attempts(PackView body, std::size_t most) {
  const PackView attempts = body.find("attempts");
  if (attempts.type() != PackType::kArray) return refuse("attempts is a list of {job_id, fence, reported}");
  if (attempts.size() > most)
    return fail(ErrorCode::kTooLarge, "a worker holds at most " + std::to_string(most) + " attempts");
  std::vector<ListedAttempt> listed;
  bool good = true;
  attempts.each_element([&](PackView each) {
    const auto job = parse_uuid(each.find("job_id").string_or(""));
    const auto fence = each.find("fence").integer();
    const std::int64_t reported = each.find("reported").integer_or(0);
    good = good && job && fence && *fence > 0 && reported >= 0;
    if (!good) return;
    listed.push_back({.job = JobId(*job),
                      .fence = static_cast<std::uint64_t>(*fence),
                      .reported = static_cast<std::uint64_t>(reported)});
  });
  if (!good) return refuse("attempts is a list of {job_id, fence, reported}");
  return listed;
}

Result<Registration> read_registration(PackView body, const Limits& limits) {
  Registration registration;
  const auto id = parse_uuid(body.find("worker").string_or(""));
  if (!id || !*id) return refuse("worker is an id of 32 hex digits, made anew by each process");
  registration.worker = *id;
  registration.name = body.find("name").string_or("").substr(0, kNameMax);
  const auto concurrency = body.find("concurrency").integer();
  if (!concurrency || *concurrency < 0 || std::cmp_greater(*concurrency, limits.worker_concurrency_max))
    return refuse("concurrency is 0 to " + std::to_string(limits.worker_concurrency_max));
  registration.concurrency = static_cast<std::size_t>(*concurrency);
  YARD_TRY(registration.resources, jobs::read_amounts(body.find("resources")));
  const jobs::ResourcePool resources(registration.resources);
  const PackView tools = body.find("tools");
  if (tools.type() != PackType::kArray || tools.size() > limits.worker_tools_max)
    return refuse("tools is a list of at most " + std::to_string(limits.worker_tools_max) + " tools");
  Status status;
  tools.each_element([&](PackView each) {
    if (!status) return;
    auto spec = tools::read_worker_tool(each);
    if (!spec) {
      status = std::unexpected(std::move(spec).error());
    } else if (std::ranges::find(registration.tools, spec->name, &tools::ToolSpec::name) != registration.tools.end()) {
      status = refuse("tool " + spec->name + " is declared twice");
    } else if (Status enough = resources.check(std::get<tools::WorkerHandler>(spec->handler).resources); !enough) {
      status = fail(enough.error().code, "tool " + spec->name + ": " + enough.error().message);
    } else {
      registration.tools.push_back(*std::move(spec));
    }
  });
  YARD_TRY_STATUS(status);
  YARD_TRY(registration.attempts, read_attempts(body, limits.worker_concurrency_max));
  return registration;
}

Result<jobs::Report> read_report(const wire::Message& message) {
  const PackView body(message.body);
  jobs::Report report{
      .id = JobId(message.header.id), .fence = message.header.fence, .number = message.header.correlation};
  switch (message.header.verb) {
    case Verb::kStart: report.what = jobs::Started{}; return report;
    case Verb::kProgress:
      report.what = jobs::Progressed{.percent = std::clamp(body.find("percent").real_or(0), 0.0, 100.0),
                                     .message = std::string(body.find("message").string_or(""))};
      return report;
    case Verb::kChunk: {
      const auto data = body.find("data").binary();
      if (!data) return refuse("a chunk is {data: bin}");
      report.what = jobs::Chunked{.data = Bytes(*data)};
      return report;
    }
    case Verb::kLog:
      report.what = jobs::Logged{.level = std::string(body.find("level").string_or("info")),
                                 .message = std::string(body.find("message").string_or(""))};
      return report;
    case Verb::kSucceed: report.what = jobs::Finished{.outcome = read_result(message.body)}; return report;
    case Verb::kFail: report.what = jobs::Finished{.outcome = std::unexpected(read_error(body))}; return report;
    default: return fail(ErrorCode::kUnsupported, "this verb doesn't go to the workers socket");
  }
}

// ---- to workers

namespace {

template <typename Write>
void write_frame(WorkerFrames& frames, const Worker& worker, wire::Header header, std::string_view tool,
                 Write&& write) {
  if (worker.session == 0) return;
  header.session = worker.session;
  header.priority = 0;
  header.budget_ms = 0;
  Bytes& frame = frames.begin(worker.peer);
  wire::encode_head(frame, header, tool);
  PackWriter writer(frame);
  write(writer);
  frames.end();
}

}  // namespace

void write_assign(WorkerFrames& frames, const Worker& worker, const jobs::Job& job) {
  const wire::Header header{.verb = Verb::kAssign, .id = job.id.value(), .fence = job.fence};
  write_frame(frames, worker, header, job.tool, [&](PackWriter& writer) {
    PackMap(writer)
        .natural("attempt", job.attempt)
        .boolean("once", job.attempts_max == 1)
        .natural("tool_version", job.tool_version)
        .integer("timeout_ms", job.attempt_timeout.count())
        .raw("arguments", job.arguments.view());
  });
}

void write_stop(WorkerFrames& frames, const Worker& worker, const jobs::Job& job) {
  write_frame(frames, worker, {.verb = Verb::kStop, .id = job.id.value(), .fence = job.fence}, "", [](PackWriter&) {});
}

void write_revoke(WorkerFrames& frames, const Worker& worker, const ListedAttempt& attempt) {
  static const Error kStale{.code = ErrorCode::kStale, .message = "the attempt is no longer this worker's"};
  write_frame(frames, worker, {.verb = Verb::kRevoke, .id = attempt.job.value(), .fence = attempt.fence}, "",
              [](PackWriter& writer) { write_error(writer, kStale); });
}

void write_report_ack(WorkerFrames& frames, const Worker& worker, const ListedAttempt& attempt, std::uint64_t number) {
  write_frame(frames, worker,
              {.verb = Verb::kAck, .correlation = number, .id = attempt.job.value(), .fence = attempt.fence}, "",
              [](PackWriter&) {});
}

}  // namespace yard::broker
