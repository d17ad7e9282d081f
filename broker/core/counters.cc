#include "broker/core/counters.h"

#include <array>
#include <string_view>

namespace yard::broker {
namespace {

struct Row {
  std::string_view name;
  std::uint64_t Counters::* counter;
};

constexpr std::array kRows = {
    Row{"frames", &Counters::frames},
    Row{"refused", &Counters::refused},
    Row{"unanswerable", &Counters::unanswerable},
    Row{"immediate", &Counters::immediate},
    Row{"acks", &Counters::acks},
    Row{"acks_failed", &Counters::acks_failed},
    Row{"casts", &Counters::casts},
    Row{"casts_expired", &Counters::casts_expired},
    Row{"casts_stale", &Counters::casts_stale},
    Row{"casts_refused", &Counters::casts_refused},
    Row{"replayed_answers", &Counters::replayed_answers},
    Row{"jobs_submitted", &Counters::jobs_submitted},
    Row{"jobs_succeeded", &Counters::jobs_succeeded},
    Row{"jobs_failed", &Counters::jobs_failed},
    Row{"jobs_cancelled", &Counters::jobs_cancelled},
    Row{"jobs_expired", &Counters::jobs_expired},
    Row{"jobs_refused", &Counters::jobs_refused},
    Row{"jobs_memoised", &Counters::jobs_memoised},
    Row{"jobs_coalesced", &Counters::jobs_coalesced},
    Row{"jobs_retried", &Counters::jobs_retried},
    Row{"jobs_restored", &Counters::jobs_restored},
    Row{"jobs_forgotten", &Counters::jobs_forgotten},
    Row{"reports_stale", &Counters::reports_stale},
    Row{"reports_early", &Counters::reports_early},
    Row{"attempts_lost", &Counters::attempts_lost},
    Row{"leases_lapsed", &Counters::leases_lapsed},
    Row{"waits_lapsed", &Counters::waits_lapsed},
    Row{"events", &Counters::events},
    Row{"values_conflated", &Counters::values_conflated},
    Row{"beacon_overflow", &Counters::beacon_overflow},
    Row{"logs_suppressed", &Counters::logs_suppressed},
    Row{"sessions_expired", &Counters::sessions_expired},
    Row{"schedule_runs", &Counters::schedule_runs},
    Row{"schedule_misses", &Counters::schedule_misses},
    Row{"schedule_refusals", &Counters::schedule_refusals},
};
static_assert(sizeof(Counters) == kRows.size() * sizeof(std::uint64_t), "every counter has a row");

}  // namespace

void write_counters(PackMap& map, const Counters& counters) {
  for (const Row& row : kRows) map.natural(row.name, counters.*row.counter);
}

}  // namespace yard::broker
