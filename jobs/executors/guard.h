// The one place where a handler's exception becomes an error.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace yard::jobs {

// Runs `handler`, which returns a Status. What it throws becomes kInternal with its message.
// `culprit` names the tool.
template <typename Handler>
[[nodiscard]] Status run_guarded(std::string_view culprit, Handler&& handler) {
  const auto thrown = [&](std::string_view what) {
    return fail(ErrorCode::kInternal, std::string(culprit) + " threw: " + std::string(what));
  };
  try {
    return handler();
  } catch (const std::exception& exception) {
    return thrown(exception.what());
  } catch (...) {
    return thrown("something that is no std::exception");
  }
}

}  // namespace yard::jobs
