// Calendar: when a cron expression comes, in a time zone. It answers what the core asks.
#pragma once

#include "broker/core/instants.h"

namespace yard::broker {

// Zones are those of the system's tz database, read when first used; of what lies beyond 2037 it knows no summer time.
//
// A time of the day that a zone skips comes once, at the end of the gap; one that it has twice comes the first time. An
// expression whose hour begins with * follows the hours that there are: it comes in both, and makes up for none.
// Errors:  in the answer: kBadRequest for the expression, for an unknown zone, and where nothing comes for 50 years.
// Threads: one.
[[nodiscard]] InstantsAnswer answer(const InstantsQuestion& question);

}  // namespace yard::broker
