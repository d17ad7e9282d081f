// Instants of a calendar: what the core asks for, since it knows neither cron expressions nor time zones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/result.h"
#include "jobs/job_id.h"

namespace yard::broker {

// Which instants of an expression in a zone lie in (after, until], and which one is the first behind them?
struct InstantsQuestion {
  JobId subject;             // of the schedule
  std::uint64_t number = 0;  // to be repeated by the answer
  std::string cron;
  std::string zone;
  WallTime after;
  WallTime until;             // not before `after`
  std::size_t count_max = 0;  // of those in between, the newest
};

struct Instants {
  std::vector<WallTime> between;  // oldest first
  std::uint64_t dropped = 0;      // of those in between, beyond count_max: at least so many
  WallTime next;
};

struct InstantsAnswer {
  JobId subject;
  std::uint64_t number = 0;
  Result<Instants> instants;  // kBadRequest: the expression, the zone, or that nothing comes of them
};

}  // namespace yard::broker
