// A calendar without days: an expression is a number of seconds, its instants are the multiples of it.
#pragma once

#include <algorithm>
#include <charconv>

#include "broker/core/instants.h"

namespace yard::testing {

// Refuses what is no such expression, and every zone but UTC.
[[nodiscard]] inline broker::InstantsAnswer fake_answer(const broker::InstantsQuestion& question) {
  broker::InstantsAnswer answer{.subject = question.subject, .number = question.number, .instants = {}};
  int seconds = 0;
  std::from_chars(question.cron.data(), question.cron.data() + question.cron.size(), seconds);
  if (seconds <= 0 || question.zone != "UTC") {
    answer.instants = fail(ErrorCode::kBadRequest, "no such expression or zone", "/cron");
    return answer;
  }
  const Nanos period = std::chrono::seconds(seconds);
  const auto instant = [&](std::int64_t count) { return WallTime(count * period); };
  const std::int64_t before = question.after.time_since_epoch() / period;
  const std::int64_t last = question.until.time_since_epoch() / period;
  const std::int64_t first = std::max(before + 1, last + 1 - static_cast<std::int64_t>(question.count_max));
  broker::Instants instants{
      .between = {}, .dropped = static_cast<std::uint64_t>(first - before - 1), .next = instant(last + 1)};
  for (std::int64_t count = first; count <= last; ++count) instants.between.push_back(instant(count));
  answer.instants = std::move(instants);
  return answer;
}

}  // namespace yard::testing
