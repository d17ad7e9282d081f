// The one list of errors: the same code on the wire, in code, in logs and in the documents.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace yard {

// Numbers travel on the wire and are never reused. `error_table()` says what each one means.
enum class ErrorCode : std::uint16_t {
  kBadFrame = 1,
  kUnsupported = 2,
  kBadRequest = 3,
  kUnknownTool = 4,
  kInvalidArguments = 5,
  kNotFound = 6,
  kConflict = 7,
  kQueueFull = 8,
  kOverQuota = 9,
  kDraining = 10,
  kExpired = 11,
  kCancelled = 12,
  kDeadlineExceeded = 13,
  kUnauthorized = 14,
  kNoSession = 15,
  kNoWorker = 16,
  kTooLarge = 17,
  kTooLate = 18,
  kUnavailable = 19,
  kInternal = 20,
  kToolFailed = 21,
  kTruncated = 22,
  kIo = 23,
  kDenied = 24,
  kStale = 25,
  kWorkerLost = 26,
  kDependencyFailed = 27,
  kGone = 28,
};

// One row of the error table.
struct ErrorRow {
  ErrorCode code;
  std::string_view name;     // snake_case, as on the wire and in the documents
  bool retryable;            // the same request may succeed later, unchanged
  std::string_view meaning;  // one sentence for people
};

// Every code, ordered by number.
std::span<const ErrorRow> error_table();

// The name of `code`, or "unknown" for a number that is not in the table (a newer peer's).
std::string_view error_name(ErrorCode code);

// The code of a name in the table.
std::optional<ErrorCode> error_code(std::string_view name);

// Whether the same request may succeed later, unchanged.
bool is_retryable(ErrorCode code);

// An expected failure, as a value: it travels to a reply, an event or a log across threads and sockets.
struct Error {
  ErrorCode code = ErrorCode::kInternal;
  std::string message;               // names the culprit and says what to do; never a body or a secret
  std::string pointer = {};          // JSON pointer into the arguments, where one is to blame
  std::uint32_t retry_after_ms = 0;  // 0: no advice

  bool operator==(const Error&) const = default;
};

// "name: message (at /pointer)", for people.
std::string to_string(const Error& error);

}  // namespace yard
