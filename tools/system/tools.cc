#include "tools/system/tools.h"

#include <memory>
#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::tools {
namespace {

using nlohmann::json;

constexpr std::string_view kConfigArguments = R"json({
  "type": "object",
  "properties": {
    "section": {"type": "string", "maxLength": 128, "description": "A part of the configuration; without it all of it"},
    "key": {"type": "string", "maxLength": 128, "description": "One setting of that section; without it all of them"}
  },
  "additionalProperties": false
})json";

constexpr std::string_view kConfigResult = R"json({
  "type": "object",
  "properties": {
    "section": {"type": ["string", "null"]},
    "key": {"type": ["string", "null"]},
    "value": {"description": "The setting, the section, or the whole configuration"}
  },
  "required": ["section", "key", "value"]
})json";

// A job as every one of these tools describes it.
constexpr std::string_view kJobProperties = R"json(
    "job_id": {"type": "string", "description": "32 hex digits"},
    "tool": {"type": "string"},
    "state": {"type": "string", "enum": ["scheduled", "blocked", "queued", "assigned", "running", "input_required", "cancelling", "succeeded", "failed", "cancelled", "expired"]},
    "result": {"description": "What the tool returned; once it succeeded"},
    "error": {"type": "object", "description": "Why it failed, was cancelled or expired"},
    "progress": {"type": "object", "description": "The last progress: percent and message"},
    "attempt": {"type": "integer"},
    "created_ms": {"type": "integer", "description": "Unix time in milliseconds"},
    "started_ms": {"type": "integer"},
    "ended_ms": {"type": "integer"},
    "timeout_class": {"type": "string", "enum": ["short", "medium", "long"]},
    "stream": {"type": "object", "description": "Where its events are: topic, epoch, seq, lsn"}
)json";

constexpr std::string_view kOneJob = R"json({
  "type": "object",
  "properties": {"job_id": {"type": "string", "minLength": 32, "maxLength": 36, "description": "As the submitting call answered it"}},
  "required": ["job_id"],
  "additionalProperties": false
})json";

constexpr std::string_view kListArguments = R"json({
  "type": "object",
  "properties": {
    "state": {"type": "string", "enum": ["scheduled", "blocked", "queued", "assigned", "running", "input_required", "cancelling", "succeeded", "failed", "cancelled", "expired"],
              "description": "Only jobs in this state"},
    "tool": {"type": "string", "maxLength": 64, "description": "Only jobs of this tool"},
    "limit": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100, "description": "At most so many, newest first"},
    "cursor": {"type": "string", "minLength": 32, "maxLength": 36, "description": "Where the last list ended"}
  },
  "additionalProperties": false
})json";

constexpr std::string_view kPollArguments = R"json({
  "type": "object",
  "properties": {
    "job_ids": {"type": "array", "items": {"type": "string", "minLength": 32, "maxLength": 36}, "minItems": 1, "maxItems": 64},
    "mode": {"type": "string", "enum": ["any", "all"], "default": "any", "description": "Wait for the first of them, or for all"},
    "timeout_ms": {"type": "integer", "minimum": 0, "maximum": 30000, "default": 5000, "description": "Answer by then in any case; the jobs go on. 0 only looks"}
  },
  "required": ["job_ids"],
  "additionalProperties": false
})json";

constexpr std::string_view kPollResult = R"json({
  "type": "object",
  "properties": {
    "reason": {"type": "string", "enum": ["ended", "timeout"]},
    "ended": {"type": "array", "items": {"type": "object"}, "description": "The jobs that are over, with results or errors"},
    "pending": {"type": "array", "items": {"type": "string"}, "description": "Ids of jobs that go on"},
    "unknown": {"type": "array", "items": {"type": "string"}, "description": "Ids of no job: mistyped, or ended too long ago"},
    "elapsed_ms": {"type": "integer"}
  },
  "required": ["reason", "ended", "pending", "unknown", "elapsed_ms"]
})json";

constexpr std::string_view kWhyResult = R"json({
  "type": "object",
  "properties": {
    "job_id": {"type": "string"},
    "state": {"type": "string"},
    "reason": {"type": "string", "description": "What the job waits for, or why it ended as it did"}
  },
  "required": ["job_id"]
})json";

std::string names_of(const json& object) {
  std::string names;
  for (const auto& [name, value] : object.items()) names += (names.empty() ? "" : ", ") + name;
  return names.empty() ? "none" : names;
}

// Null members are written for what was not asked for, so that the result has one shape.
void write_value(PackMap& map, std::string_view name, PackView text) {
  if (text)
    map.string(name, text.string_or(""));
  else
    map.nil(name);
}

Status config_get(const json& configuration, PackView arguments, PackWriter& result) {
  const PackView section = arguments.find("section");
  const PackView key = arguments.find("key");
  const json* value = &configuration;
  if (key && !section) return fail(ErrorCode::kInvalidArguments, "a key needs its section", "/section");
  if (section) {
    const auto found = value->find(section.string_or(""));
    if (found == value->end()) {
      return fail(ErrorCode::kNotFound, "no such section; there are: " + names_of(*value), "/section");
    }
    value = &*found;
  }
  if (key) {
    const auto found = value->is_object() ? value->find(key.string_or("")) : value->end();
    if (found == value->end()) {
      const std::string there = value->is_object() ? names_of(*value) : "none, the section is a plain value";
      return fail(ErrorCode::kNotFound, "no such key; there are: " + there, "/key");
    }
    value = &*found;
  }
  PackMap map(result);
  write_value(map, "section", section);
  write_value(map, "key", key);
  write_json(map.value("value"), *value);
  return {};
}

Status add_config_get(Registry& registry, const Environment& environment) {
  json parsed = json::parse(environment.configuration, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return fail(ErrorCode::kBadRequest, "the configuration is no JSON object");
  // Shared by the copies of the handler.
  const auto configuration = std::make_shared<const json>(std::move(parsed));
  return registry.add({
      .name = "config_get",
      .title = "Configuration",
      .description = "Returns the broker's effective configuration, one section of it, or one setting. Secrets are not "
                     "in it.",
      .arguments = std::string(kConfigArguments),
      .result = std::string(kConfigResult),
      .kind = ToolKind::kImmediate,
      .read_only = true,
      .idempotent = true,
      .handler = ImmediateHandler([configuration](PackView arguments, InlineContext&, PackWriter& result) {
        return config_get(*configuration, arguments, result);
      }),
  });
}

struct Verb {
  VerbAlias alias;
  std::string name;
  std::string title;
  std::string description;
  std::string arguments;
  std::string result;
  bool read_only = true;
};

Status add_verb(Registry& registry, Verb verb) {
  return registry.add({
      .name = std::move(verb.name),
      .title = std::move(verb.title),
      .description = std::move(verb.description),
      .arguments = std::move(verb.arguments),
      .result = std::move(verb.result),
      .kind = ToolKind::kImmediate,
      .read_only = verb.read_only,
      .idempotent = true,
      .destructive = !verb.read_only,
      .handler = verb.alias,
  });
}

Status add_job_tools(Registry& registry) {
  const std::string job = R"({"type": "object", "properties": {)" + std::string(kJobProperties) + "}}";
  YARD_TRY_STATUS(add_verb(
      registry,
      {.alias = VerbAlias::kStatus,
       .name = "job_status",
       .title = "Status of a job",
       .description = "Returns a job's state, its last progress, and its result or error once it is over. Does "
                      "not wait; job_poll does.",
       .arguments = std::string(kOneJob),
       .result = job}));
  YARD_TRY_STATUS(add_verb(
      registry, {.alias = VerbAlias::kList,
                 .name = "job_list",
                 .title = "List jobs",
                 .description = "Lists your jobs, newest first, optionally only those in a state or of a tool.",
                 .arguments = std::string(kListArguments),
                 .result = R"({"type": "object", "properties": {"jobs": {"type": "array", "items": )" + job +
                           R"(}, "total": {"type": "integer", "description": "All jobs that are known"},
                    "cursor": {"type": "string", "description": "There are more: pass it to go on"},
                    "by_state": {"type": "object", "description": "All jobs, counted by state"}}})"}));
  YARD_TRY_STATUS(add_verb(
      registry,
      {.alias = VerbAlias::kWait,
       .name = "job_poll",
       .title = "Wait for jobs",
       .description = "Waits until one (or all) of the given jobs is over, at most timeout_ms, and returns what "
                      "is over with results and what goes on. Call it again while jobs are pending; the jobs "
                      "run on either way.",
       .arguments = std::string(kPollArguments),
       .result = std::string(kPollResult)}));
  YARD_TRY_STATUS(
      add_verb(registry,
               {.alias = VerbAlias::kCancel,
                .name = "job_cancel",
                .title = "Cancel a job",
                .description = "Cancels a job: at once where it still waits, else the running tool is told to stop and "
                               "the job is cancelling until it has. Answers the job; too_late if it was over already.",
                .arguments = std::string(kOneJob),
                .result = job,
                .read_only = false}));
  return add_verb(registry, {.alias = VerbAlias::kWhy,
                             .name = "job_why",
                             .title = "Why a job is as it is",
                             .description = "Explains why a job does not run yet, or why it ended as it did.",
                             .arguments = std::string(kOneJob),
                             .result = std::string(kWhyResult)});
}

}  // namespace

Status add_system_tools(Registry& registry, const Environment& environment) {
  YARD_TRY_STATUS(add_config_get(registry, environment));
  return add_job_tools(registry);
}

}  // namespace yard::tools
