#include "engine/base/error.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/base/result.h"

namespace yard {
namespace {

TEST(ErrorTable, IsOrderedByNumberWithoutRepeats) {
  const auto rows = error_table();
  EXPECT_TRUE(std::ranges::is_sorted(rows, std::less_equal<>{}, &ErrorRow::code));
  EXPECT_EQ(std::ranges::adjacent_find(rows, {}, &ErrorRow::code), rows.end());
}

TEST(ErrorTable, NamesAreUniqueSnakeCaseAndComeBack) {
  std::set<std::string_view> names;
  for (const ErrorRow& row : error_table()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_TRUE(std::ranges::all_of(row.name, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; })) << row.name;
    EXPECT_EQ(error_name(row.code), row.name);
    EXPECT_EQ(error_code(row.name), row.code);
    EXPECT_EQ(is_retryable(row.code), row.retryable);
  }
}

TEST(ErrorTable, SaysWhatEachOneMeansInASentence) {
  for (const ErrorRow& row : error_table()) {
    EXPECT_TRUE(row.meaning.ends_with('.')) << row.name;
  }
}

// The numbers are on the wire: this list only ever grows.
TEST(ErrorTable, NumbersStayWhatTheyWere) {
  EXPECT_EQ(static_cast<int>(ErrorCode::kBadFrame), 1);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInvalidArguments), 5);
  EXPECT_EQ(static_cast<int>(ErrorCode::kQueueFull), 8);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInternal), 20);
  EXPECT_EQ(static_cast<int>(ErrorCode::kDependencyFailed), 27);
}

TEST(ErrorTable, AnswersForNumbersOfANewerPeer) {
  constexpr auto kNewer = static_cast<ErrorCode>(65'535);
  EXPECT_EQ(error_name(kNewer), "unknown");
  EXPECT_FALSE(is_retryable(kNewer));
  EXPECT_EQ(error_code("no_such_error"), std::nullopt);
}

TEST(Error, IsTextForPeople) {
  EXPECT_EQ(to_string(Error{.code = ErrorCode::kNotFound, .message = "job 17 is unknown"}),
            "not_found: job 17 is unknown");
  EXPECT_EQ(to_string(Error{.code = ErrorCode::kInvalidArguments, .message = "is required", .pointer = "/abc"}),
            "invalid_arguments: is required (at /abc)");
  EXPECT_EQ(to_string(Error{.code = ErrorCode::kDraining}), "draining");
}

Result<int> half(int value) {
  if (value % 2 != 0) return fail(ErrorCode::kBadRequest, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  YARD_TRY(const int halved, half(value));
  YARD_TRY_STATUS(half(halved));
  return half(halved);
}

TEST(Result, TryReturnsTheFirstError) {
  EXPECT_EQ(quarter(8), 2);
  EXPECT_EQ(quarter(6).error().message, "odd");
  EXPECT_EQ(quarter(3).error().code, ErrorCode::kBadRequest);
}

}  // namespace
}  // namespace yard
