#include "jobs/sqlite/database.h"

#include <sqlite3.h>

#include <utility>

namespace yard {
namespace {

constexpr int kBusyTimeoutMs = 5'000;

std::unexpected<Error> error_of(sqlite3* database) {
  const char* file = sqlite3_db_filename(database, "main");
  std::string message = std::filesystem::path(file == nullptr ? "" : file).filename().string() + ": ";
  message += sqlite3_errcode(database) == SQLITE_FULL ? "the disk is full; free some space and try again"
                                                      : sqlite3_errmsg(database);
  return fail(ErrorCode::kIo, std::move(message));
}

}  // namespace

// ---- statements

void Statement::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }

std::unexpected<Error> Statement::error() const { return error_of(sqlite3_db_handle(statement_.get())); }

Status Statement::bind_at(int place, std::string_view text) {
  // Without a destructor SQLite doesn't copy. (SQLITE_STATIC would be a null pointer by an old-style cast.)
  const char* data = text.data() == nullptr ? "" : text.data();
  if (sqlite3_bind_text(statement_.get(), place, data, static_cast<int>(text.size()), nullptr) != SQLITE_OK)
    return error();
  return {};
}

Status Statement::bind_at(int place, std::int64_t number) {
  if (sqlite3_bind_int64(statement_.get(), place, number) != SQLITE_OK) return error();
  return {};
}

Result<bool> Statement::step() {
  const int outcome = sqlite3_step(statement_.get());
  if (outcome != SQLITE_ROW && outcome != SQLITE_DONE) return error();
  return outcome == SQLITE_ROW;
}

Status Statement::run() {
  YARD_TRY([[maybe_unused]] const bool row, step());
  reset();
  return {};
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }

std::string Statement::text(int column) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
  if (text == nullptr) return {};
  return {text, static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

// ---- the database

void Database::Close::operator()(sqlite3* database) const { sqlite3_close(database); }

Result<Database> Database::open(const std::filesystem::path& file, int format, const char* schema) {
  std::error_code ignored;  // where it fails, opening says so
  std::filesystem::create_directories(file.parent_path(), ignored);
  sqlite3* handle = nullptr;
  constexpr int kFlags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int opened = sqlite3_open_v2(file.c_str(), &handle, kFlags, nullptr);
  Database database(handle);
  if (opened != SQLITE_OK) return fail(ErrorCode::kIo, "open " + file.string() + ": " + sqlite3_errmsg(handle));
  YARD_TRY_STATUS(database.check(format, schema));
  return database;
}

Status Database::check(int format, const char* schema) {
  sqlite3_busy_timeout(database_.get(), kBusyTimeoutMs);
  YARD_TRY_STATUS(execute("PRAGMA journal_mode=WAL"));
  YARD_TRY_STATUS(execute("PRAGMA synchronous=FULL"));
  YARD_TRY(const std::string health, ask("PRAGMA quick_check(1)"));
  if (health != "ok") return fail(ErrorCode::kIo, "the file is damaged: " + health);
  YARD_TRY(const std::string version, ask("PRAGMA user_version"));
  if (version == std::to_string(format)) return {};
  if (version != "0") {
    return fail(ErrorCode::kUnsupported,
                "the file has format " + version + ", and this program knows format " + std::to_string(format));
  }
  YARD_TRY(Transaction transaction, Transaction::begin(*this));
  YARD_TRY_STATUS(execute(schema));
  YARD_TRY_STATUS(execute(("PRAGMA user_version=" + std::to_string(format)).c_str()));
  return transaction.commit();
}

Status Database::execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error_of(database_.get());
  return {};
}

Result<Statement> Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v2(database_.get(), sql.data(), static_cast<int>(sql.size()), &statement, nullptr) != SQLITE_OK)
    return error_of(database_.get());
  return Statement(statement);
}

// The first column of the first row.
Result<std::string> Database::ask(const char* sql) {
  YARD_TRY(Statement statement, prepare(sql));
  YARD_TRY(const bool row, statement.step());
  return row ? statement.text(0) : std::string();
}

// ---- transactions

Result<Transaction> Transaction::begin(Database& database) {
  YARD_TRY_STATUS(database.execute("BEGIN IMMEDIATE"));
  return Transaction(database);
}

Transaction::~Transaction() {
  if (database_ != nullptr) static_cast<void>(database_->execute("ROLLBACK"));
}

Status Transaction::commit() {
  YARD_TRY_STATUS(database_->execute("COMMIT"));
  database_ = nullptr;
  return {};
}

}  // namespace yard
