// Result<T>: a value or an Error. Status: success or an Error.
#pragma once

#include <expected>
#include <utility>

#include "engine/base/error.h"

namespace yard {

template <typename T>
using Result = std::expected<T, Error>;

using Status = Result<void>;

// return fail(ErrorCode::kNotFound, "job 17 is unknown");
[[nodiscard]] inline std::unexpected<Error> fail(ErrorCode code, std::string message, std::string pointer = {}) {
  return std::unexpected(Error{.code = code, .message = std::move(message), .pointer = std::move(pointer)});
}

}  // namespace yard

#define YARD_CONCAT_INNER(a, b) a##b
#define YARD_CONCAT(a, b) YARD_CONCAT_INNER(a, b)
#define YARD_TRY_INNER(temporary, declaration, expression)              \
  auto temporary = (expression);                                        \
  if (!temporary) return std::unexpected(std::move(temporary).error()); \
  declaration = *std::move(temporary)

// YARD_TRY(const Command command, to_command(byte)): declares it, or returns the Error.
#define YARD_TRY(declaration, expression) YARD_TRY_INNER(YARD_CONCAT(yard_try_, __LINE__), declaration, expression)

// YARD_TRY_STATUS(check(frame)): goes on, or returns the Error.
#define YARD_TRY_STATUS(expression) \
  if (auto yard_status = (expression); !yard_status) return std::unexpected(std::move(yard_status).error())
