#include "jobs/executors/process/tool_line.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/base64.h"
#include "engine/base/pack.h"
#include "engine/base/pack_json.h"
#include "engine/base/text.h"

namespace yard::jobs {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kLevels = {"info", "warn", "error"};

std::unexpected<Error> wrong(std::string what) { return fail(ErrorCode::kToolFailed, std::move(what)); }

// The text at `key`, if it is one; "" where it may be missing and is.
Result<std::string> text_at(const json& object, const char* key, bool required) {
  const auto found = object.find(key);
  if (found == object.end() && !required) return std::string();
  if (found == object.end() || !found->is_string()) return wrong(std::string(key) + " must be a string");
  return found->get<std::string>();
}

Result<ToolLine> parse_progress(const json& body) {
  if (!body.is_object()) return wrong("progress must be an object");
  const auto percent = body.find("percent");
  if (percent == body.end() || !percent->is_number()) return wrong("percent must be a number");
  YARD_TRY(std::string message, text_at(body, "message", false));
  return Progressed{.percent = std::clamp(percent->get<double>(), 0.0, 100.0), .message = std::move(message)};
}

Result<ToolLine> parse_chunk(const json& body) {
  if (!body.is_string()) return wrong("chunk must be a string");
  return Chunked{body.get<std::string>()};
}

Result<ToolLine> parse_chunk_base64(const json& body) {
  if (!body.is_string()) return wrong("chunk_base64 must be a string");
  auto bytes = from_base64(body.get_ref<const std::string&>());
  if (!bytes) return wrong("chunk_base64 must be padded base64");
  return Chunked{*std::move(bytes)};
}

Result<ToolLine> parse_log(const json& body) {
  if (!body.is_object()) return wrong("log must be an object");
  YARD_TRY(std::string level, text_at(body, "level", true));
  if (std::ranges::find(kLevels, level) == kLevels.end()) return wrong("level must be info, warn or error");
  YARD_TRY(std::string message, text_at(body, "message", true));
  return Logged{.level = std::move(level), .message = std::move(message)};
}

Result<ToolLine> parse_result(const json& body) {
  if (!body.is_object()) return wrong("result must be an object");
  Bytes packed = pack(body);
  if (const Status checked = check_pack(packed); !checked) return wrong("result: " + checked.error().message);
  return ToolResult{std::move(packed)};
}

// A code that we don't know is an ordinary failure: it is the message that people read.
Result<ToolLine> parse_error(const json& body) {
  if (!body.is_object()) return wrong("error must be an object");
  YARD_TRY(std::string message, text_at(body, "message", true));
  YARD_TRY(const std::string code, text_at(body, "code", false));
  return ToolError{{.code = error_code(code).value_or(ErrorCode::kToolFailed), .message = std::move(message)}};
}

struct Row {
  std::string_view key;
  Result<ToolLine> (*parse)(const json& body);
};
constexpr std::array kRows = {
    Row{"progress", parse_progress}, Row{"chunk", parse_chunk},   Row{"chunk_base64", parse_chunk_base64},
    Row{"log", parse_log},           Row{"result", parse_result}, Row{"error", parse_error},
};

Result<ToolLine> parse(std::string_view line) {
  YARD_TRY(const json object, parse_json(line));
  if (!object.is_object()) return wrong("no JSON object");
  if (object.size() != 1) return wrong("an object with " + std::to_string(object.size()) + " keys, not one");
  const auto row = std::ranges::find(kRows, object.begin().key(), &Row::key);
  if (row == kRows.end()) return wrong("unknown key");
  return row->parse(object.begin().value());
}

}  // namespace

Result<ToolLine> parse_tool_line(std::string_view line) {
  auto parsed = parse(line);
  if (parsed) return parsed;
  return wrong("stdout: " + parsed.error().message + ": \"" + printable(line) + "\"");
}

}  // namespace yard::jobs
