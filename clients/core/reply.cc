#include "clients/core/reply.h"

#include <algorithm>
#include <limits>

namespace yard::client {
namespace {

template <typename T>
T natural_or(PackView value, T other) {
  const auto integer = value.integer();
  if (!integer || *integer < 0) return other;
  return static_cast<T>(std::min<std::uint64_t>(static_cast<std::uint64_t>(*integer), std::numeric_limits<T>::max()));
}

// Epochs are random: they may exceed an int64.
std::uint64_t full_natural_or(PackView value, std::uint64_t other) {
  PackCursor cursor(value.bytes());
  PackToken token;
  if (!value || !cursor.next(token) || token.type != PackType::kInteger) return other;
  return token.above_int64 || token.integer >= 0 ? token.natural : other;
}

}  // namespace

Result<Welcome> parse_welcome(const wire::Header& header, PackView body) {
  if (header.session == 0) return fail(ErrorCode::kBadFrame, "a WELCOME without a session");
  Welcome welcome{.session = header.session};
  welcome.version = natural_or<std::uint32_t>(body.find("version"), wire::kVersionMin);
  welcome.broker = body.find("broker").string_or("");
  welcome.epoch = full_natural_or(body.find("epoch"), 0);
  welcome.principal = body.find("principal").string_or("");
  welcome.session_ttl = Millis(std::clamp<std::int64_t>(
      body.find("session_ttl_ms").integer_or(welcome.session_ttl.count()), 1'000, 24 * 3'600'000));
  welcome.iopub = body.find("iopub").string_or("");
  welcome.control = body.find("control").string_or("");
  return welcome;
}

Error parse_nack(PackView body) {
  const auto code = natural_or<std::uint16_t>(body.find("code"), static_cast<std::uint16_t>(ErrorCode::kInternal));
  return {.code = ErrorCode{code},
          .message = std::string(body.find("message").string_or("the broker gives no reason")),
          .pointer = std::string(body.find("pointer").string_or("")),
          .retry_after_ms = natural_or<std::uint32_t>(body.find("retry_after_ms"), 0)};
}

Error parse_job_error(PackView job) {
  const PackView error = job.find("error");
  if (!error) return {.code = ErrorCode::kInternal, .message = "the job gives no reason"};
  return parse_nack(error);
}

}  // namespace yard::client
