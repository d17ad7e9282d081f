#include "jobs/schedule.h"

#include <algorithm>
#include <array>

#include "engine/base/little_endian.h"
#include "jobs/broker_records.h"
#include "jobs/job.h"

namespace yard::jobs {
namespace {

constexpr std::array<std::string_view, 3> kMissedNames = {"skip", "once", "all"};
constexpr std::size_t kToolBytesMax = 64;
constexpr char kEmptyMap = static_cast<char>(0x80);

std::int64_t ns_of(WallTime time) { return time.time_since_epoch().count(); }

std::optional<WallTime> time_of(PackView value) {
  const auto count = value.integer();
  return count ? std::optional(WallTime(Nanos(*count))) : std::nullopt;
}

// No principal has a NUL in its name, whatever schedules are called.
std::string key_of(std::string_view principal, std::string_view name) {
  return std::string(principal) + '\0' + std::string(name);
}

Result<std::string> read_text(PackView map, std::string_view key, std::size_t bytes_max) {
  const std::string_view text = map.find(key).string_or("");
  if (!text.empty() && text.size() <= bytes_max) return std::string(text);
  return fail(ErrorCode::kBadRequest,
              std::string(key) + ": expected text of 1 to " + std::to_string(bytes_max) + " bytes",
              "/" + std::string(key));
}

std::unexpected<Error> damaged(std::string_view kind) {
  return fail(ErrorCode::kBadFrame, "record: its body is no " + std::string(kind));
}

bool is_map(const Record& record) {
  return check_pack(record.body).has_value() && PackView(record.body).type() == PackType::kMap;
}

}  // namespace

std::string_view name_of(Missed missed) { return kMissedNames[static_cast<std::size_t>(missed)]; }

std::optional<Missed> parse_missed(std::string_view name) {
  const auto* const found = std::ranges::find(kMissedNames, name);
  if (found == kMissedNames.end()) return std::nullopt;
  return Missed{static_cast<std::uint8_t>(found - kMissedNames.begin())};
}

JobId subject_of(std::string_view principal, std::string_view name) { return subject_of(key_of(principal, name)); }

JobId run_id_of(const Schedule& schedule, WallTime instant) {
  std::string key = key_of(schedule.principal, schedule.name);
  const std::size_t end = key.size();
  key.resize(end + sizeof(std::uint64_t));
  store_le(key.data() + end, to_ns(instant));
  return subject_of(key);
}

void write_schedule(PackMap& map, const Schedule& schedule, ScheduleDetail detail) {
  map.string("name", schedule.name).string("cron", schedule.cron).string("zone", schedule.zone);
  map.string("missed", name_of(schedule.missed)).string("tool", schedule.tool).natural("priority", schedule.priority);
  if (detail == ScheduleDetail::kBrief) return;
  if (!schedule.options.empty()) map.raw("options", schedule.options);
  map.raw("arguments", schedule.arguments);
}

Result<Schedule> read_schedule(PackView map) {
  Schedule schedule;
  YARD_TRY(schedule.name, read_text(map, "name", kScheduleNameBytesMax));
  YARD_TRY(schedule.cron, read_text(map, "cron", kCronBytesMax));
  if (map.find("zone")) {
    YARD_TRY(schedule.zone, read_text(map, "zone", kZoneBytesMax));
  }
  YARD_TRY(schedule.tool, read_text(map, "tool", kToolBytesMax));
  const auto missed = parse_missed(map.find("missed").string_or(map.find("missed") ? "" : name_of(schedule.missed)));
  if (!missed) return fail(ErrorCode::kBadRequest, R"(missed: expected "skip", "once" or "all")", "/missed");
  schedule.missed = *missed;
  const std::int64_t priority = map.find("priority").integer_or(map.find("priority") ? -1 : schedule.priority);
  if (priority < 0 || priority >= static_cast<std::int64_t>(kPriorities))
    return fail(ErrorCode::kBadRequest, "priority: expected 0 to 3", "/priority");
  schedule.priority = static_cast<std::uint8_t>(priority);
  schedule.options = map.find("options").bytes();
  schedule.arguments = map.find("arguments") ? map.find("arguments").bytes() : BytesView(&kEmptyMap, 1);
  return schedule;
}

void write_scheduled(PackWriter& writer, const Scheduled& scheduled) {
  PackMap map(writer);
  map.string("principal", scheduled.schedule.principal);
  write_schedule(map, scheduled.schedule, ScheduleDetail::kWhole);
  map.integer("next_ns", ns_of(scheduled.next));
}

Result<Scheduled> read_scheduled(const Record& record) {
  constexpr std::string_view kKind = "schedule";
  if (!is_map(record)) return damaged(kKind);
  const PackView body(record.body);
  auto schedule = read_schedule(body);
  const auto principal = body.find("principal").string();
  const auto next = time_of(body.find("next_ns"));
  if (!schedule || !principal || !next) return damaged(kKind);
  schedule->principal = *principal;
  return Scheduled{.schedule = *std::move(schedule), .next = *next};
}

void write_fired(PackWriter& writer, const ScheduleProgress& progress) {
  PackMap map(writer);
  map.integer("next_ns", ns_of(progress.next));
  {
    PackArray owed = map.array("owed");
    for (const WallTime instant : progress.owed) owed.integer(ns_of(instant));
  }
  if (progress.last)
    map.integer("last_ns", ns_of(progress.last->instant)).string("last_job", to_hex(progress.last->job.value()));
}

Result<ScheduleProgress> read_fired(const Record& record) {
  constexpr std::string_view kKind = "progress of a schedule";
  if (!is_map(record)) return damaged(kKind);
  const PackView body(record.body);
  const auto next = time_of(body.find("next_ns"));
  if (!next) return damaged(kKind);
  ScheduleProgress progress{.next = *next, .owed = {}, .last = {}};
  bool good = true;
  body.find("owed").each_element([&](PackView element) {
    const auto instant = time_of(element);
    good = good && instant;
    if (instant) progress.owed.push_back(*instant);
  });
  if (const PackView last = body.find("last_ns")) {
    const auto instant = time_of(last);
    const auto job = parse_uuid(body.find("last_job").string_or(""));
    good = good && instant && job;
    if (instant && job) progress.last = ScheduleRun{.instant = *instant, .job = JobId(*job)};
  }
  if (!good) return damaged(kKind);
  return progress;
}

}  // namespace yard::jobs
