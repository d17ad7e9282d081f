#include "jobs/sqlite/database.h"

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace yard {
namespace {

constexpr const char* kSchema = "CREATE TABLE notes (number INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT";

class DatabaseTest : public ::testing::Test {
 protected:
  [[nodiscard]] std::filesystem::path file() const { return dir_.path() / "below" / "notes.sqlite"; }

  [[nodiscard]] static std::int64_t count(Database& database) {
    Statement rows = *database.prepare("SELECT count(*) FROM notes");
    EXPECT_TRUE(*rows.step());
    return rows.integer(0);
  }
  static Status put(Database& database, std::int64_t number, std::string_view text) {
    YARD_TRY(Statement insert, database.prepare("INSERT INTO notes VALUES (?, ?)"));
    YARD_TRY_STATUS(insert.bind(number, text));
    return insert.run();
  }

  yard::testing::TempDir dir_;
};

TEST_F(DatabaseTest, KeepsWhatWasCommitted) {
  {
    Database database = *Database::open(file(), 1, kSchema);
    Transaction transaction = *Transaction::begin(database);
    ASSERT_TRUE(put(database, 7, "seven \xE2\x99\xAD"));
    ASSERT_TRUE(transaction.commit());
  }
  Database again = *Database::open(file(), 1, kSchema);
  Statement rows = *again.prepare("SELECT number, text FROM notes");
  ASSERT_TRUE(*rows.step());
  EXPECT_EQ(rows.integer(0), 7);
  EXPECT_EQ(rows.text(1), "seven \xE2\x99\xAD");
  EXPECT_FALSE(*rows.step());
}

TEST_F(DatabaseTest, ForgetsATransactionThatWasNotCommitted) {
  Database database = *Database::open(file(), 1, kSchema);
  {
    Transaction transaction = *Transaction::begin(database);
    ASSERT_TRUE(put(database, 1, "lost"));
  }
  EXPECT_EQ(count(database), 0);
}

TEST_F(DatabaseTest, AnErrorNamesTheFileAndTheReason) {
  Database database = *Database::open(file(), 1, kSchema);
  ASSERT_TRUE(put(database, 1, "first"));
  const Status twice = put(database, 1, "again");
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, ErrorCode::kIo);
  EXPECT_NE(twice.error().message.find("notes.sqlite"), std::string::npos) << twice.error().message;
  EXPECT_NE(twice.error().message.find("UNIQUE"), std::string::npos) << twice.error().message;
}

TEST_F(DatabaseTest, RefusesAnotherFormatAndADamagedFile) {
  ASSERT_TRUE(Database::open(file(), 2, kSchema));
  const auto other = Database::open(file(), 1, kSchema);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error().code, ErrorCode::kUnsupported);
  const auto damaged = Database::open(dir_.write("broken.sqlite", std::string(8'192, 'x')), 1, kSchema);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, ErrorCode::kIo);
}

}  // namespace
}  // namespace yard
