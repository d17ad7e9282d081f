// Durable jobs beside what the disk allows, and a restart beside reading the log.
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <memory>

#include "broker/core/core.h"
#include "dispatch/wire/message.h"
#include "engine/base/check.h"
#include "engine/journal/posix_disk.h"
#include "jobs/logs/journal_log.h"
#include "jobs/records.h"
#include "tests/bench/durable_broker.h"
#include "tests/bench/raw_echo.h"
#include "tests/bench/road_bench.h"

namespace yard::bench {
namespace {

using testing::BrokerFixture;
using testing::RawSession;

constexpr int kAlone = 300;
constexpr int kPipelined = 100'000;
constexpr int kSyncedPipelined = 40'000;
constexpr std::size_t kRecordBytes = 256;
constexpr int kQueuedJobs = 1'000'000;

// A file with its space reserved, and records of a job's size.
class SyncedFile {
 public:
  explicit SyncedFile(const std::filesystem::path& folder)
      : fd_(open((folder / "reference").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    YARD_CHECK(fd_ >= 0 && posix_fallocate(fd_, 0, kSize) == 0);
    const Bytes zeros(kSize, '\0');
    YARD_CHECK(pwrite(fd_, zeros.data(), zeros.size(), 0) == static_cast<ssize_t>(zeros.size()) && fdatasync(fd_) == 0);
  }
  SyncedFile(const SyncedFile&) = delete;
  SyncedFile& operator=(const SyncedFile&) = delete;
  ~SyncedFile() { close(fd_); }

  void write_and_sync(std::size_t records) {
    const Bytes bytes(records * kRecordBytes, 'r');
    if (at_ + bytes.size() > kSize) at_ = 0;
    YARD_CHECK(pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at_)) == static_cast<ssize_t>(bytes.size()));
    YARD_CHECK(fdatasync(fd_) == 0);
    at_ += bytes.size();
  }

 private:
  static constexpr std::size_t kSize = 32u << 20;
  int fd_;
  std::size_t at_ = 0;
};

struct Setting : DurableBroker {
  BrokerFixture memory_broker;
  RawSession memory_session{memory_broker.endpoints()};
  RawEcho echo;
  SyncedFile file{folder.path()};

  // A job that is not run while this lasts: its end would share the disk with the next submit.
  static Bytes scheduled(RawSession& session) {
    Bytes body;
    PackWriter writer(body);
    PackMap(writer).natural("delay_ms", 3'600'000);
    body += kNoArguments;
    return session.frame(wire::Verb::kCall, "noop", body, 0, session.fresh_id(), wire::kHasOptions);
  }
};

void expect(BytesView frame, wire::Verb verb) {
  const auto message = wire::decode(frame);
  YARD_CHECK(message && message->header.verb == verb);
}

// ---- a restart

// A log of a million queued jobs, written as a broker writes it.
void write_queued(const std::filesystem::path& folder) {
  const auto log = open_log(folder);
  YARD_CHECK(log->replay([](const jobs::Record&) { return Status(); }).has_value());
  SeededRandom random(1);
  jobs::NameTable names;
  jobs::RecordBatch batch;
  std::vector<jobs::Commit> commits;
  for (int i = 1; i <= kQueuedJobs; ++i) {
    jobs::JobOrder order{
        .id = JobId(make_uuid(random)), .tool = "noop", .principal = "local", .arguments = kNoArguments};
    Bytes body;
    PackWriter writer(body);
    jobs::write_submitted(writer, jobs::Job(order, names));
    batch.append({.kind = jobs::RecordKind::kSubmitted,
                  .grade = jobs::Grade::kBuffered,
                  .job = order.id,
                  .lsn = static_cast<jobs::LogPosition>(i)},
                 body);
    if (i % 1'000 == 0) log->append(1, batch, static_cast<jobs::LogPosition>(i));
    log->completions(commits);
  }
}

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

double restart_seconds(const std::filesystem::path& folder) {
  const tools::Registry registry;
  SeededRandom random(1);
  const Now now = SystemClock().now();
  double seconds = 0;
  {
    broker::Core core({}, registry, random);
    seconds = seconds_of([&] {
      const auto log = open_log(folder);
      const auto last = log->replay([&](const jobs::Record& record) { return core.restore(now, record); });
      YARD_CHECK(last.has_value());
      core.resume(now, *last);
    });
    YARD_CHECK(core.jobs().live() == kQueuedJobs);
  }
  return seconds;
}

double read_seconds(const std::filesystem::path& folder) {
  int checked = 0;
  const double seconds = seconds_of([&] {
    const auto log = open_log(folder);
    YARD_CHECK(log->replay([&](const jobs::Record& record) -> Status {
                    YARD_TRY_STATUS(check_pack(record.body));
                    YARD_TRY(const jobs::Submitted submitted, jobs::read_submitted(record));
                    checked += submitted.state == jobs::JobState::kQueued;
                    return {};
                  })
                   .has_value());
  });
  YARD_CHECK(checked == kQueuedJobs);
  return seconds;
}

Comparison restart_comparison() {
  struct QueuedLog {
    testing::TempDir folder;
    QueuedLog() { write_queued(folder.path()); }
  };
  const auto queued = lazily<QueuedLog>();
  return {.name = "restart with 10^6 queued jobs",
          .reference_name = "reading and checking the log's records",
          .unit = "s",
          .reach_for = 3,
          .smaller_is_better = true,
          .ours = [queued] { return restart_seconds(queued().folder.path()); },
          .reference = [queued] { return read_seconds(queued().folder.path()); }};
}

// ---- submits

std::vector<Comparison> submit_comparisons() {
  const auto setting = lazily<Setting>();
  std::vector<Comparison> all;
  all.push_back({.name = "synced submit alone",
                 .reference_name = "raw echo + one fdatasync of a preallocated file",
                 .unit = "us",
                 .reach_for = 1.3,
                 .smaller_is_better = true,
                 .ours =
                     [setting] {
                       Setting& s = setting();
                       return round_trip_us(
                           kAlone, [&] { s.session.send(Setting::scheduled(s.session)); },
                           [&] { expect(s.session.receive(), wire::Verb::kJob); });
                     },
                 .reference =
                     [setting] {
                       Setting& s = setting();
                       const Bytes frame(64, 'r');
                       return round_trip_us(
                           kAlone, [&] { s.echo.send(frame); },
                           [&] {
                             s.echo.receive();
                             s.file.write_and_sync(1);
                           });
                     }});
  all.push_back({.name = "synced jobs pipelined",
                 .reference_name = "records of one job in the same file, a window a fdatasync",
                 .unit = "k/s",
                 .reach_for = 0.1,
                 .ours = [setting] { return jobs_k(setting().session, "noop", kSyncedPipelined); },
                 .reference =
                     [setting] {
                       Setting& s = setting();
                       const double seconds = seconds_of([&] {
                         for (int i = 0; i < kSyncedPipelined / kJobWindow; ++i) s.file.write_and_sync(kJobWindow);
                       });
                       return kSyncedPipelined / seconds / 1'000;
                     }});
  all.push_back({.name = "buffered jobs pipelined",
                 .reference_name = "the same broker with its log in memory",
                 .unit = "k/s",
                 .reach_for = 1 / 1.2,
                 .ours = [setting] { return jobs_k(setting().session, "noop_buffered", kPipelined); },
                 .reference = [setting] { return jobs_k(setting().memory_session, "noop_buffered", kPipelined); }});
  return all;
}

}  // namespace

std::vector<Comparison> durable_comparisons() {
  std::vector<Comparison> all = submit_comparisons();
  all.push_back(restart_comparison());
  return all;
}

}  // namespace yard::bench
