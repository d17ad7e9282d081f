// History: every durable job there was, for people who search.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/mutex.h"
#include "engine/base/result.h"
#include "jobs/job_id.h"
#include "jobs/logs/journal_log.h"
#include "jobs/sqlite/database.h"
#include "jobs/state.h"

namespace yard::jobs {

// Empty or none: any.
struct HistoryQuery {
  std::string_view principal;  // always stated: everybody sees their own jobs
  std::string_view tool = {};
  std::optional<JobState> state = {};
  std::string_view text = {};  // occurs in the error's message
  std::int64_t since_ms = 0;   // submitted at or after, Unix time
  std::int64_t until_ms = INT64_MAX;
  LogPosition before = INT64_MAX;  // submitted before: the cursor of the last page
  std::size_t limit = 100;
};

struct PastJob {
  LogPosition lsn = 0;  // of its submit
  std::string id;       // 32 hex digits
  std::string tool;
  std::string state;
  std::string error;  // its name; empty: none
  std::string message;
  std::int64_t attempts = 0;
  std::int64_t created_ms = 0;  // Unix time
  std::int64_t started_ms = 0;  // of the last attempt; 0: never
  std::int64_t ended_ms = 0;    // 0: not yet
};

// A SQLite file that follows the log of jobs at its own pace: nothing on the road waits for it, and what it missed
// it reads when somebody asks, or before the log drops it. It can be deleted; what the log still has is then read
// again.
//
// Threads: any; every call waits for the disk.
class History {
 public:
  // The newest jobs; older ones are dropped.
  static constexpr std::int64_t kJobsMax = 1'000'000;
  static constexpr std::size_t kPageMax = 1'000;

  // `log` must outlive it. Errors: kIo, kUnsupported.
  [[nodiscard]] static Result<std::unique_ptr<History>> open(const std::filesystem::path& file, JournalLog& log);

  // Takes up what the log has and it has not. Errors: kIo, the log's, kCancelled.
  [[nodiscard]] Status catch_up(const std::stop_token& stop) YARD_EXCLUDES(mutex_);

  // After a loss of power the log may end before what was read of it: then that is read anew. To be called after the
  // log's replay, before anything is appended to it. Errors: kIo, the log's.
  [[nodiscard]] Status drop_what_was_lost() YARD_EXCLUDES(mutex_);

  // Newest first. Errors: kIo.
  [[nodiscard]] Result<std::vector<PastJob>> find(const HistoryQuery& query) YARD_EXCLUDES(mutex_);

 private:
  struct Progress {
    std::uint64_t position = 0;  // in the journal
    LogPosition lsn = 0;         // of the last record
  };

  History(Database database, JournalLog& log) : log_(log), database_(std::move(database)) {}
  [[nodiscard]] Result<Progress> progress() YARD_REQUIRES(mutex_);
  [[nodiscard]] Status read_on(const Progress& known, const std::stop_token& stop) YARD_REQUIRES(mutex_);

  JournalLog& log_;
  Mutex mutex_;
  Database database_ YARD_GUARDED_BY(mutex_);
};

}  // namespace yard::jobs
