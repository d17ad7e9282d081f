#include "engine/base/error.h"

#include <algorithm>
#include <array>

namespace yard {
namespace {

constexpr std::array kErrors = {
    ErrorRow{ErrorCode::kBadFrame, "bad_frame", false, "The frame is torn, too short, or its lengths lie."},
    ErrorRow{ErrorCode::kUnsupported, "unsupported", false, "The version, verb or critical flag is unknown here."},
    ErrorRow{ErrorCode::kBadRequest, "bad_request", false, "The body or an option of the request is malformed."},
    ErrorRow{ErrorCode::kUnknownTool, "unknown_tool", false, "No tool of that name is registered."},
    ErrorRow{ErrorCode::kInvalidArguments, "invalid_arguments", false,
             "The arguments break the tool's schema or its own rules; `pointer` says where."},
    ErrorRow{ErrorCode::kNotFound, "not_found", false, "The named job, stream, hash, artifact or region is unknown."},
    ErrorRow{ErrorCode::kConflict, "conflict", false, "The id was used before with another body."},
    ErrorRow{ErrorCode::kQueueFull, "queue_full", true, "A bounded queue is full; wait `retry_after_ms`."},
    ErrorRow{ErrorCode::kOverQuota, "over_quota", true, "A limit of this session or principal is reached."},
    ErrorRow{ErrorCode::kDraining, "draining", true, "The broker is shutting down and takes no new work."},
    ErrorRow{ErrorCode::kExpired, "expired", false, "The time to live ran out before the work began."},
    ErrorRow{ErrorCode::kCancelled, "cancelled", false, "The job was cancelled."},
    ErrorRow{ErrorCode::kDeadlineExceeded, "deadline_exceeded", false, "The job ran longer than it may."},
    ErrorRow{ErrorCode::kUnauthorized, "unauthorized", false, "The principal may not do this."},
    ErrorRow{ErrorCode::kNoSession, "no_session", true, "The session is unknown or over; say HELLO again."},
    ErrorRow{ErrorCode::kNoWorker, "no_worker", true, "No worker offers this tool at the moment."},
    ErrorRow{ErrorCode::kTooLarge, "too_large", false, "A frame, body or result exceeds its limit."},
    ErrorRow{ErrorCode::kTooLate, "too_late", false, "The job ended before the request could change it."},
    ErrorRow{ErrorCode::kUnavailable, "unavailable", true, "The peer did not answer in time or is not there."},
    ErrorRow{ErrorCode::kInternal, "internal", false, "A bug in the broker or a tool; the log has more."},
    ErrorRow{ErrorCode::kToolFailed, "tool_failed", false, "The tool ran and reported a failure."},
    ErrorRow{ErrorCode::kTruncated, "truncated", false, "The history asked for is no longer kept."},
    ErrorRow{ErrorCode::kIo, "io_error", true, "The disk or a file refused."},
    ErrorRow{ErrorCode::kDenied, "denied", false, "A path lies outside the configured roots."},
    ErrorRow{ErrorCode::kStale, "stale", false, "A newer generation or fence has replaced this one."},
    ErrorRow{ErrorCode::kWorkerLost, "worker_lost", true, "The worker that ran the job is gone."},
    ErrorRow{ErrorCode::kDependencyFailed, "dependency_failed", false,
             "A job that this one waited for did not succeed."},
    ErrorRow{ErrorCode::kGone, "gone", false, "The job ended long ago, and its result has been dropped."},
};

constexpr const ErrorRow* find(ErrorCode code) {
  const auto* row = std::ranges::find(kErrors, code, &ErrorRow::code);
  return row == kErrors.end() ? nullptr : row;
}

}  // namespace

std::span<const ErrorRow> error_table() { return kErrors; }

std::string_view error_name(ErrorCode code) {
  const ErrorRow* row = find(code);
  return row ? row->name : "unknown";
}

std::optional<ErrorCode> error_code(std::string_view name) {
  const auto* row = std::ranges::find(kErrors, name, &ErrorRow::name);
  if (row == kErrors.end()) return std::nullopt;
  return row->code;
}

bool is_retryable(ErrorCode code) {
  const ErrorRow* row = find(code);
  return row && row->retryable;
}

std::string to_string(const Error& error) {
  std::string text{error_name(error.code)};
  if (!error.message.empty()) text += ": " + error.message;
  if (!error.pointer.empty()) text += " (at " + error.pointer + ")";
  return text;
}

}  // namespace yard
