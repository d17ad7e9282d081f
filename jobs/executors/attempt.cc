#include "jobs/executors/attempt.h"

#include <algorithm>

#include "engine/base/mutex.h"
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
  AttemptContext(const Work& work, std::stop_token stop, ReportSink& reports, const Clock& clock)
      : work_(work), stop_(std::move(stop)), reports_(reports), clock_(clock) {}

  [[nodiscard]] JobId id() const override { return work_.id; }
  [[nodiscard]] std::string_view principal() const override { return work_.principal; }
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
  ReportSink& reports_;
  const Clock& clock_;
  Mutex mutex_;
  Progressed latest_ YARD_GUARDED_BY(mutex_);
  SteadyTime sent_at_ YARD_GUARDED_BY(mutex_){};
  bool unsent_ YARD_GUARDED_BY(mutex_) = false;
};

}  // namespace

void run_attempt(const Work& work, const std::stop_token& stop, const Runner& runner, ReportSink& reports,
                 const Clock& clock, const std::function<void()>& before_finish) {
  AttemptContext context(work, stop, reports, clock);
  if (stop.stop_requested()) {
    before_finish();
    return context.report(Finished{.outcome = fail(ErrorCode::kCancelled, "stopped before it began")});
  }
  context.report(Started{});
  const SteadyTime began = clock.now().steady;
  Bytes result;
  PackWriter writer(result);
  const Status status = run_guarded(work.tool, [&] { return runner(work, context, writer); });
  const Nanos busy = clock.now().steady - began;
  context.flush_progress();
  before_finish();
  if (status) {
    context.report(Finished{.outcome = std::move(result), .busy = busy});
  } else {
    context.report(Finished{.outcome = std::unexpected(status.error()), .busy = busy});
  }
}

}  // namespace yard::jobs
