#include "jobs/history/history.h"

#include <algorithm>
#include <utility>

#include "engine/base/pack.h"
#include "jobs/records.h"

namespace yard::jobs {
namespace {

constexpr int kFormat = 1;

// `progress` has one row.
constexpr const char* kSchema = R"(
  CREATE TABLE jobs (
    lsn INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    principal TEXT NOT NULL,
    tool TEXT NOT NULL,
    state TEXT NOT NULL,
    error TEXT NOT NULL DEFAULT '',
    message TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    created_ms INTEGER NOT NULL,
    started_ms INTEGER NOT NULL DEFAULT 0,
    ended_ms INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX jobs_by_id ON jobs (id, lsn);
  CREATE TABLE progress (position INTEGER NOT NULL, lsn INTEGER NOT NULL) STRICT;
  INSERT INTO progress VALUES (0, 0);
)";

// An id may be used again when its job is forgotten: what follows is about the newest job of that id.
constexpr std::string_view kNewest = " WHERE lsn = (SELECT max(lsn) FROM jobs WHERE id = ?)";

std::int64_t unix_ms(WallTime time) { return std::chrono::duration_cast<Millis>(time.time_since_epoch()).count(); }

// Puts records into the table. Lives as long as one transaction.
class Recorder {
 public:
  [[nodiscard]] static Result<Recorder> make(Database& database) {
    YARD_TRY(Statement submitted,
             database.prepare("INSERT OR REPLACE INTO jobs (lsn, id, principal, tool, state, created_ms)"
                              " VALUES (?, ?, ?, ?, ?, ?)"));
    YARD_TRY(Statement started,
             database.prepare("UPDATE jobs SET state = ?, attempts = ?, started_ms = ?" + std::string(kNewest)));
    YARD_TRY(Statement changed, database.prepare("UPDATE jobs SET state = ?, attempts = ?" + std::string(kNewest)));
    YARD_TRY(Statement ended, database.prepare("UPDATE jobs SET state = ?, error = ?, message = ?, ended_ms = ?" +
                                               std::string(kNewest)));
    return Recorder(std::move(submitted), std::move(started), std::move(changed), std::move(ended));
  }

  [[nodiscard]] Status take(const Record& record) {
    switch (record.head.kind) {
      case RecordKind::kSubmitted: return submitted(record);
      case RecordKind::kChanged: return changed(record);
      case RecordKind::kEnded: return ended(record);
      default: return {};
    }
  }

 private:
  Recorder(Statement submitted, Statement started, Statement changed, Statement ended)
      : submitted_(std::move(submitted)),
        started_(std::move(started)),
        changed_(std::move(changed)),
        ended_(std::move(ended)) {}

  [[nodiscard]] Status submitted(const Record& record) {
    YARD_TRY(const Submitted body, read_submitted(record));
    const std::string id = to_hex(record.head.job.value());
    YARD_TRY_STATUS(submitted_.bind(static_cast<std::int64_t>(record.head.lsn), id, body.order.principal,
                                    body.order.tool, name_of(body.state), unix_ms(record.head.time)));
    return submitted_.run();
  }

  [[nodiscard]] Status changed(const Record& record) {
    YARD_TRY(const Changed body, read_changed(record));
    const std::string id = to_hex(record.head.job.value());
    const std::int64_t attempts = body.attempt;
    if (body.state == JobState::kRunning) {
      YARD_TRY_STATUS(started_.bind(name_of(body.state), attempts, unix_ms(record.head.time), id));
      return started_.run();
    }
    YARD_TRY_STATUS(changed_.bind(name_of(body.state), attempts, id));
    return changed_.run();
  }

  [[nodiscard]] Status ended(const Record& record) {
    YARD_TRY(const Ended body, read_ended(record));
    const std::string id = to_hex(record.head.job.value());
    const PackView error = PackView(body.body).find("error");
    YARD_TRY_STATUS(ended_.bind(name_of(body.state), error.find("name").string_or(""),
                                error.find("message").string_or(""), unix_ms(record.head.time), id));
    return ended_.run();
  }

  Statement submitted_;
  Statement started_;
  Statement changed_;
  Statement ended_;
};

}  // namespace

Result<std::unique_ptr<History>> History::open(const std::filesystem::path& file, JournalLog& log) {
  YARD_TRY(Database database, Database::open(file, kFormat, kSchema));
  return std::unique_ptr<History>(new History(std::move(database), log));  // NOLINT: the constructor is private
}

Result<History::Progress> History::progress() {
  YARD_TRY(Statement row, database_.prepare("SELECT position, lsn FROM progress"));
  YARD_TRY([[maybe_unused]] const bool there, row.step());
  return Progress{.position = static_cast<std::uint64_t>(row.integer(0)),
                  .lsn = static_cast<LogPosition>(row.integer(1))};
}

Status History::catch_up(const std::stop_token& stop) {
  const MutexLock lock(mutex_);
  YARD_TRY(const Progress known, progress());
  return read_on(known, stop);
}

Status History::drop_what_was_lost() {
  const MutexLock lock(mutex_);
  YARD_TRY(const Progress known, progress());
  YARD_TRY(const std::uint64_t end, log_.end_position());
  return end < known.position ? read_on({}, {}) : Status();
}

// In one transaction: what is interrupted is read again. Read from the beginning, what is behind the log's end goes.
Status History::read_on(const Progress& known, const std::stop_token& stop) {
  YARD_TRY(Transaction transaction, Transaction::begin(database_));
  YARD_TRY(Recorder recorder, Recorder::make(database_));
  Progress progress = known;
  const auto take = [&](const Record& record) -> Status {
    if (record.head.lsn <= known.lsn) return {};
    progress.lsn = record.head.lsn;
    return recorder.take(record);
  };
  YARD_TRY(progress.position, log_.read_on(known.position, take, stop));
  if (progress.lsn == known.lsn && known.lsn > 0) return {};
  YARD_TRY(Statement note, database_.prepare("UPDATE progress SET position = ?, lsn = ?"));
  YARD_TRY_STATUS(note.bind(static_cast<std::int64_t>(progress.position), static_cast<std::int64_t>(progress.lsn)));
  YARD_TRY_STATUS(note.run());
  YARD_TRY(Statement drop, database_.prepare("DELETE FROM jobs WHERE lsn > ? OR lsn <="
                                             " (SELECT lsn FROM jobs ORDER BY lsn DESC LIMIT 1 OFFSET ?)"));
  YARD_TRY_STATUS(drop.bind(static_cast<std::int64_t>(progress.lsn), kJobsMax));
  YARD_TRY_STATUS(drop.run());
  return transaction.commit();
}

Result<std::vector<PastJob>> History::find(const HistoryQuery& query) {
  const MutexLock lock(mutex_);
  // Conditions that aren't stated are always true. The newest match first, so no index helps much, and each
  // would slow down writing.
  YARD_TRY(Statement rows,
           database_.prepare("SELECT lsn, id, tool, state, error, message, attempts, created_ms, started_ms, ended_ms"
                             " FROM jobs WHERE principal = ?1 AND (?2 = '' OR tool = ?2) AND (?3 = '' OR state = ?3)"
                             " AND (?4 = '' OR instr(message, ?4) > 0)"
                             " AND created_ms >= ?5 AND created_ms <= ?6 AND lsn < ?7 ORDER BY lsn DESC LIMIT ?8"));
  const std::string_view state = query.state ? name_of(*query.state) : std::string_view();
  YARD_TRY_STATUS(rows.bind(query.principal, query.tool, state, query.text, query.since_ms, query.until_ms,
                            static_cast<std::int64_t>(query.before),
                            static_cast<std::int64_t>(std::min(query.limit, kPageMax))));
  std::vector<PastJob> found;
  for (;;) {
    YARD_TRY(const bool row, rows.step());
    if (!row) return found;
    found.push_back({.lsn = static_cast<LogPosition>(rows.integer(0)),
                     .id = rows.text(1),
                     .tool = rows.text(2),
                     .state = rows.text(3),
                     .error = rows.text(4),
                     .message = rows.text(5),
                     .attempts = rows.integer(6),
                     .created_ms = rows.integer(7),
                     .started_ms = rows.integer(8),
                     .ended_ms = rows.integer(9)});
  }
}

}  // namespace yard::jobs
