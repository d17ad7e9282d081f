// Wall time as text.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>

#include "engine/base/clock.h"

namespace yard::tools {

// ISO 8601 in UTC with milliseconds: "2026-03-01T12:00:00.250Z".
[[nodiscard]] inline std::string iso_time(WallTime time) {
  const auto days = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(days);
  const std::chrono::hh_mm_ss clock(std::chrono::floor<Millis>(time - days));
  char text[48] = {};
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return text;
}

}  // namespace yard::tools
