// Instants in time zones. The facts are those of the tz database.
#include "broker/calendar.h"

#include <gtest/gtest.h>

#include <string>

namespace yard::broker {
namespace {

using namespace std::chrono;

WallTime utc(year_month_day date, int hour = 0, int minute = 0) {
  return sys_days(date) + hours(hour) + minutes(minute);
}

std::string text_of(WallTime time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  char text[64] = {};
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
  return text;
}

std::vector<std::string> between(std::string cron, std::string zone, WallTime after, WallTime until,
                                 std::size_t count_max = 100) {
  const InstantsAnswer answered = answer(
      {.cron = std::move(cron), .zone = std::move(zone), .after = after, .until = until, .count_max = count_max});
  std::vector<std::string> texts;
  if (!answered.instants) return {to_string(answered.instants.error())};
  for (const WallTime time : answered.instants->between) texts.push_back(text_of(time));
  return texts;
}

std::string next(std::string cron, std::string zone, WallTime after) {
  const InstantsAnswer answered =
      answer({.cron = std::move(cron), .zone = std::move(zone), .after = after, .until = after, .count_max = 1});
  return answered.instants ? text_of(answered.instants->next) : answered.instants.error().message;
}

using Texts = std::vector<std::string>;

TEST(Calendar, KnowsOffsetsOfZones) {
  EXPECT_EQ(next("0 9 * * *", "UTC", utc(2026y / 1 / 15)), "2026-01-15 09:00");
  EXPECT_EQ(next("0 9 * * *", "Europe/Berlin", utc(2026y / 1 / 15)), "2026-01-15 08:00");
  EXPECT_EQ(next("0 9 * * *", "Europe/Berlin", utc(2026y / 7 / 15)), "2026-07-15 07:00");
  EXPECT_EQ(next("0 9 * * *", "America/New_York", utc(2026y / 1 / 15)), "2026-01-15 14:00");
  EXPECT_EQ(next("0 9 * * *", "America/New_York", utc(2026y / 7 / 15)), "2026-07-15 13:00");
  EXPECT_EQ(next("0 9 * * *", "Asia/Kolkata", utc(2026y / 1 / 15)), "2026-01-15 03:30");
  EXPECT_EQ(next("0 9 * * *", "Australia/Lord_Howe", utc(2026y / 1 / 14, 12)), "2026-01-14 22:00")
      << "UTC+11 in summer";
  EXPECT_EQ(next("0 9 * * *", "Australia/Lord_Howe", utc(2026y / 7 / 14, 12)), "2026-07-14 22:30") << "UTC+10:30";
}

TEST(Calendar, IsStrictlyBehindTheMomentAskedFor) {
  EXPECT_EQ(next("0 9 * * *", "UTC", utc(2026y / 1 / 15, 9)), "2026-01-16 09:00");
  EXPECT_EQ(next("0 9 * * *", "UTC", utc(2026y / 1 / 15, 9) - nanoseconds(1)), "2026-01-15 09:00");
}

// 2026-03-29 in Berlin: 02:00 is 03:00, at 01:00 UTC. 2026-10-25: 03:00 is 02:00, at 01:00 UTC.
TEST(Calendar, WhatASpringSkipsComesOnceAtTheGapsEnd) {
  EXPECT_EQ(between("30 2 * * *", "Europe/Berlin", utc(2026y / 3 / 28), utc(2026y / 3 / 31)),
            (Texts{"2026-03-28 01:30", "2026-03-29 01:00", "2026-03-30 00:30"}));
  EXPECT_EQ(between("0,15,30 2,3 * * *", "Europe/Berlin", utc(2026y / 3 / 29), utc(2026y / 3 / 29, 12)),
            (Texts{"2026-03-29 01:00", "2026-03-29 01:15", "2026-03-29 01:30"}));
  EXPECT_EQ(next("30 2 * * *", "America/New_York", utc(2026y / 3 / 8, 5)), "2026-03-08 07:00")
      << "02:00 EST is 03:00 EDT";
  EXPECT_EQ(next("15 2 * * *", "Australia/Lord_Howe", utc(2026y / 10 / 3, 12)), "2026-10-03 15:30")
      << "a gap of 30 minutes";
  EXPECT_EQ(next("0 0 * * *", "America/Havana", utc(2026y / 3 / 8, 4)), "2026-03-08 05:00")
      << "a day without its midnight";
}

TEST(Calendar, WhatAnAutumnRepeatsComesTheFirstTime) {
  EXPECT_EQ(between("30 2 * * *", "Europe/Berlin", utc(2026y / 10 / 24), utc(2026y / 10 / 27)),
            (Texts{"2026-10-24 00:30", "2026-10-25 00:30", "2026-10-26 01:30"}));
  EXPECT_EQ(between("30 2,3 * * *", "Europe/Berlin", utc(2026y / 10 / 25), utc(2026y / 10 / 26)),
            (Texts{"2026-10-25 00:30", "2026-10-25 02:30"}));
  EXPECT_EQ(next("45 1 * * *", "Australia/Lord_Howe", utc(2026y / 4 / 4, 12)), "2026-04-04 14:45") << "at UTC+11";
  EXPECT_EQ(next("45 1 * * *", "Australia/Lord_Howe", utc(2026y / 4 / 4, 14, 45)), "2026-04-05 15:15")
      << "not at UTC+10:30";
  EXPECT_EQ(next("30 2 * * *", "Europe/Berlin", utc(2026y / 10 / 25, 1)), "2026-10-26 01:30")
      << "asked in the second hour";
}

TEST(Calendar, EveryHourMeansEveryHourThereIs) {
  EXPECT_EQ(between("30 * * * *", "Europe/Berlin", utc(2026y / 3 / 29), utc(2026y / 3 / 29, 3)),
            (Texts{"2026-03-29 00:30", "2026-03-29 01:30", "2026-03-29 02:30"}));
  EXPECT_EQ(between("30 * * * *", "Europe/Berlin", utc(2026y / 10 / 25), utc(2026y / 10 / 25, 3)),
            (Texts{"2026-10-25 00:30", "2026-10-25 01:30", "2026-10-25 02:30"}));
  EXPECT_EQ(between("*/30 * * * *", "Australia/Lord_Howe", utc(2026y / 10 / 3, 15), utc(2026y / 10 / 3, 16)),
            (Texts{"2026-10-03 15:30", "2026-10-03 16:00"}));
}

TEST(Calendar, KeepsTheNewestOfWhatLiesBetween) {
  const InstantsAnswer answered = answer({.subject = JobId(uuid_from_bytes(Bytes(16, 's'))),
                                          .number = 7,
                                          .cron = "0 * * * *",
                                          .zone = "UTC",
                                          .after = utc(2026y / 1 / 1),
                                          .until = utc(2026y / 1 / 2),
                                          .count_max = 2});
  ASSERT_TRUE(answered.instants);
  EXPECT_EQ(answered.instants->between, (std::vector{utc(2026y / 1 / 1, 23), utc(2026y / 1 / 2)}));
  EXPECT_EQ(answered.instants->dropped, 22u);
  EXPECT_EQ(answered.instants->next, utc(2026y / 1 / 2, 1));
  EXPECT_EQ(answered.number, 7u);
  EXPECT_EQ(answered.subject, JobId(uuid_from_bytes(Bytes(16, 's'))));
}

TEST(Calendar, ALongTimeIsNotGoneThroughMinuteByMinute) {
  const InstantsAnswer answered = answer({.cron = "* * * * *",
                                          .zone = "Europe/Berlin",
                                          .after = utc(1970y / 1 / 1),
                                          .until = utc(2026y / 1 / 1),
                                          .count_max = 2});
  ASSERT_TRUE(answered.instants);
  EXPECT_EQ(answered.instants->between, (std::vector{utc(2025y / 12 / 31, 23, 59), utc(2026y / 1 / 1)}));
  EXPECT_GE(answered.instants->dropped, 1'000'000u);
}

TEST(Calendar, WaitsForLeapYears) {
  EXPECT_EQ(next("0 0 29 2 *", "UTC", utc(2026y / 1 / 1)), "2028-02-29 00:00");
  EXPECT_EQ(next("0 0 29 2 *", "UTC", utc(2096y / 3 / 1)), "2104-02-29 00:00") << "2100 is none";
  EXPECT_EQ(next("0 0 29 2 */7", "UTC", utc(2026y / 1 / 1)), "2032-02-29 00:00") << "on a Sunday";
}

TEST(Calendar, RefusesWhatNeverComes) {
  for (const char* never : {"0 0 30 2 *", "0 0 31 2,4,6,9,11 *"})
    EXPECT_EQ(next(never, "Europe/Berlin", utc(2026y / 1 / 1)), "cron: no such day ever comes") << never;
}

TEST(Calendar, ARefusalNamesTheZone) {
  EXPECT_EQ(next("@daily", "Europe/Atlantis", utc(2026y / 1 / 1)),
            "zone: no time zone \"Europe/Atlantis\"; expected one like Europe/Berlin");
  EXPECT_NE(next("@daily", "", utc(2026y / 1 / 1)).find("no time zone"), std::string::npos);
  EXPECT_NE(next("@daily", "../../etc/passwd", utc(2026y / 1 / 1)).find("no time zone"), std::string::npos);
}

}  // namespace
}  // namespace yard::broker
