// WorkerLink: a worker's socket, its session and its lease.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>
#include <zmq.hpp>

#include "clients/core/worker.h"
#include "clients/core/worker_attempt.h"
#include "dispatch/wire/message.h"
#include "engine/base/event_fd.h"
#include "engine/base/mutex.h"

namespace yard::client {

// Threads: one calls run() and owns the socket; said() may be called by any.
class WorkerLink {
 public:
  // Takes an attempt that was assigned, and never blocks. False where there is no room: the broker assigned more than
  // was registered, and gives it to another when it doesn't start.
  using OnAssign = std::function<bool(std::shared_ptr<WorkerAttempt>)>;

  // `tools`: a packed array of declarations.
  WorkerLink(const WorkerOptions& options, Bytes tools, OnAssign on_assign);

  // See Worker::run().
  [[nodiscard]] Status run(const std::stop_token& stop);

  // The attempt has something to send, or is over.
  void said(std::shared_ptr<WorkerAttempt> attempt) YARD_EXCLUDES(mutex_);

 private:
  void connect();
  [[nodiscard]] bool is_alone() const;
  void wait();
  void take_said();
  void take_frames();
  void take(BytesView frame);
  void on_welcome(std::uint64_t session);
  void on_assign(const wire::Message& message, PackView body);
  void on_nack(const wire::Header& header, PackView body);
  void keep_lease();
  void enroll();
  void renew();
  void write_attempts(PackMap& map) const;
  template <typename Write>
  void send(wire::Verb verb, std::uint64_t correlation, Write&& write);
  void send_reports(WorkerAttempt& attempt);
  void forget_if_over(std::uint64_t fence);

  const WorkerOptions options_;
  const Bytes tools_;
  const OnAssign on_assign_;
  const Uuid id_;
  zmq::context_t context_{1};
  zmq::socket_t socket_;
  std::uint64_t session_ = 0;
  bool said_hello_ = false;
  bool leaving_ = false;
  Millis renew_every_{1'000};
  SteadyTime heard_{};      // the broker
  SteadyTime connected_{};  // to where it may be
  SteadyTime renew_at_{};
  std::map<std::uint64_t, std::shared_ptr<WorkerAttempt>> held_;  // by fence; shared with the pool that runs them
  Status refused_;

  EventFd wake_;
  std::atomic<bool> sleeping_ = false;
  Mutex mutex_;
  std::vector<std::shared_ptr<WorkerAttempt>> said_ YARD_GUARDED_BY(mutex_);
  std::vector<std::shared_ptr<WorkerAttempt>> taken_;  // scratch
};

}  // namespace yard::client
