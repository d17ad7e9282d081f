#include "jobs/executors/thread_pool.h"

#include <algorithm>

#include "jobs/executors/guard.h"

namespace yard::jobs {
namespace {

// A progress bar needs no more than this; the newest is sent with the end at the latest.
constexpr Millis kProgressInterval{50};

// A fraction of what a job's stream keeps, so that it keeps some history whatever a tool streams.
constexpr std::size_t kChunkBytesMax = 256u << 10;

// What a handler sees of its attempt.
class AttemptContext final : public JobContext {
 public:
  AttemptContext(const Work& work, std::stop_token stop, ReportQueue& reports, const Clock& clock)
      : work_(work), stop_(std::move(stop)), reports_(reports), clock_(clock) {}

  [[nodiscard]] JobId id() const override { return work_.id; }
  [[nodiscard]] std::stop_token stop() const override { return stop_; }

  void progress(double percent, std::string_view message) override {
    const MutexLock lock(mutex_);
    latest_ = {.percent = std::clamp(percent, 0.0, 100.0), .message = std::string(message)};
    const SteadyTime now = clock_.now().steady;
    unsent_ = now - sent_at_ < kProgressInterval ||
              !reports_.try_push({.id = work_.id, .fence = work_.fence, .what = latest_});
    if (!unsent_) sent_at_ = now;
  }

  void chunk(BytesView data) override {
    do {
      report(Chunked{Bytes(data.substr(0, kChunkBytesMax))});
      data.remove_prefix(std::min(data.size(), kChunkBytesMax));
    } while (!data.empty());
  }
  void artifact_created(BytesView packed) override { report(ArtifactCreated{Bytes(packed)}); }
  void log(std::string_view level, std::string_view message) override {
    report(Logged{std::string(level), std::string(message)});
  }

  void flush_progress() {
    const MutexLock lock(mutex_);
    if (unsent_) report(latest_);
    unsent_ = false;
  }

  template <typename What>
  void report(What what) {
    reports_.push({.id = work_.id, .fence = work_.fence, .what = std::move(what)});
  }

 private:
  const Work& work_;
  const std::stop_token stop_;
  ReportQueue& reports_;
  const Clock& clock_;
  Mutex mutex_;
  Progressed latest_ YARD_GUARDED_BY(mutex_);
  SteadyTime sent_at_ YARD_GUARDED_BY(mutex_){};
  bool unsent_ YARD_GUARDED_BY(mutex_) = false;
};

}  // namespace

ThreadPool::ThreadPool(std::size_t threads, Runner runner, ReportQueue& reports, const Clock& clock)
    : runner_(std::move(runner)), reports_(reports), clock_(clock) {
  threads_.reserve(threads);
  for (std::size_t i = 0; i < threads; ++i) {
    threads_.emplace_back([this](std::stop_token quit) { run_loop(std::move(quit)); });
  }
}

ThreadPool::~ThreadPool() {
  {
    const MutexLock lock(mutex_);
    quitting_ = true;
    waiting_.clear();
    for (auto& [id, stop] : attempts_) stop.request_stop();
  }
  not_empty_.notify_all();
}

void ThreadPool::start(std::vector<Work>& work) {
  std::size_t wake = 0;
  {
    const MutexLock lock(mutex_);
    for (Work& one : work) {
      const Attempt& attempt = waiting_.emplace_back(std::move(one));
      attempts_.emplace(attempt.work.id, attempt.stop);
    }
    wake = std::min(idle_, work.size());
  }
  work.clear();
  for (; wake > 0; --wake) not_empty_.notify_one();
}

void ThreadPool::stop(JobId id) {
  std::stop_source stop(std::nostopstate);
  {
    const MutexLock lock(mutex_);
    const auto found = attempts_.find(id);
    if (found == attempts_.end()) return;
    stop = found->second;
  }
  stop.request_stop();  // outside the lock: it runs the handler's stop callbacks
}

std::optional<ThreadPool::Attempt> ThreadPool::take(const std::stop_token& quit) {
  const MutexLock lock(mutex_);
  ++idle_;
  while (waiting_.empty() && !quitting_ && !quit.stop_requested()) not_empty_.wait(mutex_);
  --idle_;
  if (waiting_.empty()) return std::nullopt;
  std::optional<Attempt> attempt(std::move(waiting_.front()));
  waiting_.pop_front();
  return attempt;
}

void ThreadPool::forget(JobId id) {
  const MutexLock lock(mutex_);
  attempts_.erase(id);
}

void ThreadPool::run(const Attempt& attempt) {
  const Work& work = attempt.work;
  AttemptContext context(work, attempt.stop.get_token(), reports_, clock_);
  if (attempt.stop.stop_requested()) {
    forget(work.id);
    context.report(Finished{.outcome = fail(ErrorCode::kCancelled, "stopped before it began")});
    return;
  }
  context.report(Started{});
  const SteadyTime began = clock_.now().steady;
  Bytes result;
  PackWriter writer(result);
  const Status status = run_guarded(work.tool, [&] { return runner_(work, context, writer); });
  const Nanos busy = clock_.now().steady - began;
  context.flush_progress();
  forget(work.id);
  if (status) {
    context.report(Finished{.outcome = std::move(result), .busy = busy});
  } else {
    context.report(Finished{.outcome = std::unexpected(status.error()), .busy = busy});
  }
}

void ThreadPool::run_loop(std::stop_token quit) {
  while (const auto attempt = take(quit)) run(*attempt);
}

}  // namespace yard::jobs
