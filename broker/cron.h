// Cron expressions: which minutes of local time they name.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/result.h"

namespace yard::broker {

// A bit for each value that a field takes.
struct Cron {
  std::uint64_t minutes = 0;      // 0 to 59
  std::uint64_t hours = 0;        // 0 to 23
  std::uint64_t days = 0;         // 1 to 31
  std::uint64_t months = 0;       // 1 to 12
  std::uint64_t weekdays = 0;     // 0 to 6, from Sunday on
  bool any_day = false;           // the field begins with *: then both day and weekday must fit, else either
  bool any_weekday = false;       // the same of the weekday
  bool follows_the_hour = false;  // the hour begins with *: it means distances rather than times of the day
};

// Five fields, minute hour day month weekday: numbers, names (JAN, MON), a-b, lists, and steps behind * or a range.
// Sunday is 0 and 7. Or @hourly, @daily, @weekly, @monthly, @yearly. Errors: kBadRequest, names the field.
[[nodiscard]] Result<Cron> parse_cron(std::string_view text);

// The first minute in [from, end) that it names.
[[nodiscard]] std::optional<std::chrono::local_seconds> first_in(const Cron& cron, std::chrono::local_seconds from,
                                                                 std::chrono::local_seconds end);

}  // namespace yard::broker
