#include "tests/sim/sim_schedules.h"

#include <algorithm>
#include <array>

#include "engine/base/pack_json.h"
#include "tests/sim/setting.h"
#include "tests/support/fake_calendar.h"

namespace yard::sim {

using jobs::Missed;
using wire::Verb;

namespace {

constexpr std::size_t kSchedulesMax = 6;

// A job that may run again is buffered: the record that its schedule fired keeps it through a loss of power.
nlohmann::json options_of(std::string_view tool) { return {{"grade", tool == "again" ? "buffered" : "synced"}}; }

}  // namespace

SimSchedules::Tracked& SimSchedules::add() {
  constexpr std::array kSeconds = {5, 30, 300};
  const int period = kSeconds[pick(kSeconds.size())];
  const std::string tool = pick(2) == 0 ? "once" : "again";
  schedules_.push_back({.schedule = {.principal = std::string(kTenants[pick(kTenants.size())]),
                                     .name = "s" + std::to_string(schedules_.size()),
                                     .cron = std::to_string(period),
                                     .missed = Missed{static_cast<std::uint8_t>(pick(3))},
                                     .tool = tool,
                                     .options = pack(options_of(tool)),
                                     .arguments = kEmptyMap},
                        .period = std::chrono::seconds(period),
                        .id = JobId(make_uuid(random_))});
  return schedules_.back();
}

SimSchedules::Request SimSchedules::act() {
  const bool full = schedules_.size() >= kSchedulesMax;
  Tracked& tracked = schedules_.empty() || (!full && pick(3) == 0) ? add() : schedules_[pick(schedules_.size())];
  const jobs::Schedule& schedule = tracked.schedule;
  if (!tracked.first || tracked.removed || pick(3) != 0) {
    if (pick(4) == 0) return {schedule.principal, Verb::kSchedules, {}, {{"name", schedule.name}}};
    Bytes body;
    PackWriter writer(body);
    {
      PackMap map(writer);
      write_schedule(map, schedule, jobs::ScheduleDetail::kWhole);
    }
    return {schedule.principal, Verb::kScheduleSet, tracked.id, to_json(PackView(body))};
  }
  tracked.removed = true;
  return {schedule.principal, Verb::kScheduleRemove, JobId(make_uuid(random_)), {{"name", schedule.name}}};
}

void SimSchedules::told(const std::string& tenant, PackView entry) {
  const auto next = entry.find("next_ms").integer();
  for (Tracked& tracked : schedules_) {
    const jobs::Schedule& schedule = tracked.schedule;
    if (!next || tracked.first || tracked.removed || schedule.principal != tenant ||
        schedule.name != entry.find("name").string_or(""))
      continue;
    tracked.first = WallTime(Millis(*next));
    ++tally_.acknowledged;
  }
}

void SimSchedules::ask(std::vector<broker::InstantsQuestion>&& questions) {
  questions_.insert(questions_.end(), questions.begin(), questions.end());
}

void SimSchedules::answer(broker::Core& core, Now now) {
  if (questions_.empty()) return;
  const auto question = questions_.begin() + static_cast<std::ptrdiff_t>(pick(questions_.size()));
  core.on_instants(now, testing::fake_answer(*question));
  questions_.erase(question);
}

bool SimSchedules::settled(const broker::Core& core) const {
  if (!questions_.empty()) return false;
  return std::ranges::all_of(kTenants, [&](std::string_view tenant) {
    return std::ranges::all_of(core.schedules().of(tenant),
                               [](const auto* entry) { return entry->progress.owed.empty(); });
  });
}

void SimSchedules::check(const broker::Core& core) {
  tally_.runs = tally_.waived = 0;
  for (const Tracked& tracked : schedules_) {
    if (tracked.first && !tracked.removed) check(core, tracked);
  }
}

void SimSchedules::check(const broker::Core& core, const Tracked& tracked) {
  const jobs::Schedule& schedule = tracked.schedule;
  const std::string who = "schedule " + schedule.name + " of " + schedule.principal;
  const auto entries = core.schedules().of(schedule.principal, schedule.name);
  if (entries.empty()) return on_broken_(who + ", which was acknowledged, is gone");
  const jobs::ScheduleProgress& progress = entries.front()->progress;
  if (progress.next < *tracked.first) return on_broken_(who + " has gone back");
  for (WallTime instant = *tracked.first; instant < progress.next; instant += tracked.period) {
    const JobId id = run_id_of(schedule, instant);
    const bool there = core.jobs().find(id) != nullptr ||
                       core.jobs().find_tombstone(id, schedule.principal) != nullptr ||
                       std::ranges::find(progress.owed, instant) != progress.owed.end();
    ++(there ? tally_.runs : tally_.waived);
    const bool newest = instant + tracked.period >= progress.next;
    if (!there && (schedule.missed == Missed::kAll || (schedule.missed == Missed::kOnce && newest)))
      on_broken_(who + " has lost an instant, its job " + to_hex(id.value()) + " is not there");
    if (begun_[id] > 1) on_broken_(who + " began twice what may run once, job " + to_hex(id.value()));
  }
}

}  // namespace yard::sim
