#include "broker/calendar.h"

#include <date/tz.h>

#include <algorithm>
#include <deque>
#include <exception>

#include "broker/cron.h"
#include "engine/base/text.h"

namespace yard::broker {
namespace {

using namespace std::chrono;

// The longest that an expression which comes at all can keep one waiting: 29 February on one weekday, across 2100.
constexpr years kSearched(50);

// The last moment that WallTime can name, with a margin.
constexpr sys_seconds kEndOfTime = sys_days(year(2262) / 1 / 1);

// So many instants in between are counted one by one; of more, only those of the newest year are looked at.
constexpr std::uint64_t kCountedMax = 1'000'000;
constexpr days kLookedBack(366);

// A stretch of time in which a zone keeps its offset.
struct Stretch {
  sys_seconds begin;
  sys_seconds end;
  seconds offset;
  local_seconds first;  // the local time from which on expressions are looked for in it
};

// Local time goes on in `first` where the stretch before it ended: what was skipped in between comes at `begin`, and
// what is there again doesn't.
Stretch stretch_at(const date::time_zone& zone, sys_seconds time, bool follows_the_hour) {
  const date::sys_info here = zone.get_info(time);
  const seconds before = follows_the_hour ? here.offset : zone.get_info(here.begin - seconds(1)).offset;
  return {.begin = here.begin,
          .end = here.end,
          .offset = here.offset,
          .first = local_seconds((here.begin + before).time_since_epoch())};
}

// Goes through the instants of an expression.
class Walk {
 public:
  Walk(const Cron& cron, const date::time_zone& zone, sys_seconds from)
      : cron_(cron), zone_(zone), stretch_(stretch_at(zone, from, cron.follows_the_hour)) {}

  // The first one behind `after`, which never goes back; nothing where none comes.
  std::optional<sys_seconds> next(sys_seconds after) {
    const sys_seconds horizon = std::min<sys_seconds>(after + kSearched, kEndOfTime);
    if (after >= stretch_.end) enter(after);
    for (;;) {
      const auto local = [&](sys_seconds time) { return local_seconds((time + stretch_.offset).time_since_epoch()); };
      const local_seconds from =
          after < stretch_.begin ? stretch_.first : std::max(stretch_.first, local(after) + seconds(1));
      if (const auto found = first_in(cron_, from, local(std::min(stretch_.end, horizon))))
        return std::max(stretch_.begin, sys_seconds(found->time_since_epoch() - stretch_.offset));
      if (stretch_.end >= horizon) return std::nullopt;
      enter(stretch_.end);
    }
  }

 private:
  void enter(sys_seconds time) { stretch_ = stretch_at(zone_, time, cron_.follows_the_hour); }

  const Cron& cron_;
  const date::time_zone& zone_;
  Stretch stretch_;
};

Result<const date::time_zone*> find_zone(const std::string& name) {
  try {
    const date::time_zone* zone = date::locate_zone(name);
    (void)zone->get_info(sys_seconds());  // its file is read now: later it throws no more
    return zone;
  } catch (const std::exception&) {
    return fail(ErrorCode::kBadRequest,
                "zone: no time zone \"" + printable(name) + "\"; expected one like Europe/Berlin", "/zone");
  }
}

Result<Instants> instants_of(const InstantsQuestion& question) {
  YARD_TRY(const Cron cron, parse_cron(question.cron));
  YARD_TRY(const date::time_zone* zone, find_zone(question.zone));
  const auto never = [] { return fail(ErrorCode::kBadRequest, "cron: no such day ever comes", "/cron"); };
  sys_seconds at = floor<seconds>(question.after);
  const sys_seconds until = floor<seconds>(question.until);
  Walk walk(cron, *zone, at);
  std::deque<WallTime> newest;
  Instants instants;
  std::uint64_t counted = 0;
  for (;;) {
    const auto found = walk.next(at);
    if (!found) return never();
    at = *found;
    if (at > until) break;
    newest.emplace_back(at);
    if (newest.size() > question.count_max) {
      newest.pop_front();
      ++instants.dropped;
    }
    if (++counted == kCountedMax) at = std::max(at, until - kLookedBack);
  }
  instants.between.assign(newest.begin(), newest.end());
  instants.next = at;
  return instants;
}

}  // namespace

InstantsAnswer answer(const InstantsQuestion& question) {
  return {.subject = question.subject, .number = question.number, .instants = instants_of(question)};
}

}  // namespace yard::broker
