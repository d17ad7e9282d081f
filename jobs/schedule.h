// Schedule: jobs of a tool at the instants of a cron expression in a time zone.
//
// Records of the broker, one msgpack map each; in a job's place stands the schedule's subject:
//
//   kScheduled    {principal, name, cron, zone, missed, tool, priority, options?, arguments, next_ns}: from now on
//   kFired        {next_ns, owed: [ns…], last_ns?, last_job?}: how far it has come, in place of what was said before
//   kUnscheduled  {}: no longer
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/pack.h"
#include "jobs/log.h"

namespace yard::jobs {

inline constexpr std::size_t kScheduleNameBytesMax = 128;
inline constexpr std::size_t kCronBytesMax = 256;
inline constexpr std::size_t kZoneBytesMax = 64;

// What becomes of instants that passed while the broker was away, or its clock was set forward.
enum class Missed : std::uint8_t {
  kSkip,  // nothing
  kOnce,  // one job for all of them
  kAll,   // a job for each
};
std::string_view name_of(Missed missed);
std::optional<Missed> parse_missed(std::string_view name);

struct Schedule {
  std::string principal;
  std::string name;  // unique within the principal
  std::string cron;
  std::string zone = "UTC";
  Missed missed = Missed::kSkip;
  std::string tool;
  std::uint8_t priority = 2;
  Bytes options;    // of each call, one msgpack map; empty: none
  Bytes arguments;  // one msgpack map

  bool operator==(const Schedule&) const = default;
};

struct ScheduleRun {
  WallTime instant;
  JobId job;  // another one than the instant's own where that joined a job with its key
};

struct ScheduleProgress {
  WallTime next;               // the first instant that nothing was decided about
  std::vector<WallTime> owed;  // due, and without a job so far; oldest first
  std::optional<ScheduleRun> last;
};

// Stands for a schedule where a job's id would.
[[nodiscard]] JobId subject_of(std::string_view principal, std::string_view name);

// The id of the job of an instant: the same whenever it is submitted.
[[nodiscard]] JobId run_id_of(const Schedule& schedule, WallTime instant);

enum class ScheduleDetail { kBrief, kWhole };  // without options and arguments, and with them

// All of it but the principal, as on the wire.
void write_schedule(PackMap& map, const Schedule& schedule, ScheduleDetail detail);

// Of a checked map; leaves the principal out. Errors: kBadRequest, names the field.
[[nodiscard]] Result<Schedule> read_schedule(PackView map);

struct Scheduled {
  Schedule schedule;
  WallTime next;
};
void write_scheduled(PackWriter& writer, const Scheduled& scheduled);
void write_fired(PackWriter& writer, const ScheduleProgress& progress);

// What they say again. Errors: kBadFrame.
[[nodiscard]] Result<Scheduled> read_scheduled(const Record& record);
[[nodiscard]] Result<ScheduleProgress> read_fired(const Record& record);

}  // namespace yard::jobs
