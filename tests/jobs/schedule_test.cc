#include "jobs/schedule.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "engine/base/pack_json.h"

namespace yard::jobs {
namespace {

using nlohmann::json;

constexpr WallTime kInstant{std::chrono::seconds(1'000'000'020)};

Schedule schedule() {
  return {.principal = "ada",
          .name = "nightly",
          .cron = "0 3 * * *",
          .zone = "Europe/Berlin",
          .missed = Missed::kAll,
          .tool = "render",
          .priority = 1,
          .options = pack({{"deadline_ms", 1000}}),
          .arguments = pack({{"n", 3}})};
}

Record record_of(RecordKind kind, BytesView body) { return {.head = {.kind = kind}, .body = body, .whole = {}}; }

Bytes written(auto&& write) {
  Bytes bytes;
  PackWriter writer(bytes);
  write(writer);
  return bytes;
}

TEST(ScheduleRecord, SaysASchedule) {
  const Bytes body = written([](PackWriter& writer) { write_scheduled(writer, {schedule(), kInstant}); });
  const auto read = read_scheduled(record_of(RecordKind::kScheduled, body));
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->schedule, schedule());
  EXPECT_EQ(read->next, kInstant);
}

TEST(ScheduleRecord, SaysHowFarItHasCome) {
  ScheduleProgress progress{.next = kInstant, .owed = {}, .last = {}};
  for (int round = 0; round < 2; ++round) {
    const Bytes body = written([&](PackWriter& writer) { write_fired(writer, progress); });
    const auto read = read_fired(record_of(RecordKind::kFired, body));
    ASSERT_TRUE(read) << to_string(read.error());
    EXPECT_EQ(read->next, progress.next);
    EXPECT_EQ(read->owed, progress.owed);
    ASSERT_EQ(read->last.has_value(), progress.last.has_value());
    if (progress.last) EXPECT_EQ(read->last->job, progress.last->job);
    progress.owed = {WallTime(Nanos(-1)), kInstant - std::chrono::hours(1)};
    progress.last = ScheduleRun{.instant = kInstant, .job = run_id_of(schedule(), kInstant)};
  }
}

TEST(ScheduleRecord, DamageIsRefused) {
  const Bytes good = written([](PackWriter& writer) { write_scheduled(writer, {schedule(), kInstant}); });
  for (std::size_t size = 0; size < good.size(); ++size)
    EXPECT_FALSE(read_scheduled(record_of(RecordKind::kScheduled, BytesView(good).substr(0, size)))) << size;
  EXPECT_FALSE(
      read_scheduled(record_of(RecordKind::kScheduled, pack({{"name", "n"}, {"cron", "@daily"}, {"tool", "t"}}))))
      << "whose it is is missing";
  for (const char* wrong :
       {R"({"next_ns": "soon"})", R"({"next_ns": 1, "owed": ["x"]})", R"({"next_ns": 1, "last_ns": 1})", "[]"})
    EXPECT_FALSE(read_fired(record_of(RecordKind::kFired, pack(json::parse(wrong))))) << wrong;
}

TEST(Schedule, AnInstantHasOneIdOfItsOwn) {
  EXPECT_EQ(run_id_of(schedule(), kInstant), run_id_of(schedule(), kInstant));
  Schedule other = schedule();
  other.cron = "0 4 * * *";
  EXPECT_EQ(run_id_of(other, kInstant), run_id_of(schedule(), kInstant)) << "whatever the schedule says by then";
  EXPECT_NE(run_id_of(schedule(), kInstant), run_id_of(schedule(), kInstant + Nanos(1)));
  other.name = "weekly";
  EXPECT_NE(run_id_of(other, kInstant), run_id_of(schedule(), kInstant));
  EXPECT_NE(subject_of("ada", "bob"), subject_of("adab", "ob"));
}

}  // namespace
}  // namespace yard::jobs
