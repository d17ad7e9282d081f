#include "broker/cron.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <span>
#include <string>
#include <vector>

#include "engine/base/text.h"

namespace yard::broker {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 12> kMonths = {"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
constexpr std::array<std::string_view, 7> kWeekdays = {"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"};

struct Field {
  std::string_view name;
  unsigned first;
  unsigned last;
  std::span<const std::string_view> names;  // of `first` and those behind it
};

constexpr std::array<Field, 5> kFields = {{{"minute", 0, 59, {}},
                                           {"hour", 0, 23, {}},
                                           {"day of month", 1, 31, {}},
                                           {"month", 1, 12, kMonths},
                                           {"weekday", 0, 7, kWeekdays}}};

struct Shorthand {
  std::string_view name;
  std::string_view meaning;
};
constexpr std::array<Shorthand, 5> kShorthands = {{{"@hourly", "0 * * * *"},
                                                   {"@daily", "0 0 * * *"},
                                                   {"@weekly", "0 0 * * 0"},
                                                   {"@monthly", "0 0 1 * *"},
                                                   {"@yearly", "0 0 1 1 *"}}};

std::unexpected<Error> refuse(const Field& field, std::string_view text) {
  std::string message = "cron: " + std::string(field.name) + " \"" + printable(text) + "\": expected " +
                        std::to_string(field.first) + " to " + std::to_string(field.last);
  if (!field.names.empty())
    message += ", " + std::string(field.names.front()) + " to " + std::string(field.names.back());
  return fail(ErrorCode::kBadRequest, message + ", a range a-b, *, a step */n or a-b/n, or a list of these", "/cron");
}

bool same_name(std::string_view name, std::string_view text) {
  return std::ranges::equal(name, text, [](char a, char b) { return a == (b >= 'a' && b <= 'z' ? b - 'a' + 'A' : b); });
}

std::optional<unsigned> natural_of(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::optional<unsigned> value_of(const Field& field, std::string_view text) {
  const auto name = std::ranges::find_if(field.names, [&](std::string_view one) { return same_name(one, text); });
  if (name != field.names.end()) return field.first + static_cast<unsigned>(name - field.names.begin());
  const auto value = natural_of(text);
  return value && *value >= field.first && *value <= field.last ? value : std::nullopt;
}

// One element of a list; nothing where it is none.
std::optional<std::uint64_t> bits_of(const Field& field, std::string_view text) {
  const std::size_t slash = text.find('/');
  const std::string_view range = text.substr(0, slash);
  const std::size_t dash = range.find('-');
  const bool many = range == "*" || dash != std::string_view::npos;
  const auto low = range == "*" ? std::optional(field.first) : value_of(field, range.substr(0, dash));
  const auto high = range == "*" ? std::optional(field.last) : many ? value_of(field, range.substr(dash + 1)) : low;
  const auto step = slash == std::string_view::npos ? std::optional(1u) : natural_of(text.substr(slash + 1));
  if (!low || !high || *low > *high || !step || *step == 0 || *step > field.last) return std::nullopt;
  if (!many && slash != std::string_view::npos) return std::nullopt;
  std::uint64_t bits = 0;
  for (unsigned value = *low; value <= *high; value += *step) bits |= 1ull << value;
  return bits;
}

Result<std::uint64_t> parse_field(const Field& field, std::string_view text) {
  std::uint64_t bits = 0;
  for (std::string_view rest = text;;) {
    const std::size_t comma = rest.find(',');
    const auto some = bits_of(field, rest.substr(0, comma));
    if (!some) return refuse(field, text);
    bits |= *some;
    if (comma == std::string_view::npos) return bits;
    rest.remove_prefix(comma + 1);
  }
}

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBlank = " \t";
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(kBlank); at < text.size();) {
    const std::size_t end = std::min(text.find_first_of(kBlank, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(kBlank, end);
  }
  return words;
}

bool names_day(const Cron& cron, local_days date) {
  const year_month_day calendar(date);
  if ((cron.months >> static_cast<unsigned>(calendar.month()) & 1) == 0) return false;
  const bool day = cron.days >> static_cast<unsigned>(calendar.day()) & 1;
  const bool week_day = cron.weekdays >> weekday(date).c_encoding() & 1;
  return cron.any_day || cron.any_weekday ? day && week_day : day || week_day;
}

// The lowest bit from `from` on.
std::optional<unsigned> bit_from(std::uint64_t bits, std::int64_t from) {
  const std::uint64_t rest = from > 63 ? 0 : bits >> from << from;
  return rest == 0 ? std::nullopt : std::optional(static_cast<unsigned>(std::countr_zero(rest)));
}

// The first minute of a day that it names, from `from` on.
std::optional<minutes> minute_of_day(const Cron& cron, minutes from) {
  const hours first = floor<hours>(from);
  if (cron.hours >> first.count() & 1) {
    if (const auto minute = bit_from(cron.minutes, (from - first).count())) return first + minutes(*minute);
  }
  const auto hour = bit_from(cron.hours, first.count() + 1);
  if (!hour) return std::nullopt;
  return hours(*hour) + minutes(std::countr_zero(cron.minutes));
}

}  // namespace

Result<Cron> parse_cron(std::string_view text) {
  for (const Shorthand& shorthand : kShorthands) {
    if (shorthand.name == text) return parse_cron(shorthand.meaning);
  }
  const std::vector<std::string_view> words = words_of(text);
  if (words.size() != kFields.size()) {
    return fail(ErrorCode::kBadRequest,
                "cron: expected five fields, minute hour day month weekday, or @hourly, @daily, @weekly, @monthly, "
                "@yearly",
                "/cron");
  }
  std::array<std::uint64_t, kFields.size()> bits{};
  for (std::size_t i = 0; i < kFields.size(); ++i) {
    YARD_TRY(bits[i], parse_field(kFields[i], words[i]));
  }
  constexpr std::uint64_t kSunday = 1;
  constexpr std::uint64_t kSundayAgain = 1u << 7;
  return Cron{.minutes = bits[0],
              .hours = bits[1],
              .days = bits[2],
              .months = bits[3],
              .weekdays = (bits[4] & kSundayAgain) != 0 ? (bits[4] & ~kSundayAgain) | kSunday : bits[4],
              .any_day = words[2].front() == '*',
              .any_weekday = words[4].front() == '*',
              .follows_the_hour = words[1].front() == '*'};
}

std::optional<local_seconds> first_in(const Cron& cron, local_seconds from, local_seconds end) {
  const auto start = ceil<minutes>(from);
  minutes time = start - floor<days>(start);
  for (local_days date = floor<days>(start); date < end; date += days(1), time = minutes(0)) {
    if (!names_day(cron, date)) continue;
    const auto found = minute_of_day(cron, time);
    if (found) return date + *found < end ? std::optional<local_seconds>(date + *found) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace yard::broker
