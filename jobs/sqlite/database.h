// Database: a SQLite file, for what people search in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "engine/base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace yard {

// A prepared statement. Bind its parameters, step, read columns; reset() before it is run again. What is
// bound must stay until then. Threads: its database's. Lifetime: ends before the database.
class Statement {
 public:
  // Parameters in order, from the first one on; those left out are NULL.
  template <typename... Values>
  [[nodiscard]] Status bind(const Values&... values) {
    int place = 0;
    Status status;
    ((status = status ? bind_at(++place, values) : std::move(status)), ...);
    return status;
  }

  // Whether there is a row. Errors: kIo.
  [[nodiscard]] Result<bool> step();

  // Runs it for what it changes, and makes it ready to be bound again. Errors: kIo.
  [[nodiscard]] Status run();

  void reset();

  // Columns of the row, from 0 on. NULL is 0, or empty.
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  friend class Database;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  [[nodiscard]] Status bind_at(int place, std::string_view text);
  [[nodiscard]] Status bind_at(int place, std::int64_t number);
  [[nodiscard]] std::unexpected<Error> error() const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Write-ahead log, synchronous=FULL: a committed transaction survives the power.
// Threads: one at a time.
class Database {
 public:
  // Makes or opens the file and its folder, and checks it. `format` is PRAGMA user_version; `schema` is run where
  // the file is new.
  // Errors: kIo (also for a damaged file), kUnsupported for another format.
  [[nodiscard]] static Result<Database> open(const std::filesystem::path& file, int format, const char* schema);

  // Errors: kIo, naming the file.
  [[nodiscard]] Status execute(const char* sql);
  [[nodiscard]] Result<Statement> prepare(std::string_view sql);

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  explicit Database(sqlite3* database) : database_(database) {}
  [[nodiscard]] Result<std::string> ask(const char* sql);
  [[nodiscard]] Status check(int format, const char* schema);

  std::unique_ptr<sqlite3, Close> database_;
};

// One transaction: rolled back unless committed. Threads: its database's.
class Transaction {
 public:
  [[nodiscard]] static Result<Transaction> begin(Database& database);
  Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  [[nodiscard]] Status commit();

 private:
  explicit Transaction(Database& database) : database_(&database) {}
  Database* database_;  // null once it is over
};

}  // namespace yard
