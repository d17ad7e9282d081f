#include "broker/core/schedules.h"

#include <algorithm>
#include <utility>

#include "engine/base/text.h"

namespace yard::broker {

using jobs::Missed;
using jobs::RecordKind;
using jobs::Schedule;

namespace {

std::string named(const Schedule& schedule) {
  return "schedule " + printable(schedule.name) + " of " + printable(schedule.principal);
}

// The instant's job was submitted before, as the clock was set back and the schedule set again.
bool had_its_job(const Error& error) { return error.code == ErrorCode::kConflict || error.code == ErrorCode::kGone; }

}  // namespace

Schedules::Schedules(const Limits& limits, Counters& counters, Gate& gate, Streams& streams,
                     std::vector<InstantsQuestion>& questions, Submit submit)
    : limits_(limits),
      counters_(counters),
      gate_(gate),
      streams_(streams),
      questions_(questions),
      submit_(std::move(submit)) {}

template <typename Write>
void Schedules::record(RecordKind kind, JobId subject, Now now, Write&& write) {
  record_.clear();
  PackWriter writer(record_);
  write(writer);
  // A power failure must not take what says that an instant had its job.
  gate_.append({.kind = kind, .grade = jobs::Grade::kSynced, .job = subject, .time = now.wall}, record_);
}

void Schedules::record_progress(JobId subject, const Entry& entry, Now now) {
  record(RecordKind::kFired, subject, now, [&](PackWriter& writer) { jobs::write_fired(writer, entry.progress); });
}

// ---- what clients ask for

void Schedules::set(Schedule schedule, Now now, OnSet on_set) {
  const JobId subject = jobs::subject_of(schedule.principal, schedule.name);
  const auto known = entries_.find(subject);
  if (known != entries_.end() && known->second.schedule == schedule) return on_set(&known->second);
  if (pending_.size() + (known == entries_.end() ? entries_.size() : 0) >= limits_.schedules_max)
    return on_set(
        fail(ErrorCode::kOverQuota, "there are " + std::to_string(entries_.size()) + " schedules; remove some"));
  ask(subject, schedule, now.wall, now);
  pending_.emplace(last_question_, Pending{std::move(schedule), std::move(on_set)});
}

void Schedules::finish_set(JobId subject, Pending pending, Result<Instants> instants, Now now) {
  if (!instants) return pending.on_set(std::unexpected(std::move(instants).error()));
  Entry& entry = entries_[subject];
  if (entry.schedule != pending.schedule) {
    entry = {.schedule = std::move(pending.schedule), .progress = {.next = instants->next}};
    record(RecordKind::kScheduled, subject, now,
           [&](PackWriter& writer) { jobs::write_scheduled(writer, {entry.schedule, entry.progress.next}); });
    plan(entry, now);
  }
  pending.on_set(&entry);
}

Status Schedules::remove(std::string_view principal, std::string_view name, Now now) {
  const JobId subject = jobs::subject_of(principal, name);
  if (entries_.erase(subject) == 0)
    return fail(ErrorCode::kNotFound, "no schedule \"" + printable(name) + "\"", "/name");
  record(RecordKind::kUnscheduled, subject, now, [](PackWriter& writer) { writer.map(0); });
  return {};
}

std::vector<const Schedules::Entry*> Schedules::of(std::string_view principal, std::string_view name) const {
  std::vector<const Entry*> found;
  for (const auto& [subject, entry] : entries_) {
    if (entry.schedule.principal == principal && (name.empty() || entry.schedule.name == name)) found.push_back(&entry);
  }
  std::ranges::sort(found, {}, [](const Entry* entry) -> const std::string& { return entry->schedule.name; });
  return found;
}

// ---- time

void Schedules::on_tick(Now now) {
  if (now.steady < next_tick_) return;
  next_tick_ = SteadyTime::max();
  for (auto& [subject, entry] : entries_) {
    if (now.steady >= entry.retry_at && entry.question == 0) {
      if (entry.progress.next <= now.wall) {
        ask(subject, entry.schedule, entry.progress.next - Nanos(1), now);
        entry.question = last_question_;
      } else if (submit_owed(entry, now)) {
        record_progress(subject, entry, now);
      }
    }
    plan(entry, now);
  }
}

// The wall clock may be set at any time, so nothing is slept for longer than the interval.
void Schedules::plan(const Entry& entry, Now now) {
  Nanos wait = limits_.schedule_interval;
  if (entry.question == 0 && now.steady >= entry.retry_at)
    wait = std::clamp<Nanos>(entry.progress.next - now.wall, Nanos(0), wait);
  next_tick_ = std::min(next_tick_, now.steady + wait);
}

void Schedules::ask(JobId subject, const Schedule& schedule, WallTime after, Now now) {
  questions_.push_back({.subject = subject,
                        .number = ++last_question_,
                        .cron = schedule.cron,
                        .zone = schedule.zone,
                        .after = after,
                        .until = std::max(after, now.wall),
                        .count_max = limits_.schedule_owed_max});
}

void Schedules::on_instants(InstantsAnswer&& answer, Now now) {
  if (auto pending = pending_.extract(answer.number))
    return finish_set(answer.subject, std::move(pending.mapped()), std::move(answer.instants), now);
  const auto found = entries_.find(answer.subject);
  // The schedule it was asked for may be another one since, or gone.
  if (found == entries_.end() || found->second.question != answer.number) return;
  Entry& entry = found->second;
  entry.question = 0;
  if (!answer.instants) return refuse(entry, std::move(answer.instants).error(), now);
  entry.problem.reset();
  decide(entry, *std::move(answer.instants), now);
  submit_owed(entry, now);
  record_progress(answer.subject, entry, now);
  plan(entry, now);
}

void Schedules::decide(Entry& entry, Instants&& instants, Now now) {
  std::vector<WallTime>& owed = entry.progress.owed;
  std::uint64_t count = owed.size() + instants.between.size() + instants.dropped;
  owed.insert(owed.end(), instants.between.begin(), instants.between.end());
  std::size_t most = entry.schedule.missed == Missed::kAll ? limits_.schedule_owed_max : 1;
  const bool late = !owed.empty() && now.wall - owed.back() > limits_.schedule_late_max;
  if (entry.schedule.missed == Missed::kSkip && late) most = 0;
  if (owed.size() > most) owed.erase(owed.begin(), owed.end() - static_cast<std::ptrdiff_t>(most));
  entry.progress.next = instants.next;
  count -= owed.size();
  if (count > 0) miss(entry, count, now);
}

void Schedules::miss(const Entry& entry, std::uint64_t count, Now now) {
  counters_.schedule_misses += count;
  streams_.log("warn",
               named(entry.schedule) + " missed instants, which get no job of their own (" +
                   std::string(name_of(entry.schedule.missed)) + "): " + std::to_string(count),
               now);
}

// Whether any of it has a job now.
bool Schedules::submit_owed(Entry& entry, Now now) {
  std::vector<WallTime>& owed = entry.progress.owed;
  auto instant = owed.begin();
  for (; instant != owed.end(); ++instant) {
    auto job = submit_(entry.schedule, run_id_of(entry.schedule, *instant), now);
    if (!job && !had_its_job(job.error())) {
      refuse(entry, std::move(job).error(), now);
      break;
    }
    entry.problem.reset();
    if (!job) continue;
    entry.progress.last = jobs::ScheduleRun{.instant = *instant, .job = *job};
    ++counters_.schedule_runs;
  }
  const bool any = instant != owed.begin();
  owed.erase(owed.begin(), instant);
  return any;
}

void Schedules::refuse(Entry& entry, Error error, Now now) {
  ++counters_.schedule_refusals;
  entry.retry_at = now.steady + limits_.schedule_interval;
  // Its wording may change with each try.
  if (!entry.problem || entry.problem->code != error.code)
    streams_.log("warn", named(entry.schedule) + " has to wait: " + to_string(error), now);
  entry.problem = std::move(error);
  plan(entry, now);
}

// ---- a restart

Status Schedules::restore(const jobs::Record& record) {
  const JobId subject = record.head.job;
  next_tick_ = {};
  if (record.head.kind == RecordKind::kUnscheduled) {
    entries_.erase(subject);
    return {};
  }
  if (record.head.kind == RecordKind::kScheduled) {
    YARD_TRY(jobs::Scheduled scheduled, read_scheduled(record));
    entries_[subject] = {.schedule = std::move(scheduled.schedule), .progress = {.next = scheduled.next}};
    return {};
  }
  const auto entry = entries_.find(subject);
  if (entry == entries_.end())
    return fail(ErrorCode::kBadFrame, "record " + std::to_string(record.head.lsn) + " is of no schedule");
  YARD_TRY(entry->second.progress, read_fired(record));
  return {};
}

}  // namespace yard::broker
