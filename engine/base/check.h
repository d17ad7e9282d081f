// YARD_CHECK: the channel for bugs. On in every build, because a broken invariant in a broker
// costs a restart (the log precedes every acknowledgement) and silence would cost data.
#pragma once

namespace yard {

// Prints the failed condition with its place on stderr and aborts.
[[noreturn]] void check_failed(const char* condition, const char* file, int line) noexcept;

}  // namespace yard

#define YARD_CHECK(condition) \
  (static_cast<bool>(condition) ? static_cast<void>(0) : ::yard::check_failed(#condition, __FILE__, __LINE__))
