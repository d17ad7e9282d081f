// WorkerAttempt: one attempt at a job, between the handler that runs it and the thread that talks to the broker.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>

#include "clients/core/worker.h"
#include "dispatch/wire/message.h"
#include "engine/base/mutex.h"

namespace yard::client {

// Numbers what the handler says and keeps it until it is acknowledged. What no broker takes becomes the attempt's
// failure: repeated, it would be refused for ever.
//
// Owned by the link, until the broker has written its end, and by the thread that runs its handler.
// Threads: as each function says.
class WorkerAttempt final : public WorkerContext, public std::enable_shared_from_this<WorkerAttempt> {
 public:
  struct Options {
    JobId job;
    std::uint64_t fence = 0;
    std::string tool;
    std::uint32_t attempt = 1;
    bool once = false;  // begins only when its START is acknowledged
    Bytes arguments;
    std::size_t bytes_max = 0;  // of what is kept
  };
  using OnSaid = std::function<void(std::shared_ptr<WorkerAttempt>)>;

  // `on_said` is called by the handler's thread when there is something to send, or it is over.
  WorkerAttempt(Options options, OnSaid on_said) : options_(std::move(options)), on_said_(std::move(on_said)) {}

  // ---- the handler's thread

  void run(const WorkerHandler& handler);

  [[nodiscard]] JobId job() const override { return options_.job; }
  [[nodiscard]] std::uint32_t attempt() const override { return options_.attempt; }
  [[nodiscard]] std::stop_token stop() const override { return stop_.get_token(); }
  void progress(double percent, std::string_view message) override;
  void chunk(BytesView data) override;
  void log(std::string_view level, std::string_view message) override;

  // ---- the link's thread

  [[nodiscard]] std::uint64_t fence() const { return options_.fence; }
  [[nodiscard]] const std::string& tool() const { return options_.tool; }
  [[nodiscard]] std::uint64_t reported() const { return reported_; }

  // Appends what was not sent yet as frames of this session; send(BytesView) is false when it can't go out.
  template <typename Send>
  void send_reports(std::uint64_t session, Send&& send);

  // Everything that was sent and not acknowledged is to be sent again.
  void rewind();
  [[nodiscard]] bool is_waiting() const;  // something was sent and is not acknowledged

  void acknowledge(std::uint64_t number);

  // The broker doesn't take the report `number`: the attempt fails in its place, if it is still kept.
  void refuse(std::uint64_t number, const Error& error);

  void request_stop() { stop_.request_stop(); }
  void revoke();

  // Whether the handler has something to do: it is not done, and doesn't wait for the broker.
  [[nodiscard]] bool is_busy() const;

  // The handler is done and nothing is kept: it may be forgotten.
  [[nodiscard]] bool is_over() const;

 private:
  struct Report {
    std::uint64_t number;
    wire::Verb verb;
    Bytes body;
  };

  void say(wire::Verb verb, Bytes body);
  void wait_for_broker() YARD_REQUIRES(mutex_);
  void wake() YARD_REQUIRES(mutex_);
  void keep(wire::Verb verb, Bytes body) YARD_REQUIRES(mutex_);
  void await_start();
  [[nodiscard]] Result<Bytes> call(const WorkerHandler& handler);

  const Options options_;
  const OnSaid on_said_;
  std::stop_source stop_;
  std::uint64_t reported_ = 0;  // the link's

  mutable Mutex mutex_;
  CondVar changed_;
  std::deque<Report> kept_ YARD_GUARDED_BY(mutex_);
  std::size_t kept_bytes_ YARD_GUARDED_BY(mutex_) = 0;
  std::uint64_t last_ YARD_GUARDED_BY(mutex_) = 0;  // number of the newest report
  std::uint64_t sent_ YARD_GUARDED_BY(mutex_) = 0;  // and of the newest that was sent
  bool closed_ YARD_GUARDED_BY(mutex_) = false;     // its last report is kept, or it was revoked: nothing more is said
  bool started_ YARD_GUARDED_BY(mutex_) = false;    // START is acknowledged
  bool waiting_ YARD_GUARDED_BY(mutex_) = false;    // the handler, for the broker
  bool done_ YARD_GUARDED_BY(mutex_) = false;       // the handler
};

template <typename Send>
void WorkerAttempt::send_reports(std::uint64_t session, Send&& send) {
  const MutexLock lock(mutex_);
  for (const Report& report : kept_) {
    if (report.number <= sent_) continue;
    const wire::Header header{.verb = report.verb,
                              .correlation = report.number,
                              .id = options_.job.value(),
                              .session = session,
                              .fence = options_.fence};
    if (!send(wire::encode(header, "", report.body))) return;
    sent_ = report.number;
  }
}

}  // namespace yard::client
