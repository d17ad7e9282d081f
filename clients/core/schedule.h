// What a caller says of a schedule.
#pragma once

#include <string>

#include "clients/core/call_options.h"
#include "engine/base/pack.h"

namespace yard::client {

// A call of a job tool at each instant of a cron expression.
struct Schedule {
  std::string name;    // yours; another one of the same name is replaced
  std::string cron;    // minute hour day month weekday, or @hourly, @daily, @weekly, @monthly, @yearly
  std::string zone;    // of the tz database; empty: UTC
  std::string missed;  // what becomes of instants that the broker missed: "skip" (where empty), "once" or "all"
  std::string tool;
  Bytes arguments;      // one msgpack map
  CallOptions options;  // of each job; budget, id, after, with and parent make no sense here
};

// Appends the body of SCHEDULE_SET.
void write_schedule(PackWriter& writer, const Schedule& schedule);

}  // namespace yard::client
