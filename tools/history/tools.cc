#include "tools/history/tools.h"

namespace yard::tools {
namespace {

constexpr std::string_view kArguments = R"json({
  "type": "object",
  "properties": {
    "tool": {"type": "string", "maxLength": 64, "description": "Only jobs of this tool"},
    "state": {"type": "string", "enum": ["scheduled", "blocked", "queued", "assigned", "running", "input_required", "cancelling", "succeeded", "failed", "cancelled", "expired"],
              "description": "Only jobs in this state"},
    "text": {"type": "string", "maxLength": 256, "description": "Only jobs whose error's message contains it"},
    "since_ms": {"type": "integer", "minimum": 0, "description": "Submitted then or later; Unix time in milliseconds"},
    "until_ms": {"type": "integer", "minimum": 0, "description": "Submitted then or earlier"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100, "description": "At most so many, newest first"},
    "cursor": {"type": "integer", "minimum": 1, "description": "Where the last page ended"}
  },
  "additionalProperties": false
})json";

constexpr std::string_view kResult = R"json({
  "type": "object",
  "properties": {
    "jobs": {"type": "array", "items": {
      "type": "object",
      "properties": {
        "job_id": {"type": "string", "description": "32 hex digits"},
        "tool": {"type": "string"},
        "state": {"type": "string"},
        "attempts": {"type": "integer"},
        "error": {"type": "string", "description": "The error's name"},
        "message": {"type": "string", "description": "The error's message"},
        "created_ms": {"type": "integer", "description": "Unix time in milliseconds"},
        "started_ms": {"type": "integer", "description": "Of the last attempt"},
        "ended_ms": {"type": "integer"}
      },
      "required": ["job_id", "tool", "state", "created_ms"]
    }},
    "cursor": {"type": "integer", "description": "There are more: pass it to go on"}
  },
  "required": ["jobs"]
})json";

void write_past_job(PackMap map, const jobs::PastJob& job) {
  map.string("job_id", job.id).string("tool", job.tool).string("state", job.state).integer("attempts", job.attempts);
  if (!job.error.empty()) map.string("error", job.error).string("message", job.message);
  map.integer("created_ms", job.created_ms);
  if (job.started_ms != 0) map.integer("started_ms", job.started_ms);
  if (job.ended_ms != 0) map.integer("ended_ms", job.ended_ms);
}

Status search(jobs::History& history, PackView arguments, jobs::JobContext& context, PackWriter& result) {
  YARD_TRY_STATUS(history.catch_up(context.stop()));
  jobs::HistoryQuery query{.principal = context.principal()};
  query.tool = arguments.find("tool").string_or("");
  query.state = jobs::parse_state(arguments.find("state").string_or(""));
  query.text = arguments.find("text").string_or("");
  query.since_ms = arguments.find("since_ms").integer_or(query.since_ms);
  query.until_ms = arguments.find("until_ms").integer_or(query.until_ms);
  query.before = static_cast<jobs::LogPosition>(arguments.find("cursor").integer_or(INT64_MAX));
  query.limit = static_cast<std::size_t>(arguments.find("limit").integer_or(100));
  YARD_TRY(const std::vector<jobs::PastJob> found, history.find(query));
  PackMap map(result);
  {
    PackArray list = map.array("jobs");
    for (const jobs::PastJob& job : found) write_past_job(list.map(), job);
  }
  if (found.size() == query.limit) map.natural("cursor", found.back().lsn);
  return {};
}

}  // namespace

Status add_history_tools(Registry& registry, jobs::History& history) {
  return registry.add({
      .name = "job_history",
      .title = "Search past jobs",
      .description =
          "Searches all durable jobs there were, newest first, also those whose results have been dropped long ago: by "
          "tool, state, time and the text of their errors. For what happens now, job_list and job_status are quicker.",
      .arguments = std::string(kArguments),
      .result = std::string(kResult),
      .kind = ToolKind::kJob,
      .timeout_class = TimeoutClass::kShort,
      .read_only = true,
      .idempotent = true,
      .grade = jobs::Grade::kVolatile,
      .concurrency_max = 1,
      .handler = JobHandler([&history](PackView arguments, jobs::JobContext& context, PackWriter& result) {
        return search(history, arguments, context, result);
      }),
  });
}

}  // namespace yard::tools
