#include "broker/cron.h"

#include <gtest/gtest.h>

#include <string>

namespace yard::broker {
namespace {

using namespace std::chrono;

local_seconds at(year_month_day date, int hour = 0, int minute = 0) {
  return local_days(date) + hours(hour) + minutes(minute);
}

// The first minutes from `from` on, as "MM-DD hh:mm".
std::vector<std::string> first_of(std::string_view text, local_seconds from, std::size_t count) {
  const auto cron = parse_cron(text);
  EXPECT_TRUE(cron) << text << ": " << to_string(cron.error());
  std::vector<std::string> found;
  while (cron && found.size() < count) {
    const auto next = first_in(*cron, from, from + years(50));
    if (!next) break;
    const auto day = floor<days>(*next);
    const year_month_day date(day);
    const hh_mm_ss time(*next - day);
    char line[64] = {};
    std::snprintf(line, sizeof line, "%02u-%02u %02d:%02d", static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()));
    found.emplace_back(line);
    from = *next + seconds(1);
  }
  return found;
}

using Texts = std::vector<std::string>;
constexpr year_month_day kNewYear = 2026y / 1 / 1;  // a Thursday

TEST(Cron, NamesMinutesByListsRangesAndSteps) {
  EXPECT_EQ(first_of("*/20 9 * * *", at(kNewYear), 4),
            (Texts{"01-01 09:00", "01-01 09:20", "01-01 09:40", "01-02 09:00"}));
  EXPECT_EQ(first_of("5,10-12 0 * * *", at(kNewYear), 4),
            (Texts{"01-01 00:05", "01-01 00:10", "01-01 00:11", "01-01 00:12"}));
  EXPECT_EQ(first_of("0 8-18/5 * * *", at(kNewYear), 4),
            (Texts{"01-01 08:00", "01-01 13:00", "01-01 18:00", "01-02 08:00"}));
  EXPECT_EQ(first_of("59 23 31 12 *", at(kNewYear), 1), (Texts{"12-31 23:59"}));
}

TEST(Cron, KnowsNamesOfMonthsAndWeekdaysInAnyCase) {
  EXPECT_EQ(first_of("0 0 1 FEB,nov *", at(kNewYear), 2), (Texts{"02-01 00:00", "11-01 00:00"}));
  EXPECT_EQ(first_of("0 0 * * mon-TUE", at(kNewYear), 3), (Texts{"01-05 00:00", "01-06 00:00", "01-12 00:00"}));
  const Texts sundays = {"01-04 00:00", "01-11 00:00"};
  for (const char* sunday : {"0 0 * * 0", "0 0 * * 7", "0 0 * * SUN", "@weekly"})
    EXPECT_EQ(first_of(sunday, at(kNewYear), 2), sundays) << sunday;
  EXPECT_EQ(first_of("0 0 * * 5-7", at(kNewYear), 3), (Texts{"01-02 00:00", "01-03 00:00", "01-04 00:00"}));
}

TEST(Cron, KnowsItsShorthands) {
  EXPECT_EQ(first_of("@hourly", at(kNewYear, 3, 1), 1), (Texts{"01-01 04:00"}));
  EXPECT_EQ(first_of("@daily", at(kNewYear, 3, 1), 1), (Texts{"01-02 00:00"}));
  EXPECT_EQ(first_of("@monthly", at(kNewYear, 3, 1), 1), (Texts{"02-01 00:00"}));
  EXPECT_EQ(first_of("@yearly", at(kNewYear, 3, 1), 1), (Texts{"01-01 00:00"}));
}

TEST(Cron, EitherDayFitsWhereBothAreRestricted) {
  EXPECT_EQ(first_of("0 0 13 * FRI", at(kNewYear), 4),
            (Texts{"01-02 00:00", "01-09 00:00", "01-13 00:00", "01-16 00:00"}));
  EXPECT_EQ(first_of("0 0 13 * *", at(kNewYear), 2), (Texts{"01-13 00:00", "02-13 00:00"}));
  EXPECT_EQ(first_of("0 0 */2 * FRI", at(kNewYear), 2), (Texts{"01-09 00:00", "01-23 00:00"}))
      << "with * both must fit";
}

TEST(Cron, KnowsLeapYearsAndShortMonths) {
  EXPECT_EQ(first_of("0 0 31 * *", at(kNewYear), 3), (Texts{"01-31 00:00", "03-31 00:00", "05-31 00:00"}));
  const auto leap = parse_cron("0 0 29 2 *");
  ASSERT_TRUE(leap);
  EXPECT_EQ(first_in(*leap, at(kNewYear), at(2040y / 1 / 1)), at(2028y / 2 / 29));
  EXPECT_EQ(first_in(*leap, at(2096y / 3 / 1), at(2200y / 1 / 1)), at(2104y / 2 / 29)) << "2100 has none";
}

TEST(Cron, EndsWhereItIsTold) {
  const auto cron = parse_cron("30 12 * * *");
  ASSERT_TRUE(cron);
  EXPECT_EQ(first_in(*cron, at(kNewYear, 12, 30), at(kNewYear, 12, 31)), at(kNewYear, 12, 30));
  EXPECT_EQ(first_in(*cron, at(kNewYear, 12, 30) + seconds(1), at(kNewYear + years(0), 23)), std::nullopt);
  EXPECT_EQ(first_in(*cron, at(kNewYear), at(kNewYear, 12, 30)), std::nullopt) << "its end is not in it";
}

TEST(Cron, ARefusalNamesTheFieldAndWhatItMayBe) {
  const auto refused = [](std::string_view text) {
    const auto cron = parse_cron(text);
    return cron ? "accepted" : cron.error().message;
  };
  EXPECT_EQ(refused("60 * * * *"),
            "cron: minute \"60\": expected 0 to 59, a range a-b, *, a step */n or a-b/n, or a list of these");
  EXPECT_NE(refused("0 24 * * *").find("hour \"24\": expected 0 to 23"), std::string::npos);
  EXPECT_NE(refused("0 0 0 * *").find("day of month \"0\": expected 1 to 31"), std::string::npos);
  EXPECT_NE(refused("0 0 * 13 *").find("month \"13\": expected 1 to 12, JAN to DEC"), std::string::npos);
  EXPECT_NE(refused("0 0 * * MOON").find("weekday \"MOON\": expected 0 to 7, SUN to SAT"), std::string::npos);
  for (const char* wrong :
       {"5/15 * * * *", "*/0 * * * *", "10-5 * * * *", "1, * * * *", ",1 * * * *", "a * * * *", "-1 * * * *",
        "1- * * * *", "*/ * * * *", "+1 * * * *", "99999999999 * * * *", "JAN * * * *", "*-5 * * * *", "** * * * *"})
    EXPECT_NE(refused(wrong).find("cron: minute"), std::string::npos) << wrong;
  for (const char* wrong : {"", "* * * *", "* * * * * *", "@never", "@daily x"})
    EXPECT_NE(refused(wrong).find("five fields"), std::string::npos) << wrong;
}

}  // namespace
}  // namespace yard::broker
